/// What is remembered of one block's text beyond its hash, so that a change in it can be placed and named.
///
/// No text: a 16-bit hash for each of at most 32 windows, and two 32-bit hashes of the whole.
struct BlockDetail: Sendable {
    static let maxWindows = 32

    /// Hash of the block (`PromptShape.words`), by which it is found.
    var word: UInt32
    /// `VolatileText.Hashes`; 0 where the text was too long for them.
    var letters: UInt32 = 0
    var masked: UInt32 = 0
    var windowCount: UInt8 = 0
    /// A window has 2^shift bytes, the last one what is left; at least 32.
    var shift: UInt8 = 5
    /// For the second chance before it is forgotten.
    var isRecent = true
    var windows = InlineArray<32, UInt16>(repeating: 0)

    /// - Parameter isWhole: Whether to spend the time for `letters` and `masked` as well.
    init(word: UInt32, text: UnsafeRawBufferPointer, isWhole: Bool) {
        self.word = word
        while (text.count + (1 << Int(shift)) - 1) >> Int(shift) > Self.maxWindows { shift += 1 }
        let size = 1 << Int(shift)
        var start = 0
        while start < text.count {
            let window = UnsafeRawBufferPointer(rebasing: text[start..<min(text.count, start + size)])
            windows[Int(windowCount)] = UInt16(truncatingIfNeeded: FastHash.hash64(window))
            windowCount += 1
            start += size
        }
        guard isWhole else { return }
        let hashes = VolatileText.hashes(of: text)
        letters = hashes.letters
        masked = hashes.masked
    }

    /// The bytes of the first window that differs from the other text's.
    ///
    /// `nil` where no window differs, or where the lengths are too different for their windows to be
    /// compared.
    func firstDifference(from other: BlockDetail) -> Range<Int>? {
        guard shift == other.shift else { return nil }
        for i in 0..<Int(windowCount) where i >= Int(other.windowCount) || windows[i] != other.windows[i] {
            return i << Int(shift)..<(i + 1) << Int(shift)
        }
        return nil
    }

    /// True where one text may well be a later edition of the other.
    func resembles(_ other: BlockDetail) -> Bool {
        if masked != 0, masked == other.masked { return true }
        guard shift == other.shift else { return false }
        var same = 0
        for i in 0..<Int(min(windowCount, other.windowCount)) where windows[i] == other.windows[i] {
            same += 1
        }
        return same > 0 && 2 * same >= Int(max(windowCount, other.windowCount))
    }
}

/// Details of the blocks that conversations begin with, shared between all that have them.
///
/// Bounded: 32,768 blocks of 80 bytes and a table of 4-byte keys to 4-byte places; one that was not met for
/// a whole round of the table is forgotten first.
struct BlockDetails: Sendable {
    static let limit = 32_768
    /// Texts of tools and system prompt up to this many bytes get the hashes that need a look at each byte.
    static let wholeBytes = 32 * 1024
    /// The same for messages, which are new more often.
    static let wholeMessageBytes = 8 * 1024
    /// Blocks of one request that are looked at.
    static let blocksPerRequest = 96
    /// Bytes of one request that are looked at one by one.
    static let bytesPerRequest = 64 * 1024

    private var entries: [BlockDetail] = []
    private var index: [UInt32: Int32] = [:]
    private var hand = 0

    var count: Int { entries.count }

    func detail(of word: UInt32) -> BlockDetail? {
        index[word].map { entries[Int($0)] }
    }

    /// Remembers the tools, the system prompt and the first two blocks of messages.
    mutating func note(_ layout: PromptLayout, _ shape: PromptShape, _ bytes: UnsafeRawBufferPointer) {
        let end = min(layout.blocks.count, shape.messageStart + 2, Self.blocksPerRequest)
        var budget = Self.bytesPerRequest
        for i in 0..<end {
            if let known = index[shape.words[i]] {
                entries[Int(known)].isRecent = true
                continue
            }
            let text = BlockText(layout.blocks[i], bytes)
            let most = i < shape.messageStart ? Self.wholeBytes : Self.wholeMessageBytes
            let isWhole = text.bytes.count <= min(budget, most)
            if isWhole { budget -= text.bytes.count }
            insert(BlockDetail(word: shape.words[i], text: text.bytes, isWhole: isWhole))
        }
    }

    private mutating func insert(_ detail: BlockDetail) {
        guard entries.count == Self.limit else {
            index[detail.word] = Int32(entries.count)
            entries.append(detail)
            return
        }
        // Ends within one round: each step takes a second chance away.
        while entries[hand].isRecent {
            entries[hand].isRecent = false
            hand = (hand + 1) % Self.limit
        }
        index[entries[hand].word] = nil
        index[detail.word] = Int32(hand)
        entries[hand] = detail
        hand = (hand + 1) % Self.limit
    }
}

/// The part of a block in which changes are looked for: the text of a text block, a tool as a whole.
struct BlockText {
    let bytes: UnsafeRawBufferPointer
    /// Offset of the text in the request's body.
    let start: Int

    /// A bare string and a one-block list give the same text.
    init(_ block: PromptBlock, _ body: UnsafeRawBufferPointer) {
        var range = block.range.clamped(to: 0..<body.count)
        if let json = JSONBytes(body) {
            if block.kind == .text, json.byte(at: range.lowerBound) == 0x7B {
                range = Self.member("text", of: json, at: range.lowerBound) ?? range
            }
            if range.count >= 2, json.byte(at: range.lowerBound) == 0x22 {
                range = range.lowerBound + 1..<range.upperBound - 1
            }
        }
        bytes = UnsafeRawBufferPointer(rebasing: body[range])
        start = range.lowerBound
    }

    /// The range of a member's value in the object at that offset.
    private static func member(_ name: StaticString, of json: JSONBytes, at offset: Int) -> Range<Int>? {
        var found: Range<Int>?
        _ = try? json.members(offset) { (key, value) throws(JSONFault) in
            let end = try json.skipValue(value, depth: 1)
            if found == nil, Self.isEqual(json.slice(key), name) { found = value..<end }
            return end
        }
        return found
    }

    /// Compares a name with its quotes to one without.
    private static func isEqual(_ quoted: UnsafeRawBufferPointer, _ name: StaticString) -> Bool {
        guard quoted.count == name.utf8CodeUnitCount + 2 else { return false }
        return name.withUTF8Buffer { name in
            for i in 0..<name.count where name[i] != quoted[i + 1] { return false }
            return true
        }
    }
}
