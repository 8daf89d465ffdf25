/// Sizes of a prompt's prefixes.
package struct PrefixSizes: Sendable {
    /// Bytes of the blocks up to and including each.
    private let bytes: [Int]
    private let bytesPerToken: Double

    package init(_ layout: PromptLayout, bytesPerToken: Double) {
        var sum = 0
        bytes = layout.blocks.map {
            sum += $0.range.count
            return sum
        }
        self.bytesPerToken = max(0.5, bytesPerToken)
    }

    /// Bytes of all blocks.
    package var total: Int { bytes.last ?? 0 }

    /// Bytes of the first `count` blocks.
    package func bytes(ofFirst count: Int) -> Int { count <= 0 ? 0 : bytes[min(count, bytes.count) - 1] }

    /// Estimated tokens up to and including a block.
    func tokens(_ block: Int) -> Double { Double(bytes(ofFirst: block + 1)) / bytesPerToken }
}
