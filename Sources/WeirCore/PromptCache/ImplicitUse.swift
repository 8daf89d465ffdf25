/// What a provider that caches by itself read of first requests: of conversations that were new.
///
/// Weir can take such a provider's own writing out of a request, and then sees no reads any more that came
/// of it. So it does that only where enough replies show how little was read, and lets two requests in a row
/// of every 64 go as they are, the second of which shows whether something is shared by now.
package struct ImplicitUse: Sendable, Equatable {
    /// Replies that were counted; all counts are halved when it reaches 64.
    package private(set) var replies = 0
    private var tokens = 0.0
    private var reads = 0.0
    private var asked = 0

    /// Replies from which on the share says something.
    package static let enough = 8
    static let period = 64

    package init() {}

    /// Share of the tokens, from 0 to 1, that was read; `nil` before there were enough replies.
    package var readShare: Double? {
        replies >= Self.enough && tokens > 0 ? min(1, reads / tokens) : nil
    }

    /// True for a request that should go as it is, to see what is read.
    package var isProbe: Bool { asked % Self.period < 2 }

    mutating func ask() { asked = (asked + 1) % Self.period }

    /// Counts one reply: so many tokens behind what is shared anyway, and how many of them were read.
    package mutating func add(tokens: Int, read: Int) {
        replies += 1
        self.tokens += Double(max(0, tokens))
        reads += Double(min(max(0, read), max(0, tokens)))
        guard replies >= Self.period else { return }
        replies /= 2
        self.tokens /= 2
        reads /= 2
    }
}

/// `ImplicitUse` by key: of a fingerprint, or of all new fingerprints of one scope and kind.
///
/// At most 4,096 keys of 40 bytes; when they are full it starts anew.
struct ImplicitUses: Sendable {
    static let limit = 4096
    private var uses: [UInt64: ImplicitUse] = [:]

    var count: Int { uses.count }

    /// The key for a conversation's first request.
    ///
    /// A fingerprint that came before, or that has nothing in it, has a key of its own; new ones share one,
    /// as prompts with a system prompt of their own never gather replies under theirs.
    static func key(_ shape: PromptShape, scope: UInt64, isKnown: Bool) -> UInt64 {
        isKnown || shape.staticCount == 0
            ? Fold.of(scope, 4, shape.fingerprint) : Fold.of(scope, shape.isAgent ? 5 : 6)
    }

    /// Notes that a request asks, and gives what is known.
    mutating func ask(_ key: UInt64) -> ImplicitUse {
        makeRoom(for: key)
        let use = uses[key] ?? ImplicitUse()
        uses[key, default: use].ask()
        return use
    }

    mutating func add(_ key: UInt64, tokens: Int, read: Int) {
        makeRoom(for: key)
        uses[key, default: ImplicitUse()].add(tokens: tokens, read: read)
    }

    private mutating func makeRoom(for key: UInt64) {
        if uses.count >= Self.limit, uses[key] == nil { uses.removeAll(keepingCapacity: true) }
    }
}

extension PromptLayout {
    /// Blocks that conversations of one kind begin with: tools, system prompt, and OpenAI's leading messages
    /// of the system or developer.
    package var staticCount: Int {
        let start = blocks.firstIndex { $0.level == .messages } ?? blocks.count
        guard dialect != .anthropic else { return start }
        return blocks[start...].firstIndex { $0.role != .system } ?? blocks.count
    }

    /// The last of these blocks that can carry a `prompt_cache_breakpoint`; `nil` without one, as where the
    /// instructions of a Responses request are all there is.
    package var breakpointPlace: Int? {
        guard dialect == .chat || dialect == .responses else { return nil }
        return blocks[..<staticCount].lastIndex { $0.level == .messages && $0.kind == .text && $0.isMarkable }
    }
}
