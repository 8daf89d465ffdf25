/// Sorts a question's tokens into matter and function words.
struct QuestionReader {
    private let text: QuestionText
    private(set) var content: [ContentPiece] = []
    private(set) var marks: [FunctionMark] = []
    private let foldsPlural: Bool
    /// In "km/h" letters are units.
    private let speaksOfSpeed: Bool
    /// "Into" is "to".
    private let converts: Bool
    /// How much matter comes before the first break in a text that begins with a preposition.
    private(set) var frontEnd: Int?
    /// True where brackets group an expression rather than set off a remark.
    private let hasOperators: Bool

    init(_ text: QuestionText) {
        self.text = text
        foldsPlural = Self.asks(text.tokens)
        speaksOfSpeed = text.tokens.contains { $0.kind == .symbol && $0.text == "/" }
        converts = text.tokens.contains { ["convert", "converted", "transform"].contains($0.word) }
        hasOperators = text.tokens.contains {
            $0.kind == .symbol && $0.text.unicodeScalars.contains(where: \.isOperator)
        }
        var index = skippedOpening(text.tokens)
        while index < text.tokens.count { index += read(index) }
    }

    /// True for a question, of which a plural asks the same; not for a request: "delete the file" leaves
    /// others.
    private static func asks(_ tokens: [QuestionToken]) -> Bool {
        guard let first = tokens.first?.word else { return false }
        if CourtesyWords.questionWords.contains(first) || CourtesyWords.verbs.contains(first) { return true }
        guard FunctionWord.fronting.contains(first), let stop = tokens.firstIndex(where: \.isBreak) else {
            return false
        }
        let next = tokens[(stop + 1)...].first?.word ?? ""
        return CourtesyWords.questionWords.contains(next) || CourtesyWords.verbs.contains(next)
    }

    /// "What is the capital" asks what "the capital" asks.
    private func skippedOpening(_ tokens: [QuestionToken]) -> Int {
        guard tokens.count > 2, tokens[0].word == "what", ["is", "are"].contains(tokens[1].word) else {
            return 0
        }
        return FunctionWord.table[tokens[2].word] == nil ? 2 : 0
    }

    /// Reads what begins at that token; gives how many tokens that was.
    private mutating func read(_ index: Int) -> Int {
        let token = text.tokens[index]
        switch token.kind {
        case .word: return readWord(index)
        case .number: add(.number, token.folded)
        case .mixed: readMixed(token)
        case .quoted, .code: add(.quoted, token.text)
        case .symbol: readSymbol(token, after: index > 0 ? text.tokens[index - 1].kind : nil)
        case .lineBreak: break
        }
        return 1
    }

    private mutating func readWord(_ index: Int) -> Int {
        let token = text.tokens[index]
        // Where wording is asked about, nothing is filler.
        if !text.isLiteral, text.isFiller(articleAt: index) || FunctionWord.fillers.contains(token.folded) {
            return 1
        }
        let cased = text.cased(index)
        if cased.hasPrefix("^") {
            // Capitals may stand for words; the mark is for the key only.
            let word = token.isAllCapitals ? token.folded : cased
            if let date = MeasureWords.dates[cased] { add(.date, date) } else { addName(word, token) }
            return 1
        }
        if speaksOfSpeed, let unit = letterUnit(index) {
            add(.unit, unit)
            return 1
        }
        if cased != token.folded, MeasureWords.units[cased] == nil {
            add(.unit, cased)
            return 1
        }
        if token.isAllCapitals, text.isName(token), token.text.utf8.count <= 5, content.last?.kind != .number
        {
            addName(token.folded, token)
            return 1
        }
        if token.folded == "i", isRoman(index) {
            add(.number, "1")
            return 1
        }
        if let (phrase, length) = phrase(index) {
            mark(phrase)
            return length
        }
        if let (joined, length) = compound(index) {
            add(.word, joined)
            return length
        }
        let reach = text.tokens[index..<min(index + 14, text.tokens.count)].map(\.word)
        if let (number, count) = NumberWords.read(reach), !(number == "#2" && isUnitOfTime(index)) {
            add(.number, number)
            return count
        }
        let parts = token.folded.split(separator: "-").map(String.init)
        if parts.count > 1, WordForms.base(of: token.folded, foldsPlural: false) == token.folded {
            readParts(parts, token)
        } else {
            addWord(token.folded, token, precedesWord: index + 1 < text.tokens.count && isMatter(index + 1))
        }
        return 1
    }

    /// The m and s of "m/s".
    private func letterUnit(_ index: Int) -> String? {
        let next = index + 1 < text.tokens.count ? text.tokens[index + 1].text : ""
        let before = index > 0 ? text.tokens[index - 1].text : ""
        switch text.tokens[index].text {
        case "m" where next == "/": return "meter"
        case "s" where before == "/": return "second"
        case "h" where before == "/": return "hour"
        default: return nil
        }
    }

    private mutating func readParts(_ parts: [String], _ token: QuestionToken) {
        var rest = parts[...]
        while let part = rest.first {
            if let (number, count) = NumberWords.read(rest) {
                add(.number, number)
                rest = rest.dropFirst(count)
            } else {
                addWord(part, token, precedesWord: rest.count > 1)
                rest = rest.dropFirst()
            }
        }
    }

