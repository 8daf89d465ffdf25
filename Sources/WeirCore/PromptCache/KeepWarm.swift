/// Whether a prompt's cache entry is refreshed before it is gone, and when.
///
/// An entry of lifetime L is refreshed at w = 0.9·L after its last use, which gives it L anew. The next turn
/// is expected after the same gap g as the last one, a tenth later at most; n refreshes bridge it, the least
/// number with n·w + L > 1.1·g. They pay where, for T tokens in the entry and R tokens behind it,
///
///     n × (read·T + in·R)  <  c × (w − read)·T
///
/// with prices per token `read`, `in` and `w` (writing with that lifetime). The left side is what refreshes
/// cost, but for the one token each replies; the right side what a turn that comes back then saves. `c` is
/// the chance that it comes, given that it did not come within L. From the conversation's reuse, p₁ within
/// the short lifetime and p₂ within the long one, it is (p₂ − p₁) / (1 − p₁) for a short entry, and 1 − p₂,
/// at least, for a long one. Nothing is refreshed where the turn is expected within L, where n is above
/// `maxRefreshes`, or where n refreshes were made and no turn came.
package struct KeepWarm: Sendable, Equatable {
    /// Refreshes in a row without a turn.
    package static let maxRefreshes = 6

    /// Refreshes that bridge the expected gap, 1 to `maxRefreshes`.
    package let needed: Int
    /// `c` of the sum, 0 to 1.
    package let chance: Double
    private let ttl: CacheTTL
    /// Microseconds.
    private let lifetime: Int64

    private var interval: Int64 { lifetime / 10 * 9 }

    /// `nil` where the next turn is not expected, is expected in time, or too late to wait for.
    ///
    /// - Parameter ttl: Lifetime of the deepest entry.
    package init?(_ turn: Turn, ttl: CacheTTL, rules: CacheRules) {
        guard !rules.isAutomatic, let previousAt = turn.previousAt else { return nil }
        let seconds = rules.seconds(of: ttl)
        let (gap, isWild) = turn.arrivedAt.subtractingReportingOverflow(previousAt)
        // Lifetimes are hours at most; the bound keeps sums of a few of them from overflowing.
        guard !isWild, seconds > 0, seconds <= 1_000_000_000 else { return nil }
        lifetime = Int64(seconds) * 1_000_000
        self.ttl = ttl
        guard gap > lifetime, gap / lifetime <= Int64(Self.maxRefreshes) else { return nil }
        let interval = lifetime / 10 * 9
        needed = Int((gap + gap / 10 - lifetime) / interval) + 1
        guard needed <= Self.maxRefreshes else { return nil }
        chance = Self.chance(turn.conversationReuse, ttl)
    }

    private static func chance(_ reuse: ReuseEstimate, _ ttl: CacheTTL) -> Double {
        let short = min(1, max(0, reuse.withinShort))
        let long = min(1, max(short, reuse.withinLong))
        switch ttl {
        case .short: return short < 1 ? (long - short) / (1 - short) : 0
        case .long: return 1 - long
        }
    }

    /// Microseconds from `now` until the next refresh, 0 where it is due; `nil` where there is none to make.
    ///
    /// - Parameters:
    ///   - usage: Of the request, as the provider reported it.
    ///   - made: Refreshes since the last turn.
    ///   - usedAt: Microseconds since 1970 of the last use of the entry, by the turn or a refresh.
    package func wait(usage: Usage, prices: CachePrices, made: Int, usedAt: Int64, now: Int64) -> Int64? {
        let left = needed - made
        guard left > 0, made >= 0, let total = usage.promptTokens,
            let write = ttl == .short ? prices.writeShort : prices.writeLong
        else { return nil }
        let tokens = Double(min(total, usage.cacheReads + usage.cacheWrites))
        let refresh = Double(prices.read) * tokens + Double(prices.input) * (Double(total) - tokens)
        let saved = chance * (Double(write) - Double(prices.read)) * tokens
        guard tokens > 0, Double(left) * refresh < saved else { return nil }
        let age = now - usedAt
        return age < lifetime ? max(0, interval - max(0, age)) : nil
    }

    /// True where a refresh read the entry, and did not have to write most of it again.
    ///
    /// A provider that drops entries before their time would be paid for writing each of them.
    package static func isHeld(_ refresh: Usage) -> Bool {
        refresh.cacheReads > refresh.cacheWrites
    }
}

extension KeepWarm {
    /// What makes the smallest request of an Anthropic one: `max_tokens` 1, and no stream.
    ///
    /// Both are no part of the cache's key. `nil` where the request cannot be sent so: without `max_tokens`,
    /// with a member twice, with a prompt the provider holds, and with thinking of type enabled, whose budget
    /// has to be below `max_tokens`. `max_tokens` 0 would do without a reply, and is refused in some cases.
    package static func splices(_ facts: RequestFacts, _ bytes: UnsafeRawBufferPointer) -> [Splice]? {
        guard !facts.hasDuplicateMembers, !facts.hasServerHeldPrompt, let maxTokens = facts.maxTokensRange,
            let text = JSONBytes(bytes)
        else { return nil }
        if let thinking = facts.thinkingRange, !text.allowsOneToken(thinking: thinking) { return nil }
        var splices = [Splice(range: maxTokens, bytes: [0x31], rule: .keepWarm)]
        if facts.isStream, let stream = facts.streamRange {
            splices.append(Splice(range: stream, bytes: Array("false".utf8), rule: .keepWarm))
        }
        return splices
    }
}

extension JSONBytes {
    /// True for null, and for an object whose last `type` is a string other than "enabled".
    fileprivate func allowsOneToken(thinking: Range<Int>) -> Bool {
        if byte(at: thinking.lowerBound) == 0x6E { return true }
        guard byte(at: thinking.lowerBound) == 0x7B else { return false }
        var type: String?
        let end = try? members(thinking.lowerBound) { (name, value) throws(JSONFault) in
            let end = try skipValue(value)
            if string(name) == "type" { type = byte(at: value) == 0x22 ? string(value..<end) : nil }
            return end
        }
        guard end != nil, let type else { return false }
        return type != "enabled"
    }
}
