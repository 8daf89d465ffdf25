import NIOCore
import Synchronization
import Testing
import WeirCore
import WeirSimulator

@testable import WeirServer

/// Refreshes through a whole gateway to a simulator, whose entries Weir takes to live for a second.
@Suite struct KeepWarmTests {
    private static let shortLived: Catalogue = {
        var rules = Catalogue.builtIn.cacheRules
        rules["anthropic"]?.rules.shortSeconds = 1
        return Catalogue(generated: "test", entries: Catalogue.builtIn.entries, cacheRules: rules)
    }()

    private static let headers = [
        "anthropic-version": "2023-06-01", "x-weir-session": "slow", "x-weir-tags": "team=a",
        "idempotency-key": "once",
    ]

    /// A conversation with a marker of the caller's on about 5,000 tokens.
    private static func body(
        _ turns: Int, model: String = "claude-opus-5-5", maxTokens: Int = 7,
        extra: String = #","stream":true"#
    ) -> String {
        let rules = String(repeating: "All of this stays the same. ", count: 700)
        var messages: [String] = []
        for turn in 1...turns {
            messages.append(#"{"role":"user","content":"question \#(turn)"}"#)
            if turn < turns { messages.append(#"{"role":"assistant","content":"answer \#(turn)"}"#) }
        }
        return
            #"{"model":"\#(model)","max_tokens":\#(maxTokens),"system":[{"type":"text","text":"\#(rules)","#
            + #""cache_control":{"type":"ephemeral"}}],"messages":[\#(messages.joined(separator: ","))]\#(extra)}"#
    }

    /// Two turns of which the second comes more than two seconds after the first: one that takes that long.
    private static func sendTwoTurns(
        _ rig: JourneyRig, thinks: Bool = false, fault: [String: String] = [:]
    ) async throws {
        func body(_ turns: Int) -> String {
            guard thinks else { return Self.body(turns) }
            return Self.body(
                turns, model: "claude-haiku-4-5", maxTokens: 2000,
                extra: #","thinking":{"type":"enabled","budget_tokens":1024}"#)
        }
        let latency = ["x-sim-latency-ms": "2100"]
        #expect(try await rig.post("/v1/messages", body(1), headers.merging(latency) { $1 }).status == 200)
        #expect(try await rig.post("/v1/messages", body(2), headers.merging(fault) { $1 }).status == 200)
    }

    private static func rows(_ rig: JourneyRig) throws -> [Row] {
        var rows: [Row] = []
        try LedgerReader(directory: rig.directory).forEach { rows.append($0) }
        return rows
    }

    private static func refresh(of rows: [Row]) -> Row? { rows.first { $0.tags == "keep-warm" } }

    private static func refreshes(_ rig: JourneyRig) -> [String] {
        rig.simulator.received.map { String(decoding: $0.body, as: UTF8.self) }.filter {
            $0.contains(#""max_tokens":1,"#)
        }
    }

    /// Lets so many milliseconds pass with a request of another conversation.
    private static func wait(_ rig: JourneyRig, _ milliseconds: Int) async throws {
        _ = try await rig.post(
            "/v1/messages",
            #"{"model":"claude-haiku-5-5","max_tokens":3,"messages":[{"role":"user","content":"wait"}]}"#,
            ["anthropic-version": "2023-06-01", "x-sim-latency-ms": "\(milliseconds)"])
    }

    @Test(.timeLimit(.minutes(1))) func anEntryExpectedToBeGoneIsRefreshedAndHasItsRow() async throws {
        try await withWeir({ $0.keepWarm = true }, catalogue: Self.shortLived) { rig in
            try await Self.sendTwoTurns(rig)
            while Self.refreshes(rig).isEmpty { try await Self.wait(rig, 50) }
            let first = rig.simulator.received.first {
                String(decoding: $0.body, as: UTF8.self).contains(#""max_tokens":1,"#)
            }
            let received = try #require(first)
            let expected = Self.body(2, extra: #","stream":false"#).replacing(
                #""max_tokens":7"#, with: #""max_tokens":1"#)
            #expect(String(decoding: received.body, as: UTF8.self) == expected)
            #expect(received.uri == "/v1/messages")
            let names = received.headers.map { $0.name.lowercased() }
            #expect(names.contains("x-api-key") && names.contains("anthropic-version"))
            #expect(!names.contains("idempotency-key"))
            // Its row is written when its reply has come; a turn that follows cancels what is left of them.
            #expect(try await rig.post("/v1/messages", Self.body(3), Self.headers).status == 200)
        } after: { rig in
            let rows = try Self.rows(rig)
            let refresh = try #require(Self.refresh(of: rows))
            let turns = rows.filter { $0.session == "slow" && $0.tags == "team=a" }
            try #require(turns.count == 3)
            #expect(refresh.state == .settled && refresh.status == 200 && refresh.endpoint == .messages)
            #expect(refresh.caller == turns[1].caller && refresh.project == turns[1].project)
            #expect(refresh.session == "slow" && refresh.servedModel == "claude-opus-5-5")
            #expect(refresh.provider == "anthropic" && refresh.splices == "keep_warm")
            #expect(refresh.attempts.count == 1 && refresh.attempts[0].status == 200)
            #expect(refresh.usage.output == 1)
            #expect(refresh.usage.cacheRead == turns[1].usage.cacheRead && refresh.usage.cacheWriteShort == 0)
            let cost = try #require(refresh.cost)
            #expect(cost > .zero && cost == refresh.attempts[0].cost)
            #expect(
                refresh.savings == [Saving(source: .keepWarm, amount: .zero - cost, baseline: .zero)])
            #expect(refresh.receivedAt >= turns[1].receivedAt + 900_000)
        }
    }

    @Test(
        .timeLimit(.minutes(1)), arguments: ["off", "too large", "next turn", "prompt cache off", "thinking"])
    func nothingIsRefreshed(because reason: String) async throws {
        try await withWeir(
            { config in
                config.keepWarm = reason != "off"
                if reason == "too large" { config.limits.keepWarmBytes = 100_000 }
                if reason == "prompt cache off" { config.promptCache = .off }
            }, catalogue: Self.shortLived
        ) { rig in
            try await Self.sendTwoTurns(rig, thinks: reason == "thinking")
            if reason == "next turn" {
                #expect(try await rig.post("/v1/messages", Self.body(3), Self.headers).status == 200)
            }
            try await Self.wait(rig, 1500)
            #expect(Self.refreshes(rig).count == 0)
        } after: { rig in
            let rows = try Self.rows(rig)
            #expect(Self.refresh(of: rows) == nil)
            // The second turn read the entry: there was one to refresh.
            let read = rows.map { $0.usage.cacheRead ?? 0 }.max() ?? 0
            #expect(read > 4000)
        }
    }

    @Test(.timeLimit(.minutes(1))) func aRefreshThatTellsNoUsageIsTheLast() async throws {
        try await withWeir({ $0.keepWarm = true }, catalogue: Self.shortLived) { rig in
            // Of a stream one event is broken, of the plain reply to the refresh the whole body.
            try await Self.sendTwoTurns(
                rig, fault: ["x-sim-fault": "malformed-json", "x-sim-fault-after": "3"])
            while Self.refreshes(rig).isEmpty { try await Self.wait(rig, 50) }
            // Two were planned.
            try await Self.wait(rig, 1500)
            #expect(Self.refreshes(rig).count == 1)
        } after: { rig in
            let refresh = try #require(try Self.refresh(of: Self.rows(rig)))
            #expect(refresh.status == 200 && refresh.cost == nil && refresh.usageSource == .none)
            #expect(refresh.savings == [Saving(source: .keepWarm, amount: nil, baseline: .zero)])
        }
    }

    // MARK: What is kept

    private func request(_ conversation: UInt64, bytes: Int) throws -> KeptRequest {
        var config = Config()
        config.providers = [
            Provider(
                name: "anthropic", url: "http://127.0.0.1:9", dialects: [.anthropic], credentialStyle: .apiKey
            )
        ]
        let snapshot = try Snapshot(
            config: config, catalogue: .builtIn, keys: KeyRing(keys: [], configured: []), tls: nil,
            reliability: Reliability())
        let reuse = ReuseEstimate(withinShort: 0, withinLong: 1)
        var turn = Turn(
            conversation: conversation, fingerprint: 1, relation: .new, arrivedAt: 400_000_000,
            conversationReuse: reuse, fingerprintReuse: reuse)
        turn.previousAt = 0
        let source = ConversationSource(
            scope: 1, session: nil, agent: nil, model: "m", provider: "anthropic", account: 1)
        let layout = PromptLayout(dialect: .anthropic)
        let prompt = PromptState(
            turn: turn, source: source, terms: CacheTerms(rules: nil, prices: nil), layout: layout,
            plan: .make(
                mode: .off, layout: layout, turn: turn, source: source, rules: nil, prices: nil),
            callerMarkers: [])
        return KeptRequest(
            prompt, try #require(KeepWarm(turn, ttl: .short, rules: CacheRules())), snapshot: snapshot,
            upstream: snapshot.upstreams[0], head: ByteBuffer(),
            body: [UInt8](repeating: 0, count: bytes), row: Row())
    }

    @Test func theLeastRecentlyUsedRequestGoesFirst() throws {
        var kept = KeptRequests()
        let limit = 3 * 13_000
        let all = try (0..<4).map { try request(UInt64($0), bytes: 10_000) }
        for one in all.prefix(3) { kept.keep(one, limit: limit) }
        #expect(kept.count == 3 && kept.bytes == all.prefix(3).reduce(0) { $0 + $1.bytes })
        kept.use(all[0])
        kept.keep(all[3], limit: limit)
        #expect([true, false, true, true] == all.map { kept.holds($0) })
        #expect(kept.bytes <= limit)
        kept.drop(all[1])
        kept.drop(2)
        #expect(kept.count == 2)
        kept.dropAll()
        #expect(kept.count == 0 && kept.bytes == 0)
    }

    @Test func aConversationKeepsItsLastRequestOnly() throws {
        var kept = KeptRequests()
        var last = try request(7, bytes: 1000)
        for size in 1...500 {
            let next = try request(7, bytes: 1000 + size)
            kept.keep(next, limit: 1 << 20)
            #expect(!kept.holds(last) && kept.holds(next) && kept.bytes == next.bytes)
            kept.drop(last)
            last = next
        }
        #expect(kept.count == 1)
        kept.keep(try request(8, bytes: 5000), limit: 100)
        #expect(kept.count == 0 && kept.bytes == 0)
    }
}