    private mutating func addWord(_ word: String, _ token: QuestionToken, precedesWord: Bool) {
        // Of the day, not of "I am".
        if word == "am", content.last?.kind == .number { return add(.date, "am") }
        if let date = MeasureWords.dates[word] { return add(.date, date) }
        if let unit = MeasureWords.units[token.text] ?? MeasureWords.units[word] { return add(.unit, unit) }
        // Roberts is not Robert; PDFs are PDF.
        let isProper = text.isName(token) && token.text.unicodeScalars.dropLast().contains(where: \.isLower)
        let base = WordForms.base(of: word, foldsPlural: foldsPlural && !isProper)
        if FunctionWord.articles.contains(base), base != word { return }
        if let turn = FunctionWord.table[base] {
            // "Which planet" is "what planet"; "which is it" is not "what is it".
            if turn.group == "what", precedesWord { return mark("which", like: turn) }
            return mark(converts && turn.group == "into" ? "to" : turn.group, like: turn)
        }
        if text.isName(token) { addName(base, token) } else { add(.word, base) }
    }

    private mutating func addName(_ word: String, _ token: QuestionToken) {
        let isAcronym = token.isAllCapitals && (2...5).contains(token.text.utf8.count)
        content.append(ContentPiece(kind: .word, text: word, isName: true, isAcronym: isAcronym))
    }

    /// `5km` as 5 and kilometer, `1st` as an ordinal; anything else as it stands.
    private mutating func readMixed(_ token: QuestionToken) {
        let digits = token.folded.prefix { $0.isASCII && ("0"..."9") ~= $0 || $0 == "." || $0 == "," }
        let suffix = String(token.folded.dropFirst(digits.count))
        let number = String(digits.filter { $0 != "," })
        guard digits.first != ".", !digits.isEmpty, digits.last != "." else {
            return add(.identifier, token.folded)
        }
        if ["st", "nd", "rd", "th"].contains(suffix) {
            add(.number, "#" + number)
        } else if suffix == "am" || suffix == "pm" {
            add(.number, number)
            add(.date, suffix)
        } else if let unit = MeasureWords.units[suffix] ?? MeasureWords.units[suffix.foldedWord] {
            add(.number, number)
            add(.unit, unit)
        } else {
            add(.identifier, token.folded)
        }
    }

    private mutating func readSymbol(_ token: QuestionToken, after: QuestionToken.Kind?) {
        if let unit = MeasureWords.units[token.text] { return add(.unit, unit) }
        if token.isBreak {
            frontEnd = frontEnd ?? content.count
            return
        }
        if token.text == "'" || token.text == "\"" {
            if after == .number { add(.unit, token.text == "'" ? "foot" : "inch") }
            return
        }
        if let scalar = token.text.unicodeScalars.first, scalar.isBracket, !hasOperators { return }
        // Kilometres per hour.
        if token.text == "/", content.last?.kind == .unit { return mark("per") }
        add(.identifier, token.text)
    }

    private mutating func add(_ kind: ContentPiece.Kind, _ text: String) {
        content.append(ContentPiece(kind: kind, text: text))
    }

    private mutating func mark(_ group: String, like turn: FunctionWord? = nil) {
        guard let turn = turn ?? FunctionWord.table[group] else { return }
        marks.append(
            FunctionMark(group: group, speaks: turn.speaks, next: turn.isPlaced ? content.count : -1))
    }

    // MARK: - More than one token

    /// "In what year" as "when", "a day" as "per day".
    private func phrase(_ index: Int) -> (String, Int)? {
        let words = text.tokens[index..<min(index + 3, text.tokens.count)].map(\.word)
        if words.count == 3, words[0] == "in", ["what", "which"].contains(words[1]), words[2] == "year" {
            return ("when", 3)
        }
        if words.count > 1, words[0] == "a", Self.spans.contains(words[1]), content.last?.kind == .unit {
            return ("per", 1)
        }
        return nil
    }

    private static let spans: Set<String> = [
        "second", "minute", "hour", "day", "night", "week", "month", "year",
    ]

    /// "Log in" and "login".
    private func compound(_ index: Int) -> (String, Int)? {
        guard index + 1 < text.tokens.count else { return nil }
        let (first, second) = (text.tokens[index].word, text.tokens[index + 1].word)
        return Self.compounds[first]?.contains(second) == true ? (first + second, 2) : nil
    }

    private static let compounds: [String: Set<String>] = [
        "log": ["in", "out", "on", "off"], "sign": ["in", "up", "out", "on"], "set": ["up"], "back": ["up"],
        "web": ["site", "page"], "data": ["base"], "file": ["name"], "user": ["name"], "time": ["zone"],
    ]

    /// The I of World War I.
    private func isRoman(_ index: Int) -> Bool {
        guard index > 0, text.tokens[index].text == "I" else { return false }
        let before = text.tokens[index - 1]
        return Self.numbered.contains(before.word) && (text.isName(before) || index + 1 == text.tokens.count)
    }

    private static let numbered: Set<String> = [
        "act", "appendix", "article", "book", "category", "chapter", "class", "elizabeth", "grade", "level",
        "part", "phase",
        "section", "stage", "tier", "title", "type", "volume", "war",
    ]

    /// "Per second", "30 second".
    private func isUnitOfTime(_ index: Int) -> Bool {
        guard index > 0 else { return false }
        let before = text.tokens[index - 1]
        return before.kind == .number || ["per", "each", "every"].contains(before.word)
            || NumberWords.read([before.word]) != nil
    }

    private func isMatter(_ index: Int) -> Bool {
        let token = text.tokens[index]
        return token.kind == .word && FunctionWord.table[token.folded] == nil
            && !FunctionWord.articles.contains(token.folded)
    }
}
