/// A word that carries no matter of its own, but turns what the others say.
struct FunctionWord: Sendable, Equatable {
    /// Words of one group may stand for each other.
    let group: String
    let speaks: SemanticGuard
    /// False for "is" and "do", whose place changes with the form of a question.
    let isPlaced: Bool

    var isNegation: Bool { speaks == .negation }

    static let articles: Set<String> = ["a", "an", "the"]

    /// Said without being meant: neither matter nor turn.
    static let fillers: Set<String> = ["please", "kindly", "actually", "really", "basically", "literally"]

    static let fronting: Set<String> = [
        "after", "as", "at", "because", "before", "by", "during", "for", "from", "if", "in", "inside", "on",
        "once",
        "since", "to", "under", "until", "when", "while", "with", "without", "within", "using", "via",
    ]

    static let table: [String: FunctionWord] = {
        var table: [String: FunctionWord] = [:]
        func add(_ lines: String, _ speaks: SemanticGuard, isPlaced: Bool = true) {
            for group in lines.split(whereSeparator: { $0 == "\n" || $0 == "|" }) {
                let words = group.split(separator: " ").map(String.init)
                for word in words {
                    table[word] = FunctionWord(group: words[0], speaks: speaks, isPlaced: isPlaced)
                }
            }
        }
        add(negations, .negation)
        add(quantities, .quantifiers)
        add(turns, .functionWords)
        add("is are am be being been | do does doing", .functionWords, isPlaced: false)
        return table
    }()

    private static let negations = """
        not | no | never | none | nobody | nothing | nowhere | neither | nor | without | non | unless
        except
        excluding | hardly | barely | cannot
        """

    private static let quantities = """
        all | any | every | each | some | only | both | either | most | many | much | few | fewer | little
        less | more
        least | several | enough | just | alone | almost | exactly | approximately roughly approx | always
        sometimes
        often | usually | rarely | seldom | ever | already | still | yet | again | also | too | even
        rather | very | another
        other others | same | such | else | once | twice | maximum | minimum | max | min | nearly | mostly
        half | whole
        entire | double | triple | certain
        """

    private static let turns = """
        who | whom | whose | what | which | when | where | why | how | whether | can | could | may | might
        must | should
        ought | shall | will | would | was were | did | had | has have having | of | to | into | onto | in
        on | at | from
        off | out | up | down | over | under | above | below | behind | before | after | since
        until till | between
        among amongst | against | through | during | per | via | by | with | within | for | as | about
        than | like | inside
        outside | near | beside besides | across | along | around | toward towards | upon | beyond
        despite | while whilst
        because | if | then | though although | and | or | but | versus vs | plus | times | away | back
        together | apart
        i me myself | my | mine | our | ours | your | yours | his | her | hers | their | theirs | its
        own
        you yourself yourselves | we us ourselves | he him himself | she herself | they them themselves
        it itself
        this | that | these | those | someone somebody | anyone anybody | everyone everybody | something
        anything
        everything | here | there | so | instead | however | therefore | well | let
        """
}

/// A function word in a question, and which word of matter comes next.
struct FunctionMark: Sendable, Equatable {
    let group: String
    let speaks: SemanticGuard
    /// Position in `Question.content` of what follows; the count of `content` at the end; −1 where the
    /// place says nothing.
    let next: Int
}
