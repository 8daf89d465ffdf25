extension ConversationRecord {
    func hasParameters(of shape: PromptShape) -> Bool {
        systemParameters == shape.systemParameters && messageParameters == shape.messageParameters
    }

    mutating func setParameters(of shape: PromptShape) {
        systemParameters = shape.systemParameters
        messageParameters = shape.messageParameters
    }

    /// Blocks, from the first on, whose entries the prompt's parameters leave usable.
    ///
    /// One at the system level spares the tools, one at the messages level tools and system prompt.
    func keyed(by shape: PromptShape) -> Int {
        if systemParameters != shape.systemParameters { return Int(toolCount) }
        if messageParameters != shape.messageParameters { return Int(messageStart) }
        return .max
    }
}

extension HeldRecord {
    var ascendingEntries: [Int] {
        (0..<entries.scalarCount).map { Int(entries[$0]) }.filter { $0 > 0 }.sorted()
    }
}

extension PromptLayout {
    /// Bytes of the first `count` blocks.
    func bytes(of count: Int) -> Int {
        blocks.prefix(max(0, count)).reduce(0) { $0 &+ $1.range.count }
    }
}

extension Usage {
    /// Tokens of the whole prompt, cached ones included; `nil` where the provider did not say.
    package var promptTokens: Int? { input.map { Self.sane($0) + cacheReads + cacheWrites } }

    /// Tokens read from the cache; 0 where none were reported.
    var cacheReads: Int { Self.sane(cacheRead) }

    /// Tokens written to the cache, with either lifetime.
    var cacheWrites: Int { Self.sane(cacheWriteShort) + Self.sane(cacheWriteLong) }

    /// Counts are what a provider wrote, so sums and differences of them must not overflow.
    static func sane(_ count: Int?) -> Int { min(max(0, count ?? 0), 1 << 40) }
}

/// A set that forgets its oldest member when it is full.
struct BoundedSet: Sendable {
    private var members: Set<UInt64> = []
    private var order: [UInt64] = []
    private var next = 0
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func contains(_ member: UInt64) -> Bool { members.contains(member) }

    mutating func insert(_ member: UInt64) {
        guard members.insert(member).inserted else { return }
        if order.count < limit {
            order.append(member)
        } else {
            members.remove(order[next])
            order[next] = member
            next = (next + 1) % limit
        }
    }
}

/// Names by small numbers; those that no longer fit, or are too long, share the name "".
struct NameList: Sendable {
    private var names: [String] = [""]
    private var index: [String: UInt16] = [:]
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func index(of name: String) -> UInt16 {
        if let known = index[name] { return known }
        guard names.count < limit, name.utf8.count <= 256 else { return 0 }
        let new = UInt16(names.count)
        names.append(name)
        index[name] = new
        return new
    }

    func name(_ index: UInt16) -> String { Int(index) < names.count ? names[Int(index)] : "" }
}
