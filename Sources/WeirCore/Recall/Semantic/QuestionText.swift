/// A question's tokens without what surrounds the question, and what is known of its form.
///
/// What the text key and the guards have in common.
struct QuestionText {
    let tokens: [QuestionToken]
    /// True where wording itself is asked about, so that no word may be taken for filler.
    let isLiteral: Bool
    /// True where such a text is not quoted, so that nobody knows where it begins.
    let hasLoosePayload: Bool
    /// True where a capital in the middle of a sentence says something.
    let caseSpeaks: Bool

    init(_ scanned: [QuestionToken]) {
        let expanded = Contractions.expanded(scanned)
        let hasQuotes = expanded.contains { $0.kind == .quoted || $0.kind == .code }
        let hasPayload = !hasQuotes && Self.hasPayload(expanded)
        let speaksOfWording = !hasQuotes && expanded.contains { Self.wordingWords.contains($0.word) }
        isLiteral =
            hasPayload || speaksOfWording
            || !hasQuotes && expanded.contains { Self.sayingWords.contains($0.word) }
        hasLoosePayload = hasPayload || speaksOfWording
        var tokens = Courtesy.trimmed(expanded, keepsEnd: isLiteral)
        if !isLiteral {
            Self.unify(&tokens)
            Self.unfold(&tokens)
        }
        self.tokens = tokens
        caseSpeaks = Self.caseSpeaks(expanded)
    }

    /// "How can I", "how I can" and "how to" as "how do I".
    private static func unify(_ tokens: inout [QuestionToken]) {
        var index = 0
        while index + 1 < tokens.count {
            defer { index += 1 }
            guard tokens[index].word == "how" else { continue }
            let (next, third) = (
                tokens[index + 1].word, index + 2 < tokens.count ? tokens[index + 2].word : ""
            )
            let length: Int
            switch (next, third) {
            case ("can", "i"), ("i", "can"): length = 2
            case ("to", _): length = 1
            default: continue
            }
            tokens.replaceSubrange(index + 1...index + length, with: [.plain("do"), .plain("i")])
        }
    }

    /// "What the capital is" as "what is the capital".
    private static func unfold(_ tokens: inout [QuestionToken]) {
        guard tokens.count > 3, let last = tokens.last, ["is", "are"].contains(last.word) else { return }
        guard ["what", "who", "where", "when"].contains(tokens[0].word),
            ["the", "a", "an", "my"].contains(tokens[1].word),
            !tokens.contains(where: \.isBreak),
            !tokens.dropFirst().dropLast().contains(where: { verbs.contains($0.word) })
        else { return }
        tokens.removeLast()
        tokens.insert(last, at: 1)
    }

    /// With one of them before it, a last "is" may belong to another clause.
    private static let verbs: Set<String> = [
        "is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "can", "will", "what", "who",
        "where", "when",
        "that", "which", "how", "why", "whether", "if",
    ]

    /// True where a colon stands between a request and a text of more than a question.
    private static func hasPayload(_ tokens: [QuestionToken]) -> Bool {
        for (index, token) in tokens.enumerated() where token.kind == .symbol && token.text == ":" {
            guard index > 0, let next = tokens[(index + 1)...].first(where: { $0.kind != .lineBreak }) else {
                continue
            }
            if ["question", "curious", "wondering"].contains(tokens[index - 1].word) { continue }
            if tokens[..<index].contains(where: { takesText.contains($0.word) }) { return true }
            if !CourtesyWords.questionWords.contains(next.word), !CourtesyWords.verbs.contains(next.word) {
                return true
            }
        }
        return false
    }

    /// What is done to a text that comes after a colon.
    private static let takesText: Set<String> = [
        "analyse", "analyze", "check", "classify", "complete", "continue", "correct", "edit", "fix",
        "following", "improve",
        "proofread", "reply", "respond", "review", "sentence", "shorten", "summarise", "summarize", "text",
        "this", "translate",
    ]

