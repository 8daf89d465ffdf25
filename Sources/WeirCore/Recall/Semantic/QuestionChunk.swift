/// Cuts one token out of a run of scalars without white space.
enum QuestionChunk {
    /// The token that begins at `start`, which is no white space, and where it ends; no token where the
    /// run is punctuation only.
    static func cut(_ scalars: [Unicode.Scalar], from start: Int) -> (end: Int, token: QuestionToken?) {
        var end = start
        while end < scalars.count, !scalars[end].isBlank, !ends(scalars[end]) { end += 1 }
        end = trimmed(scalars, start, end)
        guard end > start else { return (start, nil) }
        var core = scalars[start..<end]
        if !core.contains(where: \.isCodeSign), let separator = separator(core) {
            guard separator > start else { return (start, nil) }
            end = trimmed(scalars, start, separator)
            core = scalars[start..<end]
        }
        guard core.contains(where: \.isWordPart) else { return (start, nil) }
        return (end, token(core))
    }

    private static func ends(_ scalar: Unicode.Scalar) -> Bool {
        [0x22, 0x60, 0xAB, 0xBB, 0x201C, 0x201D].contains(scalar.value)
    }

    /// Where punctuation after the last letter begins.
    private static func trimmed(_ scalars: [Unicode.Scalar], _ start: Int, _ end: Int) -> Int {
        var end = end
        while end > start {
            let last = scalars[end - 1]
            if last.isWordPart { break }
            let before = scalars[start..<end - 1]
            switch last {
            case ")" where before.contains("("), "]" where before.contains("["),
                "}" where before.contains("{"):
                return end
            case "%" where before.last?.isDigit == true: break
            case "+", "#", "*", "/", "$", "=", "%", ">", "_", "&", "^", "|", "~", "\\": return end
            default: break
            }
            end -= 1
        }
        return end
    }

    /// The first sign between two words: `yes,no`, `and/or`, `wait—what`.
    private static func separator(_ core: ArraySlice<Unicode.Scalar>) -> Int? {
        // A slash belongs to a path or a version that has digits or dots.
        let isPlain = core.allSatisfy { $0.isLetter || $0 == "/" || $0.isApostrophe || $0 == "-" }
        for index in core.indices.dropFirst() {
            let scalar = core[index]
            if scalar.isWordPart || scalar.isApostrophe || scalar == "-" || scalar == "." { continue }
            let isGrouping = core[index - 1].isDigit && index + 1 < core.endIndex && core[index + 1].isDigit
            if scalar == ",", isGrouping { continue }
            if scalar == "/", !isPlain { continue }
            if scalar == "," || scalar == ";" || scalar == "/" || scalar == "!" || scalar == "?" {
                return index
            }
            if !scalar.isASCII, !isGrouping, scalar.value != 0xB0, scalar.value != 0xB7 { return index }
        }
        return nil
    }

    private static func token(_ core: ArraySlice<Unicode.Scalar>) -> QuestionToken {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: core)
        let text = String(view)
        if let number = number(core) { return QuestionToken(kind: .number, text: text, folded: number) }
        if core.allSatisfy({ $0.isLetter || $0.isApostrophe || $0 == "-" }), core.first?.isLetter == true {
            return word(text, core)
        }
        return QuestionToken(kind: .mixed, text: text, folded: foldsCase(text, core) ? text.foldedWord : text)
    }

    private static func word(_ text: String, _ core: ArraySlice<Unicode.Scalar>) -> QuestionToken {
        let folded = text.foldedWord
        let letters = core.filter(\.isLetter)
        let isAllCapitals = letters.count > 1 && letters.allSatisfy { !$0.isLower }
        var isCamel = false
        var last: Unicode.Scalar?
        for scalar in core {
            if scalar.isUpper, last?.isLower == true { isCamel = true }
            last = scalar
        }
        if isCamel, !CaseRules.brands.contains(folded) {
            return QuestionToken(kind: .mixed, text: text, folded: text)
        }
        return QuestionToken(
            kind: .word, text: text, folded: folded, isCapitalised: core.first?.isUpper == true,
            isAllCapitals: isAllCapitals)
    }

    /// The digits without grouping; trailing zeros stay, as 3.10 may be a version.
    ///
    /// `nil` for what is no number.
    private static func number(_ core: ArraySlice<Unicode.Scalar>) -> String? {
        var digits = ""
        var group = -1
        var points = 0
        for (offset, scalar) in core.enumerated() {
            if scalar.isDigit {
                digits.unicodeScalars.append(scalar)
                if group >= 0 { group += 1 }
            } else if offset == 0, scalar == "-" || scalar == "\u{2212}" {
                digits = "-"
            } else if scalar == ",", points == 0, group == -1 || group == 3, !digits.isEmpty {
                group = 0
            } else if scalar == ".", points == 0, group == -1 || group == 3 {
                points = 1
                group = -1
                digits += "."
            } else {
                return nil
            }
        }
        guard digits.utf8.contains(where: { 48...57 ~= $0 }), group == -1 || group == 3 else { return nil }
        return digits
    }

    /// True where `Covid-19` is `covid-19`, but not `5M` `5m`, and not where signs make it code.
    private static func foldsCase(_ text: String, _ core: ArraySlice<Unicode.Scalar>) -> Bool {
        let folded = text.foldedWord
        if let dot = folded.utf8.lastIndex(of: 46), CaseRules.foldedEndings.contains(String(folded[dot...])) {
            return core.allSatisfy { $0.isLetter || $0 == "." }
        }
        guard core.allSatisfy({ $0.isWordPart || $0 == "-" || $0 == "+" || $0 == "#" }) else { return false }
        if core.first?.isLetter == true { return true }
        return CaseRules.foldedSuffixes.contains(String(folded.drop { $0.isASCII && ("0"..."9") ~= $0 }))
    }
}
