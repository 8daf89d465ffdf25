/// Cuts a text into tokens.
///
/// Never fails: what it does not know is a symbol. Linear in the text but for quotation marks that never
/// close, of which it looks at most `quoteReach` scalars ahead.
struct QuestionScanner {
    /// Longest quoted string, in scalars; a mark without a partner nearer than that is a symbol.
    static let quoteReach = 400

    let scalars: [Unicode.Scalar]
    var at = 0
    private(set) var tokens: [QuestionToken] = []
    private(set) var hasFence = false
    private var opensSentence = true

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        while at < scalars.count { step() }
    }

    private mutating func step() {
        let scalar = scalars[at]
        if scalar.isLineEnd {
            lineBreak()
        } else if scalar.isBlank {
            at += 1
        } else if scalar == "`" {
            code()
        } else if at == 0 || !scalars[at - 1].isWordPart, let closing = Self.closing[scalar] {
            quoted(closing)
        } else if scalar.isWordPart || opensMixed() {
            chunk()
        } else {
            symbol()
        }
    }

    private static let closing: [Unicode.Scalar: Set<Unicode.Scalar>] = [
        "\"": ["\"", "\u{201D}"], "\u{201C}": ["\u{201D}", "\""], "\u{201E}": ["\u{201C}", "\u{201D}"],
        "\u{00AB}": ["\u{00BB}"], "\u{201D}": ["\u{201D}"], "'": ["'"], "\u{2018}": ["\u{2019}"],
    ]

    private mutating func lineBreak() {
        var indentation = ""
        while at < scalars.count, scalars[at].isBlank {
            if scalars[at].isLineEnd {
                indentation = ""
            } else {
                indentation.unicodeScalars.append(scalars[at])
            }
            at += 1
        }
        append(.lineBreak, indentation, indentation)
        opensSentence = true
    }

    private mutating func code() {
        var ticks = 0
        while at + ticks < scalars.count, scalars[at + ticks] == "`" { ticks += 1 }
        let start = at + ticks
        if ticks >= 3 { hasFence = true }
        var end = start
        var run = 0
        while end < scalars.count {
            run = scalars[end] == "`" ? run + 1 : 0
            end += 1
            if run == ticks { break }
        }
        guard run == ticks, end - ticks > start else {
            if ticks >= 3 {
                // A fence that never closes holds the rest of the text.
                append(.code, text(start, scalars.count))
                at = scalars.count
            } else {
                symbol()
            }
            return
        }
        append(.code, text(start, end - ticks))
        at = end
    }

    private mutating func quoted(_ closing: Set<Unicode.Scalar>) {
        let isSingle = scalars[at] == "'" || scalars[at] == "\u{2018}"
        let limit = min(scalars.count, at + Self.quoteReach)
        var end = at + 1
        while end < limit {
            let isLast = end + 1 >= scalars.count || !scalars[end + 1].isWordPart
            if closing.contains(scalars[end]), !isSingle || isLast { break }
            end += 1
        }
        guard end < limit, end > at + 1 else { return symbol() }
        append(.quoted, text(at + 1, end))
        at = end + 1
    }

    private mutating func symbol() {
        let scalar = scalars[at]
        var end = at + 1
        if scalar.isASCII, !scalar.isBracket {
            // `==`, `->` and `...` are one.
            let isOperator = scalar.isOperator || scalar == "!" && end < scalars.count && scalars[end] == "="
            while isOperator, end < scalars.count, scalars[end].isOperator { end += 1 }
            while end < scalars.count, scalars[end] == scalar { end += 1 }
        }
        let written = text(at, end)
        append(.symbol, written, written)
        if scalar.endsSentence { opensSentence = true }
        at = end
    }

    /// True where a sign begins something like `.net`, `--force`, `#12`, `/tmp`, `<br>` or `-5`.
    private func opensMixed() -> Bool {
        let scalar = scalars[at]
        guard at + 1 < scalars.count, !scalars[at + 1].isBlank else { return false }
        // In "km/h" it only stands between words.
        guard at == 0 || !scalars[at - 1].isWordPart else { return false }
        let next = scalars[at + 1]
        if scalar == "." || scalar == "@" || scalar == "_" || scalar == "&" { return next.isWordPart }
        if scalar.isCurrency { return false }
        if scalar == "-" || scalar == "\u{2212}" { return next.isWordPart || next == "-" || next == "." }
        if scalar == "!" { return next.isWordPart }
        return ASCIISigns.openers.contains(scalar) && hasWordPart(from: at + 1)
    }

    private func hasWordPart(from start: Int) -> Bool {
        var index = start
        while index < scalars.count, !scalars[index].isBlank {
            if scalars[index].isWordPart { return true }
            index += 1
        }
        return false
    }

    private mutating func chunk() {
        let (end, chunk) = QuestionChunk.cut(scalars, from: at)
        guard end > at, let chunk else { return symbol() }
        var token = chunk
        token.opensSentence = opensSentence
        opensSentence = false
        tokens.append(token)
        at = end
    }

    private mutating func append(_ kind: QuestionToken.Kind, _ text: String, _ folded: String? = nil) {
        tokens.append(QuestionToken(kind: kind, text: text, folded: folded ?? text))
    }

    private func text(_ start: Int, _ end: Int) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[start..<end])
        return String(text)
    }
}
