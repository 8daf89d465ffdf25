import Testing
import WeirCore

@testable import WeirSimulator

/// Sends the same requests to a simulated provider twice, as they come and as Weir would send them, and
/// prices both; time is a number that the test sets.
struct Laboratory {
    /// One request, both ways.
    struct Visit {
        let seconds: Double
        let promptTokens: Int
        /// What the provider's cache made of the caller's own bytes, and what that cost; no output counted.
        let plain: PromptCache.Outcome
        let plainCost: Money
        /// The same of what Weir sent.
        let sent: PromptCache.Outcome
        let cost: Money
        let plan: PromptCachePlan
        let isUnchanged: Bool
        let turn: Turn
        var marks: [CacheMark] { plan.isApplied ? plan.marks : [] }
    }

    /// Seconds since 1970 at which a session begins.
    static let start = 1_790_000_000.0

    let pricing = Pricing(catalogue: .builtIn, overrides: [:])
    var mode = PromptCacheMode.auto
    private(set) var visits: [Visit] = []
    private var book = PrefixBook()
    private var withWeir = PromptCache()
    private var without = PromptCache()

    var plainCost: Money { visits.reduce(.zero) { $0 + $1.plainCost } }
    var cost: Money { visits.reduce(.zero) { $0 + $1.cost } }

    /// What Weir spared, as a share of the cost without it; negative where it cost more.
    var saved: Double {
        1 - Double(cost.nanodollars) / Double(plainCost.nanodollars)
    }

    /// - Parameters:
    ///   - seconds: Since the session's begin.
    ///   - session: What the client calls its session; `nil` for one that sends no such field.
    mutating func send(_ script: SessionScript, at seconds: Double) throws {
        try send(script.body, model: script.model, at: seconds, session: nil)
    }

    mutating func send(_ body: [UInt8], model: String, at seconds: Double, session: String?) throws {
        let now = Self.start + seconds
        let source = ConversationSource(
            scope: 1, session: session, agent: nil, model: model, provider: "anthropic", account: 1)
        let rules = try #require(Catalogue.builtIn.cacheRules(model: model, provider: "anthropic"))
        let plain = try Self.ask(body, &without, now: now)
        let planned = try plan(body, source, rules, now: now)
        let sent = try Self.ask(planned.body, &withWeir, now: now)
        let usage = Self.usage(sent)
        book.answered(planned.sent, usage: usage, rules: rules)
        visits.append(
            Visit(
                seconds: seconds, promptTokens: plain.uncached + plain.read + plain.written, plain: plain,
                plainCost: try price(Self.usage(plain), model), sent: sent, cost: try price(usage, model),
                plan: planned.plan, isUnchanged: planned.body == body, turn: planned.turn))
    }

    private struct Planned {
        var body: [UInt8]
        var plan: PromptCachePlan
        var turn: Turn
        var sent: SentPrompt
    }

    /// What Weir makes of a request: layout, turn, decision, splices.
    private mutating func plan(
        _ body: [UInt8], _ source: ConversationSource, _ rules: CacheRules, now: Double
    ) throws -> Planned {
        let prices = try #require(pricing.cachePrices(model: source.model, provider: source.provider))
        return try body.withUnsafeBytes { bytes in
            let facts = try RequestFacts.read(bytes)
            let layout = try #require(PromptLayout.read(bytes, facts, dialect: .anthropic))
            let turn = book.arrive(layout, bytes, from: source, rules: rules, now: Int64(now * 1_000_000))
            let plan = PromptCachePlan.make(
                mode: mode, layout: layout, turn: turn, source: source, rules: rules, prices: prices)
            let marks = plan.isApplied ? plan.marks : []
            let splices = try #require(SpliceList(CacheSplices.marking(layout, marks, bytes)))
            let sent = SentPrompt(
                turn, layout: layout, markers: plan.entries.map { $0 - 1 }, ttl: plan.ttl, source: source)
            return Planned(body: splices.applied(to: bytes), plan: plan, turn: turn, sent: sent)
        }
    }

    /// The provider's answer: refusals fail the test in its words.
    static func ask(_ body: [UInt8], _ cache: inout PromptCache, now: Double) throws -> PromptCache.Outcome {
        let request = try AnthropicRequest(try JSONReader.read(body), version: "2023-06-01")
        let chain = request.chain(key: "k")
        let (outcome, writes) = cache.outcome(of: chain, minimum: request.known.cacheMinimum, now: now)
        cache.commit(writes)
        return outcome
    }

    static func usage(_ outcome: PromptCache.Outcome) -> Usage {
        var usage = Usage()
        usage.input = outcome.uncached
        usage.cacheRead = outcome.read
        usage.cacheWriteShort = outcome.write5m
        usage.cacheWriteLong = outcome.write1h
        usage.output = 0
        return usage
    }

    func price(_ usage: Usage, _ model: String) throws -> Money {
        try #require(pricing.cost(of: usage, model: model, provider: "anthropic", startedAt: 0))
    }
}
