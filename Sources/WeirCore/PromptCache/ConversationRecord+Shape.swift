/// A request's prompt, reduced to what conversations are told apart and compared by.
struct PromptShape {
    /// 31 bits of each block's hash, and in the lowest one whether it is an assistant's.
    ///
    /// 0 for the attribution line, which the provider strips by its place.
    let words: [UInt32]
    let toolCount: Int
    /// Index of the first block of messages; the number of blocks where there is none.
    let messageStart: Int
    /// Index of the first block of an assistant's.
    let assistantStart: Int?
    /// Blocks of tools and system prompt, OpenAI's leading system messages included.
    let staticCount: Int
    /// Of these blocks.
    let fingerprint: UInt64
    /// Bytes of all blocks.
    let bytes: Int
    let systemParameters: UInt64
    let messageParameters: UInt64

    init(_ layout: PromptLayout) {
        let blocks = layout.blocks
        var words: [UInt32] = []
        words.reserveCapacity(blocks.count)
        var (tools, preamble, bytes) = (0, 0, 0)
        var assistant: Int?
        var fingerprint = Fold()
        let staticCount = layout.staticCount
        for (i, block) in blocks.enumerated() {
            let isAttribution = layout.hasAttribution && block.level == .system && i == tools
            words.append(isAttribution ? 0 : Self.word(of: block))
            bytes &+= block.range.count
            switch block.level {
            case .tools:
                tools = i + 1
                preamble = i + 1
                fingerprint.add(block.hash)
            case .system:
                preamble = i + 1
                if !isAttribution { fingerprint.add(block.hash) }
            case .messages:
                if i < staticCount { fingerprint.add(block.hash) }
                if assistant == nil, block.role == .assistant { assistant = i }
            }
        }
        self.words = words
        toolCount = tools
        messageStart = preamble
        assistantStart = assistant
        self.staticCount = staticCount
        self.fingerprint = fingerprint.value
        self.bytes = bytes
        systemParameters = layout.systemParameters
        messageParameters = layout.messageParameters
    }

    private static func word(of block: PromptBlock) -> UInt32 {
        let folded = UInt32(truncatingIfNeeded: block.hash ^ block.hash >> 32)
        return folded & ~1 | (block.role == .assistant ? 1 : 0)
    }

    static func isReply(_ word: UInt32) -> Bool { word & 1 == 1 }

    /// True where more than one call is to be expected: tools, or an assistant's turn in the prompt.
    var isAgent: Bool { toolCount > 0 || assistantStart != nil }
}

/// A running hash of words, in order.
struct Fold: Sendable, Equatable {
    private(set) var value: UInt64 = 0xBB67_AE85_84CA_A73B

    @inline(__always)
    mutating func add(_ word: UInt64) {
        let product = (value ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        value = product.high ^ product.low &+ word
    }

    static func of(_ words: UInt64...) -> UInt64 {
        var fold = Fold()
        for word in words { fold.add(word) }
        return fold.value
    }
}