    /// False where all words have a capital, as in a title or in shouting.
    private static func caseSpeaks(_ tokens: [QuestionToken]) -> Bool {
        var (words, capitals) = (0, 0)
        for token in tokens where token.kind == .word && !token.opensSentence && token.folded != "i" {
            words += 1
            if token.isCapitalised {
                capitals += 1
            } else if !smallInTitles.contains(token.folded) {
                return true
            }
        }
        return capitals * 2 <= words || words <= 2
    }

    private static let smallInTitles: Set<String> = [
        "a", "an", "the", "and", "or", "but", "of", "to", "in", "on", "for", "with", "at", "by", "from", "as",
    ]

    /// True for a word that a capital marks as a name.
    func isName(_ token: QuestionToken) -> Bool {
        guard caseSpeaks, token.kind == .word, token.folded != "i" else { return false }
        return token.isAllCapitals || token.isCapitalised && !token.opensSentence
    }

    /// A word that is another one with its capital, with a mark that no word has; otherwise the folded
    /// word.
    func cased(_ index: Int) -> String {
        let token = tokens[index]
        // Mb and MB, m and M: after a number, case is part of a short unit.
        if index > 0, tokens[index - 1].kind == .number, token.text.utf8.count <= 3,
            token.text != token.folded,
            !CaseRules.foldedSuffixes.contains(token.folded)
        {
            return token.text
        }
        guard isName(token) else { return token.folded }
        let word = token.folded
        let isOther =
            FunctionWord.table[word] != nil || FunctionWord.articles.contains(word)
            || CaseRules.capitalMatters.contains(word)
        return isOther ? "^" + word : word
    }

    /// True where the article at that place says nothing.
    ///
    /// Not in "vitamin a", "a few", "$5 a day", "if a is b".
    func isFiller(articleAt index: Int) -> Bool {
        let token = tokens[index]
        guard FunctionWord.articles.contains(token.word), !isName(token) else { return false }
        guard index + 1 < tokens.count else { return false }
        let next = tokens[index + 1]
        if token.folded == "the" { return next.kind != .symbol && next.kind != .lineBreak }
        guard next.kind != .symbol, next.kind != .lineBreak else { return false }
        if Self.keepsArticle.contains(next.word) || FunctionWord.table[next.word] != nil { return false }
        guard index > 0, token.folded == "a" else { return true }
        let before = tokens[index - 1]
        if before.kind == .number || before.kind == .symbol && !before.isBreak { return false }
        return !Self.takesLetter.contains(before.word)
            && !Self.takesLetter.contains(String(before.word.dropLast()))
    }

    private static let keepsArticle: Set<String> = [
        "few", "little", "lot", "bit", "second", "minute", "hour", "day", "night", "week", "month", "quarter",
        "year",
        "hundred", "thousand", "million", "billion", "dozen", "couple", "half", "third", "while",
    ]

    private static let takesLetter: Set<String> = [
        "appendix", "block", "building", "category", "class", "column", "exhibit", "gate", "grade", "group",
        "hepatitis",
        "influenza", "level", "model", "option", "part", "plan", "point", "room", "section", "series", "star",
        "terminal",
        "type", "variant", "version", "vitamin", "zone", "array", "case", "company", "list", "node", "person",
        "player", "side",
        "string", "team", "variable", "machine", "server", "matrix", "vector", "x", "y", "b", "c",
    ]

    /// Questions about the form of a text, in which a capital, an article or a comma may be the point.
    private static let wordingWords: Set<String> = [
        "anagram", "capitalise", "capitalize", "characters", "grammar", "grammatical", "grammatically",
        "letters",
        "lowercase", "palindrome", "paraphrase", "proofread", "punctuation", "reformat", "rephrase", "reword",
        "rewrite",
        "rhyme", "rhymes", "spell", "spelled", "spelling", "spelt", "syllables", "typo", "typos", "uppercase",
    ]

    /// Questions that may hold a text without quotation marks.
    private static let sayingWords: Set<String> = [
        "pronounce", "pronounced", "pronunciation", "say", "saying", "translate", "translation", "phrase",
    ]
}
