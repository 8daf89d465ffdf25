/// What can speak against answering one question with the answer to another.
///
/// Each compares one thing that cosine does not see. All are symmetric, and none speaks against a question
/// and itself. Rows of the ledger hold their names.
package enum SemanticGuard: String, Sendable, CaseIterable {
    /// Numbers, in digits or in words, ordinals apart from cardinals; as often on both sides.
    case numbers
    /// Not, no, never, without and their like, before the same words.
    case negation
    /// Days, months, today, noon, next, ago.
    case dates
    /// Units, currencies and percent.
    case units
    /// Quoted strings and code spans, byte for byte.
    case quotes
    /// Words with digits or signs: seat 12A, v2, C++, example.com, and operators.
    case identifiers
    /// Words with a capital inside a sentence; a typing error does not excuse a short one.
    case names
    /// A word on one side, its opposite on the other.
    case antonyms
    /// All, any, every, only, more, first of all those that say how many or how often.
    case quantifiers
    /// The same words in another order, but for a clause moved to the front or the end.
    case order
    /// Words replaced by others, typing errors excepted.
    case substitution
    /// Words that only one side has.
    case addition
    /// Question words, modal verbs, tense, prepositions, pronouns and possessives, before the same words.
    case functionWords
    /// Less than half of the words in common.
    case overlap
}
