/// The simulator's token estimator.
///
/// One token per 4 UTF-8 bytes, rounded up. On the Anthropic surface that is per piece of text (tool
/// definitions and tool input count as compact JSON), with 4 more per message; images and documents that are
/// not plain text count a flat 1,600. On the OpenAI surface it is the compact JSON of tools, instructions and
/// messages as a whole. It is an estimate with a stated rule, so that a test can work out what it must see.
enum Tokens {
    static let perMessage = 4
    static let perImage = 1_600

    /// Tokens of a text of that many bytes; 0 for an empty one.
    static func of(bytes: Int) -> Int { (bytes + 3) / 4 }
}
