/// The hash of one block, member by member, in order.
struct BlockHash {
    /// A prime near 2^64 / golden ratio.
    private static var factor: UInt64 { 0x9E37_79B9_7F4A_7C15 }

    /// For the attribution line, whatever it says: the provider strips it.
    static var attribution: UInt64 { 0x78AA_64B1_1E6B_0001 }

    private(set) var value: UInt64 = 0x243F_6A88_85A3_08D3

    @inline(__always)
    mutating func add(_ part: UInt64) { value = Self.mix(value, part) }

    /// Adds the bytes of a name or value as they are spelled.
    @inline(__always)
    mutating func add(_ range: Range<Int>, of text: JSONBytes) { add(Self.hash(range, of: text)) }

    /// Of bytes as they are spelled; most names and many values are short, and hashed without a loop.
    @inline(__always)
    static func hash(_ range: Range<Int>, of text: JSONBytes) -> UInt64 {
        guard range.count <= 16 else { return FastHash.hash64(text.slice(range)) }
        let low = text.lowWord(range)
        let high = range.count > 8 ? text.word(at: range.upperBound &- 8) : 0
        return mix(mix(UInt64(range.count), low), high)
    }

    /// Depends on the order of its arguments, so that swapped members differ.
    @inline(__always)
    static func mix(_ hash: UInt64, _ part: UInt64) -> UInt64 {
        let product = (hash ^ part).multipliedFullWidth(by: factor)
        return (product.high ^ product.low) &+ (part << 23 | part >> 41)
    }
}

/// Members of a block that Weir reads.
enum PartField {
    case type, text, source, content, deferLoading
    /// `cache_control` or OpenAI's `prompt_cache_breakpoint`; which ones count depends on the dialect.
    case marker

    /// `nil` for another name; `name` includes its quotes.
    @inline(__always)
    init?(_ name: Range<Int>, in text: JSONBytes) {
        switch name.count - 2 {
        case 4 where text.string(name, isExactly: "type"): self = .type
        case 4 where text.string(name, isExactly: "text"): self = .text
        case 6 where text.string(name, isExactly: "source"): self = .source
        case 7 where text.string(name, isExactly: "content"): self = .content
        case 13 where text.string(name, isExactly: "cache_control"): self = .marker
        case 13 where text.string(name, isExactly: "defer_loading"): self = .deferLoading
        case 23 where text.string(name, isExactly: "prompt_cache_breakpoint"): self = .marker
        default:
            guard text.hasEscape(name), name.count <= 2 + 23 * 6 else { return nil }
            switch text.string(name) {
            case "type": self = .type
            case "text": self = .text
            case "source": self = .source
            case "content": self = .content
            case "cache_control", "prompt_cache_breakpoint": self = .marker
            case "defer_loading": self = .deferLoading
            default: return nil
            }
        }
    }
}

/// Members of a message that Weir reads.
enum MessageField {
    case role, content, type, toolCalls, marker

    @inline(__always)
    init?(_ name: Range<Int>, in text: JSONBytes) {
        switch name.count - 2 {
        case 4 where text.string(name, isExactly: "role"): self = .role
        case 4 where text.string(name, isExactly: "type"): self = .type
        case 7 where text.string(name, isExactly: "content"): self = .content
        case 10 where text.string(name, isExactly: "tool_calls"): self = .toolCalls
        case 13 where text.string(name, isExactly: "function_call"): self = .toolCalls
        case 13 where text.string(name, isExactly: "cache_control"): self = .marker
        default:
            guard text.hasEscape(name), name.count <= 2 + 13 * 6 else { return nil }
            switch text.string(name) {
            case "role": self = .role
            case "type": self = .type
            case "content": self = .content
            case "tool_calls", "function_call": self = .toolCalls
            case "cache_control": self = .marker
            default: return nil
            }
        }
    }
}

/// What the members of one message say besides its content.
struct MessageMembers {
    var role = PromptBlock.Role.other
    /// For a message without content that stands for itself as one block.
    private(set) var kind = PromptBlock.Kind.other
    private var hash = BlockHash()
    private var isEmpty = true

    /// Of the members that are neither role nor content; `nil` without any.
    var others: UInt64? { isEmpty ? nil : hash.value }

    mutating func add(
        _ name: Range<Int>, _ value: Range<Int>, in text: JSONBytes, kind: PromptBlock.Kind? = nil
    ) {
        hash.add(name, of: text)
        hash.add(value, of: text)
        isEmpty = false
        if let kind { self.kind = kind }
    }

    /// The type of a Responses item; "message" is what an item without type is.
    mutating func addType(_ value: Range<Int>, in text: JSONBytes) {
        if text.string(value, isExactly: "message") { return }
        hash.add(value, of: text)
        isEmpty = false
        kind = text.kind(value)
        switch kind {
        case .toolUse, .thinking: role = .assistant
        case .toolResult: role = .user
        case .tool, .text, .image, .document, .other: break
        }
    }
}

extension JSONBytes {
    /// The first bytes of a range, at most eight, the first in the lowest bits, zeros above.
    @inline(__always)
    func lowWord(_ range: Range<Int>) -> UInt64 {
        let length = min(8, range.count)
        if range.lowerBound &+ 8 <= count {
            return length == 0 ? 0 : word(at: range.lowerBound) & (~0 >> UInt64(64 &- 8 &* length))
        }
        var word: UInt64 = 0
        for k in 0..<length { word |= UInt64(byte(at: range.lowerBound &+ k)) << UInt64(8 &* k) }
        return word
    }
}
