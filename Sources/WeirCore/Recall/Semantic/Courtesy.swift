/// Greetings, politeness and filler around what is asked.
///
/// Nothing goes that could be what is asked about: a greeting goes only before a comma or the beginning of
/// a question, thanks only after a break or where no word speaks of wording.
enum Courtesy {
    /// The tokens without what surrounds the question; none where nothing else is there.
    static func trimmed(_ tokens: [QuestionToken], keepsEnd: Bool) -> [QuestionToken] {
        var rest = tokens[...]
        if keepsEnd { dropBreaks(atEndOf: &rest) } else { trimEnd(&rest) }
        trimStart(&rest)
        return Array(rest)
    }

    // MARK: - The beginning

    private static func trimStart(_ rest: inout ArraySlice<QuestionToken>) {
        while dropBreaks(atStartOf: &rest) || dropGreeting(&rest) || dropSentence(&rest) || dropWrapper(&rest)
            || dropRequest(&rest)
        {}
    }

    private static func dropBreaks(atStartOf rest: inout ArraySlice<QuestionToken>) -> Bool {
        guard rest.count > 1, let first = rest.first, first.isBreak else { return false }
        rest.removeFirst()
        return true
    }

    private static func dropGreeting(_ rest: inout ArraySlice<QuestionToken>) -> Bool {
        for length in CourtesyWords.greetings.lengths(startOf: rest) {
            var after = rest.dropFirst(length)
            if CourtesyWords.addressees.contains(after.first?.word ?? "") { after.removeFirst() }
            guard let next = after.first, next.isBreak || opens(next) else { continue }
            rest = after
            return true
        }
        for length in CourtesyWords.weakGreetings.lengths(startOf: rest) {
            let after = rest.dropFirst(length)
            guard let next = after.first else { continue }
            guard next.isBreak || CourtesyWords.questionWords.contains(next.word) else { continue }
            rest = after
            return true
        }
        return false
    }

    /// Whole sentences that ask nothing, such as "I need some help".
    private static func dropSentence(_ rest: inout ArraySlice<QuestionToken>) -> Bool {
        for length in CourtesyWords.sentences.lengths(startOf: rest) {
            let after = rest.dropFirst(length)
            guard after.count > 1, after.first?.isBreak == true else { continue }
            rest = after
            return true
        }
        return false
    }

    /// "Could you tell me", "I would like to know" before a question word.
    private static func dropWrapper(_ rest: inout ArraySlice<QuestionToken>) -> Bool {
        for length in CourtesyWords.wrappers.lengths(startOf: rest) {
            let after = rest.dropFirst(length)
            guard let next = after.first, CourtesyWords.questionWords.contains(next.word) else { continue }
            rest = after
            return true
        }
        return false
    }

    /// "Please", "could you please", and "would you mind explaining", which becomes "explain".
    private static func dropRequest(_ rest: inout ArraySlice<QuestionToken>) -> Bool {
        for length in CourtesyWords.requests.lengths(startOf: rest) {
            let after = rest.dropFirst(length)
            guard after.first?.kind == .word else { continue }
            rest = after
            return true
        }
        if let verb = rest.dropFirst(2).first?.word, CourtesyWords.takes(rest.prefix(2), verb) {
            rest = rest.dropFirst(2)
            return true
        }
        if rest.count > 4, rest.prefix(3).map(\.word) == ["would", "you", "mind"] {
            let verb = rest[rest.startIndex + 3].word
            if let plain = CourtesyWords.gerunds[verb] {
                rest = rest.dropFirst(3)
                rest[rest.startIndex] = .plain(plain)
                return true
            }
        }
        return false
    }

    private static func opens(_ token: QuestionToken) -> Bool { CourtesyWords.openers.contains(token.word) }

    // MARK: - The end

    private static func trimEnd(_ rest: inout ArraySlice<QuestionToken>) {
        repeat { dropBreaks(atEndOf: &rest) } while dropThanks(&rest)
    }

    private static func dropBreaks(atEndOf rest: inout ArraySlice<QuestionToken>) {
        while let last = rest.last, last.isBreak, rest.count > 1 { rest.removeLast() }
    }

    private static func dropThanks(_ rest: inout ArraySlice<QuestionToken>) -> Bool {
        for length in CourtesyWords.thanks.lengths(endOf: rest) where rest.count > length + 1 {
            let before = rest.dropLast(length)
            guard let last = before.last else { continue }
            // "the meaning of thank you", "is it thanks or please": what stands before belongs to it.
            let isApart =
                last.isBreak || last.kind == .word && FunctionWord.table[last.folded] == nil
                || last.kind != .word && last.kind != .symbol
            guard isApart, !CourtesyWords.takesWords.contains(last.word) else { continue }
            rest = before
            return true
        }
        return false
    }
}
