/// What the guards say of answering one question with the answer to another.
package enum GuardVerdict {
    /// Every guard that speaks against it, in the order of `SemanticGuard`; empty where the answer may
    /// serve.
    ///
    /// Says nothing about what the two have to do with each other beyond words in common: cosine has to.
    /// Symmetric. Empty for a question and itself. Callers ask for obstacles first.
    /// - Parameter except: Guards that are not asked, to measure what each is worth.
    package static func vetoes(
        asked: Question, cached: Question, except: Set<SemanticGuard> = []
    ) -> [SemanticGuard] {
        let pair = QuestionPair(asked, cached)
        return SemanticGuard.allCases.filter { !except.contains($0) && speaks($0, pair) }
    }

    private static func speaks(_ guarding: SemanticGuard, _ pair: QuestionPair) -> Bool {
        switch guarding {
        case .numbers: pair.differ(in: .number)
        case .dates: pair.differ(in: .date)
        case .units: pair.differ(in: .unit)
        case .quotes: pair.differ(in: .quoted)
        case .identifiers: pair.differ(in: .identifier)
        case .names: pair.hasLoneName
        case .antonyms: Antonyms.stand(pair.onlyA, against: pair.onlyB)
        case .negation, .quantifiers, .functionWords: pair.marksDiffer(guarding)
        case .order: pair.isReordered
        case .substitution: !pair.onlyA.isEmpty && !pair.onlyB.isEmpty
        case .addition: pair.onlyA.isEmpty != pair.onlyB.isEmpty
        case .overlap: pair.overlapsTooLittle
        }
    }
}
