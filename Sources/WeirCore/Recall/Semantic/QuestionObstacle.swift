/// Why a question may not be looked up by its meaning.
///
/// It may still have a text key. Word pieces are counted elsewhere.
package enum QuestionObstacle: String, Sendable, CaseIterable {
    /// There is no word in it.
    case empty
    /// More than `Question.longest` bytes.
    case tooLong
    /// A fenced block, or too many signs that prose does without.
    case code
    /// Another script than Latin, or the function words of another language.
    case notEnglish
    /// About the wording of a text that comes with it: translate, rewrite, correct this.
    case literal
    /// Too short to stand alone, or it points at what was said before: yes, the second one, what about it.
    case followUp
}
