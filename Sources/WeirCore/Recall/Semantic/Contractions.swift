/// Writes contractions out, with or without their apostrophe.
enum Contractions {
    /// The tokens with every contraction as the words it stands for; the first keeps the marks of case.
    static func expanded(_ tokens: [QuestionToken]) -> [QuestionToken] {
        var result: [QuestionToken] = []
        result.reserveCapacity(tokens.count + 8)
        for (index, token) in tokens.enumerated() {
            let next = index + 1 < tokens.count ? tokens[index + 1].word : ""
            guard token.kind == .word, let words = words(of: token.folded, before: next) else {
                result.append(token)
                continue
            }
            for (position, word) in words.enumerated() {
                var part = QuestionToken.plain(word)
                if position == 0 {
                    part.isCapitalised = token.isCapitalised
                    part.opensSentence = token.opensSentence
                }
                result.append(part)
            }
        }
        return result
    }

    private static func words(of word: String, before next: String) -> [String]? {
        if let known = whole[word] { return known }
        guard let mark = word.utf8.lastIndex(of: 39), mark != word.startIndex else { return nil }
        let stem = String(word[..<mark])
        switch word[mark...] {
        case "'t" where stem.hasSuffix("n"): return [String(stem.dropLast()), "not"]
        case "'m": return [stem, "am"]
        case "'re": return [stem, "are"]
        case "'ve": return [stem, "have"]
        case "'ll": return [stem, "will"]
        case "'s" where takesIs.contains(stem): return [stem, "is"]
        // "I'd like" is would; "I'd been" is had.
        case "'d" where takesWould.contains(next): return [stem, "would"]
        default: return nil
        }
    }

    private static let takesIs: Set<String> = [
        "what", "who", "where", "when", "why", "how", "it", "that", "there", "here", "he", "she",
    ]

    private static let takesWould: Set<String> = [
        "like", "love", "prefer", "rather", "appreciate", "be", "want",
    ]

    /// Those that no rule makes, and those that are written without an apostrophe and are no other word.
    private static let whole: [String: [String]] = [
        "can't": ["can", "not"], "won't": ["will", "not"], "shan't": ["shall", "not"],
        "cannot": ["can", "not"],
        "let's": ["let", "us"], "cant": ["can", "not"], "dont": ["do", "not"], "doesnt": ["does", "not"],
        "didnt": ["did", "not"], "isnt": ["is", "not"], "arent": ["are", "not"], "wasnt": ["was", "not"],
        "werent": ["were", "not"], "hasnt": ["has", "not"], "havent": ["have", "not"],
        "hadnt": ["had", "not"],
        "couldnt": ["could", "not"], "shouldnt": ["should", "not"], "wouldnt": ["would", "not"],
        "wont": ["will", "not"], "whats": ["what", "is"], "im": ["i", "am"], "ive": ["i", "have"],
        "gonna": ["going", "to"], "wanna": ["want", "to"],
    ]
}
