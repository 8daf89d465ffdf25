import NIOCore
import NIOHTTP1
import Testing
import WeirCore

@testable import WeirServer
@testable import WeirSimulator

/// Callers' limits through a whole gateway.
@Suite struct LimitTests {
    private static let body =
        #"{"model":"claude-opus-5-5","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}"#
    private static let chatBody =
        #"{"model":"gpt-6.1-sol","max_completion_tokens":5,"messages":[{"role":"user","content":"hi"}]}"#
    private static let anthropic = ["anthropic-version": "2023-06-01"]

    private static func limits(
        requests: Int? = nil, burst: Int? = nil, tokens: Int? = nil, concurrent: Int? = nil
    ) -> CallerLimitOptions {
        var limits = CallerLimitOptions()
        limits.requestsPerMinute = requests
        limits.burst = burst
        limits.tokensPerMinute = tokens
        limits.concurrent = concurrent
        return limits
    }

    /// Sends requests at one time, each on a connection of its own.
    private static func statuses(_ count: Int, _ send: @escaping @Sendable () async throws -> RawReply)
        async throws -> [Int: Int]
    {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<count { group.addTask { try await send().status } }
            var found: [Int: Int] = [:]
            for try await status in group { found[status, default: 0] += 1 }
            return found
        }
    }

    /// Connections are dealt out to the loops in turn, so that each loop sees half of these.
    @Test func twoEventLoopsDoNotMultiplyALimit() async throws {
        try await withWeir { config in
            config.threads = 2
            config.keys[0].limits = Self.limits(requests: 1, burst: 5)
        } _: { rig in
            let found = try await Self.statuses(16) {
                try await rig.post("/v1/messages", Self.body, Self.anthropic)
            }
            #expect(found == [200: 5, 429: 11])
            #expect(rig.simulator.received.count == 5)
        }
    }

    @Test func twoEventLoopsDoNotMultiplyABoundOnOpenRequests() async throws {
        try await withWeir { config in
            config.threads = 2
            config.keys[0].limits = Self.limits(concurrent: 3)
        } _: { rig in
            var open: [RawConnection] = []
            for _ in 0..<3 { open.append(try await Self.openStream(rig)) }
            let found = try await Self.statuses(8) {
                try await rig.post("/v1/messages", Self.body, Self.anthropic)
            }
            #expect(found == [429: 8])
            for connection in open { connection.channel.close(promise: nil) }
        }
    }

    @Test func countsAndListsPassWhileNoRequestMay() async throws {
        try await withWeir {
            $0.keys[0].limits = Self.limits(requests: 1, concurrent: 1)
        } _: { rig in
            #expect(try await rig.post("/v1/messages", Self.body, Self.anthropic).status == 200)
            #expect(try await rig.post("/v1/messages", Self.body, Self.anthropic).status == 429)
            let count = #"{"model":"claude-opus-5-5","messages":[{"role":"user","content":"hi"}]}"#
            let found = try await Self.statuses(25) {
                try await rig.post("/v1/messages/count_tokens", count, Self.anthropic)
            }
            #expect(found == [200: 25])
            let raw = try await rig.post("/p/anthropic/v1/messages/count_tokens", count, Self.anthropic)
            #expect(raw.status == 200)
            let connection = try await rig.connect()
            try await connection.send(
                "GET /v1/models HTTP/1.1\r\nhost: w\r\nx-api-key: \(JourneyRig.key)\r\n\r\n")
            let models = await connection.reply()
            #expect(models.status == 200)
            #expect(models.header("x-ratelimit-limit-requests") == "6000")
        }
    }

    @Test func aRefusalTellsWhichLimitAndWhenInTheCallersDialect() async throws {
        try await withWeir {
            $0.keys[0].limits = Self.limits(requests: 1, tokens: 100_000)
        } _: { rig in
            _ = try await rig.post("/v1/messages", Self.body, Self.anthropic)
            let refused = try await rig.post("/v1/messages", Self.body, Self.anthropic)
            #expect(refused.status == 429 && refused.header("x-should-retry") == "true")
            let text = String(decoding: refused.body, as: UTF8.self)
            #expect(text.contains("rate_limit_error") && text.contains(#"key \"test\""#), "\(text)")
            #expect(text.contains("limit of 1 requests a minute: 1 are used"), "\(text)")
            let wait = try #require(Int(refused.header("retry-after") ?? ""))
            #expect((1...60).contains(wait) && refused.header("retry-after-ms") == nil)
            #expect(refused.header("anthropic-ratelimit-requests-limit") == "1")
            #expect(refused.header("anthropic-ratelimit-requests-remaining") == "0")
            #expect(refused.header("anthropic-ratelimit-requests-reset")?.hasSuffix("Z") == true)
            #expect(refused.header("anthropic-ratelimit-tokens-limit") == "100000")

            let chat = try await rig.post("/v1/chat/completions", Self.chatBody)
            #expect(chat.status == 429)
            #expect(String(decoding: chat.body, as: UTF8.self).contains(#""code":"caller_limited""#))
            let milliseconds = try #require(Int(chat.header("retry-after-ms") ?? ""))
            #expect((1...60_000).contains(milliseconds))
            #expect(chat.header("retry-after") == String((milliseconds + 999) / 1000))
            #expect(chat.header("x-ratelimit-limit-requests") == "1")
            #expect(chat.header("x-ratelimit-remaining-requests") == "0")
            #expect(chat.header("x-ratelimit-reset-requests")?.hasSuffix("s") == true)
            #expect(rig.simulator.received.count == 1)
        } after: { rig in
            var rows: [Row] = []
            try LedgerReader(directory: rig.directory).forEach { rows.append($0) }
            #expect(rows.map(\.state) == [.settled, .refused, .refused])
            #expect(rows[1].reason == .callerLimited && rows[1].status == 429 && rows[1].attempts.isEmpty)
        }
    }

    /// Debt of hours: an agent should stop and not wait.
    @Test func aWaitOfHoursIsNotToBeSatOut() async throws {
        try await withWeir {
            $0.keys[0].limits = Self.limits(tokens: 1)
        } _: { rig in
            let long = Self.body.replacing("hi", with: String(repeating: "long ", count: 1000))
            #expect(try await rig.post("/v1/messages", long, Self.anthropic).status == 200)
            let refused = try await rig.post("/v1/messages", Self.body, Self.anthropic)
            #expect(refused.status == 429 && refused.header("x-should-retry") == "false")
            #expect(try #require(Int(refused.header("retry-after") ?? "")) > 3600)
        }
    }

    @Test(arguments: [true, false])
    func aLimitedCallerReadsItsOwnFiguresAndNobodyElses(streams: Bool) async throws {
        try await withWeir {
            $0.keys[0].limits = Self.limits(requests: 50, tokens: 200_000)
            $0.keys.append(ConfiguredKey(name: "free", key: Secret("wk_free")))
        } _: { rig in
            let stream = streams ? #""stream":true,"max_tokens""# : #""max_tokens""#
            let body = Self.body.replacing(#""max_tokens""#, with: stream)
            let limited = try await rig.post("/v1/messages", body, Self.anthropic)
            #expect(limited.status == 200)
            let fields = Self.fields(limited, "anthropic-ratelimit-")
            #expect(
                Set(fields.keys) == [
                    "requests-limit", "requests-remaining", "requests-reset", "tokens-limit",
                    "tokens-remaining", "tokens-reset",
                ])
            #expect(fields["requests-limit"] == ["50"] && fields["requests-remaining"] == ["49"])
            #expect(fields["tokens-limit"] == ["200000"])

            let free = try await rig.post(
                "/v1/messages", body, Self.anthropic.merging(["x-api-key": "wk_free"]) { $1 })
            let untouched = Self.fields(free, "anthropic-ratelimit-")
            #expect(untouched["requests-limit"] == ["4000"] && untouched["input-tokens-limit"] != nil)

            let chat = try await rig.post("/v1/chat/completions", Self.chatBody)
            let inChat = Self.fields(chat, "x-ratelimit-")
            // One of the two requests may have come back: that takes 1.2 seconds.
            let remaining = try #require(inChat["remaining-requests"]?.first)
            #expect(inChat["limit-requests"] == ["50"] && ["48", "49"].contains(remaining))
            #expect(inChat["limit-tokens"] == ["200000"] && inChat.count == 6)
        }
    }

    /// Towards HTTP/1 and HTTP/2 alike.
    @Test(arguments: [true, false]) func onlyRateLimitsAreTakenOut(hides: Bool) throws {
        let names = ["X-RateLimit-Limit-Requests", "anthropic-ratelimit-tokens-reset", "retry-after", "x-other"]
        let lines = names.map { "\($0): 1\r\n" }.joined()
        let source = try ReplyHead.parse(
            Array("HTTP/1.1 200 OK\r\n\(lines)content-length: 0\r\n\r\n".utf8), answersHEAD: false)
        var head = OutgoingHead(status: 200, source: source, framing: .length(0))
        head.hidesRateLimits = hides
        let left = hides ? Array(names[2...]) : names
        var written = ByteBuffer()
        head.write(to: &written, keepsAlive: true, isVersion11: true)
        #expect(
            String(buffer: written) == "HTTP/1.1 200 OK\r\n" + left.map { "\($0): 1\r\n" }.joined()
                + "content-length: 0\r\n\r\n")
        #expect(head.response().headers.map { $0.name } == left + ["content-length"])
    }

    /// What the provider counted, and not what was guessed, is gone.
    @Test func tokensAreCorrectedByTheProvidersCount() async throws {
        try await withWeir {
            $0.keys[0].limits = Self.limits(tokens: 1_000_000)
        } _: { rig in
            let reply = try await rig.post("/v1/messages", Self.body, Self.anthropic)
            let usage = try #require(reply.json?["usage"])
            let input = try #require(usage["input_tokens"]?.int)
            let output = try #require(usage["output_tokens"]?.int)
            let remaining = try #require(Int(reply.header("anthropic-ratelimit-tokens-remaining") ?? ""))
            // A whole token comes back each 60 µs, so some of it may be back.
            #expect(remaining >= 1_000_000 - input - output && remaining <= 1_000_000)
            let long = Self.body.replacing("hi", with: String(repeating: "long ", count: 200_000))
            let large = try await rig.post(
                "/v1/messages", long, Self.anthropic.merging(["x-sim-status": "529"]) { $1 })
            #expect(large.status >= 500)
            // What failed used nothing: the guess of 250,000 tokens is given back.
            let after = try await rig.post("/v1/messages", Self.body, Self.anthropic)
            let left = try #require(Int(after.header("anthropic-ratelimit-tokens-remaining") ?? ""))
            #expect(left > 900_000)
        }
    }

    @Test func aProjectsLimitHoldsForAllItsKeys() async throws {
        try await withWeir { config in
            var other = ConfiguredKey(name: "other", key: Secret("wk_other"))
            other.project = config.keys[0].project
            config.keys.append(other)
            config.projects[other.project] = Self.limits(requests: 1, burst: 2)
        } _: { rig in
            let asOther = Self.anthropic.merging(["x-api-key": "wk_other"]) { $1 }
            #expect(try await rig.post("/v1/messages", Self.body, Self.anthropic).status == 200)
            #expect(try await rig.post("/v1/messages", Self.body, asOther).status == 200)
            let refused = try await rig.post("/v1/messages", Self.body, asOther)
            #expect(refused.status == 429)
            #expect(String(decoding: refused.body, as: UTF8.self).contains(#"project \"default\""#))
        }
    }

    /// By the hash of what they show, whatever address they come from.
    @Test func callersThatPassThroughAreLimitedEachByItself() async throws {
        try await withWeir { config in
            config.callerLimits = Self.limits(requests: 1)
            config.routes = [
                Route(
                    model: "claude-opus-5-5", targets: [.init(provider: "anthropic")], auth: .passthrough)
            ]
        } _: { rig in
            let one = Self.anthropic.merging(["x-api-key": "sk-one"]) { $1 }
            let two = Self.anthropic.merging(["x-api-key": "sk-two"]) { $1 }
            var statuses: [Int] = []
            for headers in [one, two, one] {
                statuses.append(try await rig.post("/v1/messages", Self.body, headers).status)
            }
            #expect(statuses == [200, 200, 429])
        }
    }

    // MARK: Requests at one time

    /// A stream of which the first event has come, and which then says nothing more.
    private static func openStream(_ rig: JourneyRig) async throws -> RawConnection {
        let connection = try await rig.connect()
        let body = Self.body.replacing(#""max_tokens":5"#, with: #""stream":true,"max_tokens":50"#)
        let headers = anthropic.merging(["x-api-key": JourneyRig.key, "x-sim-fault": "stall"]) { $1 }
        try await connection.send(RawConnection.request("POST", "/v1/messages", body, headers))
        let reply = await connection.reply { $0.text.contains("event: message_start") }
        #expect(reply.status == 200)
        return connection
    }

    /// True as soon as a request is let in; asks again while it is not.
    private static func isLetIn(_ rig: JourneyRig) async throws -> Bool {
        while true {
            let status = try await rig.post("/v1/messages", body, anthropic).status
            if status != 429 { return status == 200 }
        }
    }

    @Test(.timeLimit(.minutes(1))) func aPlaceIsFreeAgainWhenTheCallerLeaves() async throws {
        try await withWeir {
            $0.keys[0].limits = Self.limits(concurrent: 1)
        } _: { rig in
            let stream = try await Self.openStream(rig)
            // Refused again and again: what was refused gives nothing back.
            for _ in 0..<5 {
                #expect(try await rig.post("/v1/messages", Self.body, Self.anthropic).status == 429)
            }
            stream.channel.close(promise: nil)
            #expect(try await Self.isLetIn(rig))
        }
    }

    /// Ways to end that each give the place back, once: with one place, the next request finds it free, and
    /// beside an open one it finds none.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            ["x-sim-fault": "reset-before-head"], ["x-sim-fault": "truncate"], ["x-sim-status": "500"],
            ["x-sim-status": "400"], ["x-sim-fault": "error-event"], ["x-sim-fault": "malformed-json"],
        ])
    func aPlaceIsFreeAgainHoweverARequestEnds(headers: [String: String]) async throws {
        try await withWeir {
            $0.keys[0].limits = Self.limits(concurrent: 1)
            $0.retry.attempts = 1
        } _: { rig in
            for stream in [false, true] {
                let body = Self.body.replacing(
                    #""max_tokens""#, with: #""stream":\#(stream),"max_tokens""#)
                _ = try await rig.post("/v1/messages", body, Self.anthropic.merging(headers) { $1 })
                #expect(try await Self.isLetIn(rig))
            }
            let open = try await Self.openStream(rig)
            #expect(try await rig.post("/v1/messages", Self.body, Self.anthropic).status == 429)
            open.channel.close(promise: nil)
        }
    }

    @Test(.timeLimit(.minutes(1))) func aPlaceIsFreeAgainWhereWeirItselfRefuses() async throws {
        try await withWeir { config in
            config.keys[0].limits = Self.limits(concurrent: 1)
            config.providers[1].url = "http://127.0.0.1:9"
            config.retry.attempts = 1
        } _: { rig in
            for (path, body) in [
                ("/p/nowhere/v1/x", "{}"), ("/v1/chat/completions", Self.chatBody),
                ("/v1/messages", "not json"),
            ] {
                let refused = try await rig.post(path, body)
                let next = try await rig.post("/v1/messages", Self.body, Self.anthropic)
                #expect(refused.status >= 400 && next.status == 200)
            }
        }
    }

    /// Values by the rest of the field's name.
    private static func fields(_ reply: RawReply, _ prefix: String) -> [String: [String]] {
        var found: [String: [String]] = [:]
        for line in reply.text.split(separator: "\r\n", maxSplits: 60)
        where line.lowercased().hasPrefix(prefix) {
            let parts = line.dropFirst(prefix.count).split(separator: ":", maxSplits: 1)
            found[parts[0].lowercased(), default: []].append(parts[1].drop { $0 == " " }.description)
        }
        return found
    }
}
