/// Anthropic's prompt cache: prefixes by key and model, with the lifetimes their writers asked for.
///
/// A prefix is every block from the first tool up to a breakpoint, compared byte by byte in canonical
/// spelling (through a 128-bit fingerprint). Holds no clock: `now` is seconds since 1970.
struct PromptCache: Sendable {
    /// Input tokens by how the cache served them; the three sum up to the prompt.
    struct Outcome: Sendable, Equatable {
        var uncached = 0
        var read = 0
        var write5m = 0
        var write1h = 0
        var written: Int { write5m + write1h }
    }

    /// What a request leaves in the cache once its reply has begun.
    struct Writes: Sendable {
        fileprivate var entries: [(Digest, ttl: Int)] = []
        /// The time the request started; lifetimes count from it.
        fileprivate var start: Double = 0
    }

    private struct Entry: Sendable {
        var expires: Double
        let ttl: Int
    }

    /// Prefixes kept; the oldest write goes first.
    static let limit = 100_000
    /// Positions a breakpoint looks at, itself included.
    static let lookBack = 20

    private var entries: [Digest: Entry] = [:]
    private var order: [Digest] = []
    private var dropped = 0

    /// Prefixes kept, expired ones included.
    var count: Int { entries.count }

    /// What the cache makes of a prompt, and what is to be written when the reply begins.
    ///
    /// - Parameter minimum: the model's shortest cacheable prefix in tokens; shorter breakpoints do nothing.
    func outcome(of prompt: PrefixChain, minimum: Int, now: Double) -> (Outcome, Writes) {
        let breakpoints = prompt.breakpoints.filter { prompt.sums[$0.block] >= minimum }
        var outcome = Outcome()
        let total = prompt.sums.last ?? 0
        let hit = breakpoints.reversed().lazy.compactMap { self.hit(prompt, from: $0.block, now: now) }.first
        outcome.read = hit.map { prompt.sums[$0] } ?? 0
        var writes = Writes(entries: [], start: now)
        if let hit, let entry = entries[prompt.digests[hit]] {
            writes.entries.append((prompt.digests[hit], entry.ttl))
        }
        var reached = outcome.read
        for point in breakpoints {
            guard prompt.sums[point.block] > reached else {
                // Inside what was read: a live entry there is used too, and so refreshed.
                let digest = prompt.digests[point.block]
                if let entry = entries[digest] { writes.entries.append((digest, entry.ttl)) }
                continue
            }
            let size = prompt.sums[point.block] - reached
            if point.ttl == .oneHour { outcome.write1h += size } else { outcome.write5m += size }
            reached = prompt.sums[point.block]
            writes.entries.append((prompt.digests[point.block], point.ttl.rawValue))
        }
        outcome.uncached = total - outcome.read - outcome.written
        return (outcome, writes)
    }

    /// Makes written prefixes readable and gives those that were read a new lifetime.
    mutating func commit(_ writes: Writes) {
        for (digest, ttl) in writes.entries {
            let expires = writes.start + Double(ttl)
            if let known = entries[digest] {
                let isAlive = known.expires > writes.start
                entries[digest] = Entry(
                    expires: max(known.expires, expires), ttl: isAlive ? known.ttl : ttl)
                continue
            }
            entries[digest] = Entry(expires: expires, ttl: ttl)
            order.append(digest)
        }
        shrink()
    }

    /// The last block of the longest live prefix that a breakpoint can see.
    private func hit(_ prompt: PrefixChain, from block: Int, now: Double) -> Int? {
        var candidate = block
        while candidate >= 0, prompt.positions[block] - prompt.positions[candidate] < Self.lookBack {
            if let entry = entries[prompt.digests[candidate]], entry.expires > now { return candidate }
            candidate -= 1
        }
        return nil
    }

    private mutating func shrink() {
        while order.count - dropped > Self.limit {
            entries.removeValue(forKey: order[dropped])
            dropped += 1
        }
        guard dropped > Self.limit else { return }
        order.removeFirst(dropped)
        dropped = 0
    }
}

/// The prefixes of one prompt: per block the fingerprint, the tokens and the position up to and including it.
struct PrefixChain: Sendable {
    let digests: [Digest]
    /// Tokens of the prefix that ends with the block.
    let sums: [Int]
    /// Where look-back counts it.
    let positions: [Int]
    let breakpoints: [(block: Int, ttl: PromptBlock.TTL)]

    /// - Parameters:
    ///   - scope: what walls caches off: key and model.
    ///   - systemSalt: what changes every prefix from the system level on (`speed`).
    ///   - messageSalt: what changes every prefix from the messages level on (tool choice, thinking, images).
    ///   - lookBack: what counts as one position.
    init(
        _ blocks: [PromptBlock], scope: String, systemSalt: [UInt8], messageSalt: [UInt8],
        lookBack: SimulatorLookBack = .blocks
    ) {
        var digest = Digest(seed: 0x5745_4952)
        digest.add(scope)
        var (digests, sums, positions): ([Digest], [Int], [Int]) = ([], [], [])
        var breakpoints: [(block: Int, ttl: PromptBlock.TTL)] = []
        var sum = 0
        var position = -1
        for (index, block) in blocks.enumerated() {
            let previous = index > 0 ? blocks[index - 1] : nil
            if block.level != previous?.level {
                digest.add(UInt64(block.level.rawValue))
                if block.level.rawValue >= 1, (previous?.level.rawValue ?? 0) < 1 { digest.add(systemSalt) }
                if block.level == .messages { digest.add(messageSalt) }
            }
            digest.add(block.canonical)
            sum += block.tokens
            let isTool = block.type == "tool_use" || block.type == "tool_result"
            let isRun = lookBack == .runs && isTool && previous?.type == block.type
            if !isRun { position += 1 }
            digests.append(digest)
            sums.append(sum)
            positions.append(position)
            if let ttl = block.ttl { breakpoints.append((index, ttl)) }
        }
        self.digests = digests
        self.sums = sums
        self.positions = positions
        self.breakpoints = breakpoints
    }
}
