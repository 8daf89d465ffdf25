/// OpenAI's prompt cache: prefixes of 1,024 tokens and more, in steps of 128, on the machine that saw them.
///
/// Requests are routed by the first 256 tokens and `prompt_cache_key`; what comes faster than a machine takes
/// goes to the next one, which knows nothing of them. Holds no clock: `now` is seconds since 1970.
struct AutomaticCache: Sendable {
    /// Input tokens by how the cache served them; what is neither read nor written is the rest of the prompt.
    struct Outcome: Sendable, Equatable {
        var read = 0
        /// Written to be kept for 30 minutes, and for 12 hours; 0 from models that write for free.
        var write30m = 0
        var write12h = 0
        var written: Int { write30m + write12h }
    }

    /// What a request leaves in the cache once its reply has begun.
    struct Writes: Sendable {
        var entries: [(Digest, lifetime: Int)] = []
    }

    private struct Entry: Sendable {
        var expires: Double
        let lifetime: Int
    }

    static let minimum = 1_024
    static let step = 128
    /// Marked prefixes that matching looks at, the latest ones.
    static let matched = 80
    /// Requests of one beginning and key that a machine takes in a minute.
    static let machineRate = 15
    /// Prefixes kept; the oldest goes first.
    static let limit = 200_000
    /// Beginnings counted in one minute; more share the count of the first ones.
    static let countedLimit = 100_000

    private var entries: [Digest: Entry] = [:]
    private var order: [Digest] = []
    private var dropped = 0
    /// When the minute that is counted began: with a request, so that what takes less is in one.
    private var minuteBegan = -Double.infinity
    private var counts: [Digest: Int] = [:]

    /// Prefixes kept, expired ones included.
    var count: Int { entries.count }

    /// The machine that serves the next request of a home, which is counted.
    mutating func machine(for home: Digest, now: Double) -> Digest {
        if !(0..<60).contains(now - minuteBegan) {
            minuteBegan = now
            counts.removeAll(keepingCapacity: true)
        }
        let earlier = counts[home] ?? 0
        if earlier > 0 || counts.count < Self.countedLimit { counts[home] = earlier + 1 }
        var machine = home
        machine.add(UInt64(earlier / Self.machineRate))
        return machine
    }

    /// What the cache makes of a prompt, and what is to be written when the reply begins.
    func outcome(of prompt: AutomaticPrefixes, _ terms: OpenAICacheTerms, now: Double) -> (Outcome, Writes) {
        let steps = terms.isExplicit ? [] : prompt.steps
        var outcome = Outcome()
        if let step = steps.lastIndex(where: { isAlive($0, now) }) {
            outcome.read = AutomaticPrefixes.tokens(step: step)
        }
        if let point = prompt.points.last(where: { isAlive($0.digest, now) }) {
            outcome.read = max(outcome.read, point.tokens)
        }
        var writes = Writes()
        writes.entries = steps.map { ($0, terms.lifetime) }
        var ends = prompt.points.suffix(terms.isExplicit ? 4 : 3).map { ($0.tokens, $0.lifetime) }
        // Read beyond the ones that may be written: those are used, and so kept.
        writes.entries += prompt.points.dropLast(ends.count).filter { isAlive($0.digest, now) }
            .map { ($0.digest, $0.lifetime) }
        writes.entries += prompt.points.suffix(ends.count).map { ($0.digest, $0.lifetime) }
        if !terms.isExplicit { ends.append((prompt.stepped, terms.lifetime)) }
        guard terms.isCharged else { return (outcome, writes) }
        var reached = outcome.read
        for (end, lifetime) in ends.sorted(by: { $0.0 < $1.0 }) where end > reached {
            if lifetime == OpenAICacheTerms.halfDay {
                outcome.write12h += end - reached
            } else {
                outcome.write30m += end - reached
            }
            reached = end
        }
        return (outcome, writes)
    }

    /// Makes written prefixes readable and gives those that were read a new lifetime.
    mutating func commit(_ writes: Writes, now: Double) {
        for (digest, lifetime) in writes.entries {
            if let known = entries[digest] {
                let kept = known.expires > now ? known.lifetime : lifetime
                entries[digest] = Entry(expires: max(known.expires, now + Double(kept)), lifetime: kept)
                continue
            }
            entries[digest] = Entry(expires: now + Double(lifetime), lifetime: lifetime)
            order.append(digest)
        }
        while order.count - dropped > Self.limit {
            entries.removeValue(forKey: order[dropped])
            dropped += 1
        }
        guard dropped > Self.limit else { return }
        order.removeFirst(dropped)
        dropped = 0
    }

    private func isAlive(_ digest: Digest, _ now: Double) -> Bool { (entries[digest]?.expires ?? 0) > now }
}
