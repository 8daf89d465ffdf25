import Testing

@testable import WeirSimulator

/// The rules of OpenAI's prompt cache, on values.
@Suite struct SimulatorAutomaticCacheTests {
    private var cache = AutomaticCache()

    /// Text of that many tokens, which differs from that of another name at once.
    private static func text(_ name: String, tokens: Int) -> String {
        var text = name
        while text.utf8.count < tokens * 4 { text += " \(name) holds the water back." }
        return String(text.prefix(tokens * 4))
    }

    private static func body(_ model: String, _ texts: [String], _ members: String = "") -> String {
        let turns = texts.map { #"{"role":"user","content":"\#($0)"}"# }.joined(separator: ",")
        return #"{"model":"\#(model)",\#(members)"messages":[\#(turns)]}"#
    }

    private static func request(
        _ body: String, _ surface: OpenAIRequest.Surface = .chat
    ) throws -> OpenAIRequest {
        try OpenAIRequest(JSONReader.read(Array(body.utf8)), surface)
    }

    private mutating func send(
        _ body: String, _ surface: OpenAIRequest.Surface = .chat, at now: Double, key: String = "k"
    ) throws -> AutomaticCache.Outcome {
        let request = try Self.request(body, surface)
        let scope = "\(key)\n\(request.model)"
        let home = AutomaticPrefixes.home(request.prompt, request.cache, scope: scope)
        let machine = cache.machine(for: home, now: now)
        let prefixes = AutomaticPrefixes(request.prompt, request.cache, machine: machine)
        let (outcome, writes) = cache.outcome(of: prefixes, request.cache, now: now)
        cache.commit(writes, now: now)
        return outcome
    }

    @Test mutating func anExtendedPromptReadsWholeStepsAndPaysForTheRest() throws {
        let first = Self.text("a", tokens: 1_500)
        let more = Self.text("b", tokens: 400)
        let one = try send(Self.body("gpt-5.6-sol", [first]), at: 0)
        let two = try send(Self.body("gpt-5.6-sol", [first, more]), at: 1)
        let three = try send(Self.body("gpt-5.6-sol", [first, more]), at: 2)
        #expect(one == .init(read: 0, write30m: 1_408))
        #expect(two == .init(read: 1_408, write30m: 384))
        #expect(three == .init(read: 1_792))
    }

    @Test(arguments: [("gpt-5.4-mini", 1_408, 0), ("gpt-5.6-luna", 1_408, 1_408), ("llama-4", 1_408, 0)])
    mutating func onlyNewFamiliesReportWrites(model: String, read: Int, written: Int) throws {
        let body = Self.body(model, [Self.text("a", tokens: 1_500)])
        #expect(try send(body, at: 0).written == written)
        #expect(try send(body, at: 1).read == read)
    }

    @Test(arguments: [
        ("gpt-5.6", true), ("gpt-5.6-sol-2026-09-01", true), ("gpt-5.10", true), ("gpt-6", true),
        ("gpt-6.1-sol", true), ("gpt-5.5", false), ("gpt-5", false), ("gpt-5-mini", false), ("gpt-4o", false),
        ("gpt-oss-120b", false), ("gpt-60b", false), ("o3", false), ("claude-opus-5", false),
    ])
    func familiesAreToldByTheirVersion(model: String, isCharged: Bool) {
        #expect(OpenAICacheTerms.isCharged(model) == isCharged)
    }

    @Test mutating func promptsBelowTheMinimumAreNotCached() throws {
        let body = Self.body("gpt-5.6-sol", [Self.text("a", tokens: 1_000)])
        #expect(try send(body, at: 0) == .init())
        #expect(try send(body, at: 1) == .init())
    }

    @Test(arguments: [
        ("gpt-5.4", "", 599.0, 601.0), ("gpt-5.4", #""prompt_cache_retention":"24h","#, 86_399, 86_401),
        ("gpt-5.6-sol", "", 1_799, 1_801),
        ("gpt-5.6-sol", #""prompt_cache_options":{"ttl":"12h"},"#, 43_199, 43_201),
    ])
    mutating func prefixesLiveFromTheirLastUse(model: String, members: String, alive: Double, dead: Double)
        throws
    {
        let text = Self.text("a", tokens: 1_500)
        let body = Self.body(model, [], members).replacing(#""messages":[]"#, with: #""input":"\#(text)""#)
        _ = try send(body, .responses, at: 0)
        #expect(try send(body, .responses, at: alive).read == 1_408)
        #expect(try send(body, .responses, at: alive + alive).read == 1_408)
        #expect(try send(body, .responses, at: alive + alive + dead).read == 0)
    }

    @Test mutating func halfADayIsBookedApart() throws {
        let text = Self.text("a", tokens: 1_500)
        let body =
            #"{"model":"gpt-6.1-sol","input":"\#(text)","prompt_cache_options":{"ttl":"12h"}}"#
        #expect(try send(body, .responses, at: 0) == .init(write12h: 1_408))
    }

    // MARK: Routing

    @Test mutating func aSharedPrefixSpillsOverWithoutKeysAndStaysWithThem() throws {
        let shared = Self.text("shared", tokens: 1_500)
        func session(_ number: Int, keyed: Bool) -> String {
            let members = keyed ? #""prompt_cache_key":"s\#(number)","# : ""
            return Self.body("gpt-5.4", [shared, Self.text("session\(number)", tokens: 1_000)], members)
        }
        var missed = [false: 0, true: 0]
        for keyed in [false, true] {
            cache = AutomaticCache()
            for round in 0..<8 {
                for number in 0..<5 {
                    let outcome = try send(session(number, keyed: keyed), at: Double(round))
                    if outcome.read < 2_432 { missed[keyed, default: 0] += 1 }
                }
            }
        }
        // With keys every session writes once; without, each of three machines has to see each session.
        #expect(missed[true] == 5)
        #expect(missed[false] == 15)
    }

    @Test(arguments: [0, 31, 59.5]) mutating func aMinuteBeginsWithARequest(_ start: Double) throws {
        let body = Self.body("gpt-5.4", [Self.text("a", tokens: 1_500)])
        var read: [Int] = []
        for number in 0..<17 { read.append(try send(body, at: start + Double(number) / 10).read) }
        read.append(try send(body, at: start + 59.9).read)
        read.append(try send(body, at: start + 60).read)
        // The first of the sixteenth's machine is not known there; in the next minute the first machine takes it.
        #expect(read == [0] + [Int](repeating: 1_408, count: 14) + [0, 1_408, 1_408, 1_408])
    }

    @Test mutating func keysOfCallersAndCachesKeepApart() throws {
        let text = Self.text("a", tokens: 1_500)
        let keyed = Self.body("gpt-5.4", [text], #""prompt_cache_key":"one","#)
        let other = Self.body("gpt-5.4", [text], #""prompt_cache_key":"two","#)
        _ = try send(keyed, at: 0)
        #expect(try send(other, at: 1).read == 0)
        #expect(try send(keyed, at: 2, key: "someone").read == 0)
        #expect(try send(keyed, at: 3).read == 1_408)
    }

    // MARK: Breakpoints

    private static func marked(_ mode: String, _ texts: [(String, Bool)]) -> String {
        let parts = texts.map { text, isMarked -> String in
            let mark = isMarked ? #","prompt_cache_breakpoint":{"mode":"explicit"}"# : ""
            return #"{"type":"text","text":"\#(text)"\#(mark)}"#
        }
        let turns = parts.map { #"{"role":"user","content":[\#($0)]}"# }.joined(separator: ",")
        return #"{"model":"gpt-5.6-sol","prompt_cache_options":{"mode":"\#(mode)"},"messages":[\#(turns)]}"#
    }

    @Test mutating func explicitModeWritesAndReadsOnlyWhatIsMarked() throws {
        let (a, b, c) = (
            Self.text("a", tokens: 1_300), Self.text("b", tokens: 900), Self.text("c", tokens: 900)
        )
        let one = try send(Self.marked("explicit", [(a, true), (b, false)]), at: 0)
        #expect((1_300...1_330).contains(one.write30m))
        let two = try send(Self.marked("explicit", [(a, true), (c, false)]), at: 1)
        #expect(two == .init(read: one.write30m))
        let unmarked = try send(Self.marked("explicit", [(a, false), (c, false)]), at: 2)
        #expect(unmarked == .init())
    }

    @Test mutating func implicitModeWritesTheWholePromptAndItsMarks() throws {
        let (a, b) = (Self.text("a", tokens: 1_300), Self.text("b", tokens: 900))
        let one = try send(Self.marked("implicit", [(a, true), (b, false)]), at: 0)
        #expect(one.write30m == 2_176)
        let two = try send(Self.marked("explicit", [(a, true)]), at: 1)
        #expect((1_300...1_330).contains(two.read))
        #expect(two.written == 0)
    }

    @Test func movedBreakpointsDoNotChangeThePrompt() throws {
        let one = try Self.request(Self.marked("implicit", [("a", true), ("b", false)]))
        let two = try Self.request(Self.marked("implicit", [("a", false), ("b", true)]))
        #expect(one.prompt == two.prompt)
        #expect(one.cache.breakpoints.count == 1)
        #expect(one.cache.breakpoints.first?.end != two.cache.breakpoints.first?.end)
    }

    @Test(arguments: [("text", OpenAIRequest.Surface.chat), ("input_text", .responses)])
    func aTextAndAListOfOneTextAreTheSamePrompt(type: String, surface: OpenAIRequest.Surface) throws {
        let list = surface == .chat ? "messages" : "input"
        func prompt(_ content: String) throws -> OpenAIRequest {
            let body = #"{"model":"gpt-5.6-sol","\#(list)":[{"role":"developer","content":\#(content)}]}"#
            return try Self.request(body, surface)
        }
        let bare = try prompt(#""a""#)
        let marked = try prompt(
            #"[{"type":"\#(type)","text":"a","prompt_cache_breakpoint":{"mode":"explicit"}}]"#)
        #expect(bare.prompt == marked.prompt)
        #expect(marked.cache.breakpoints.count == 1)
        let two = try prompt(#"[{"type":"\#(type)","text":"a"},{"type":"\#(type)","text":""}]"#)
        #expect(bare.prompt != two.prompt)
    }

    // MARK: Refusals

    @Test(arguments: [
        ("gpt-5.5", #""prompt_cache_options":{"mode":"implicit"},"#, "unsupported_parameter"),
        ("my-own-model", #""prompt_cache_options":{},"#, "unsupported_parameter"),
        ("gpt-5.6-sol", #""prompt_cache_options":{"mode":"magic"},"#, "invalid_value"),
        ("gpt-5.6-sol", #""prompt_cache_options":{"ttl":"12h"},"#, "invalid_value"),
        ("gpt-5.6-sol", #""prompt_cache_options":[],"#, "invalid_type"),
        ("gpt-5.4", #""prompt_cache_key":7,"#, "invalid_type"),
        (
            "gpt-5.4", #""prompt_cache_key":"\#(String(repeating: "k", count: 65))","#,
            "string_above_max_length"
        ),
    ])
    func whatTheApiRefusesIsRefusedWithItsCode(model: String, members: String, code: String) throws {
        let body = Self.body(model, ["hello"], members)
        let refusal = #expect(throws: OpenAIRefusal.self) { try Self.request(body) }
        #expect(refusal?.code == code)
        #expect(refusal?.status == 400)
        #expect(refusal?.param?.hasPrefix("prompt_cache_") == true)
    }

    @Test(arguments: [
        ("gpt-5.5", #""prompt_cache_options":null,"#), ("gpt-5.6-sol", #""prompt_cache_options":{},"#),
        ("gpt-6-luna", #""prompt_cache_options":{"mode":"explicit","ttl":"30m"},"#),
        ("gpt-5.4", #""prompt_cache_key":"\#(String(repeating: "k", count: 64))","#),
    ])
    func whatTheApiTakesIsTaken(model: String, members: String) throws {
        #expect(throws: Never.self) { try Self.request(Self.body(model, ["hello"], members)) }
    }

    @Test mutating func memoryIsBounded() {
        for number in 0..<(AutomaticCache.limit + 500) {
            let machine = cache.machine(for: Digest(seed: UInt64(number)), now: 0)
            cache.commit(AutomaticCache.Writes(entries: [(machine, lifetime: 60)]), now: 0)
        }
        #expect(cache.count == AutomaticCache.limit)
    }
}

/// What the simulator says about cache markers, over the wire.
@Suite struct SimulatorMarkerTests {
    private static let marked =
        #"{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"text","text":"b"}"#
    private static func body(_ content: String) -> String {
        #"{"model":"m","max_tokens":5,"messages":[{"role":"user","content":[\#(content)]}]}"#
    }

    @Test(arguments: [
        ("0", "messages.0.content.0.cache_control: Extra inputs are not permitted"),
        ("1", ""), ("many", "x-sim-max-markers"),
    ])
    func aHeaderSetsHowManyMarkersAreTaken(limit: String, words: String) async throws {
        try await withSimulator { _, connection in
            let headers = anthropicHeaders.merging(["x-sim-max-markers": limit]) { $1 }
            let reply = try await connection.post("/v1/messages", Self.body(Self.marked), headers)
            #expect(reply.status == (words.isEmpty ? 200 : 400))
            #expect(reply.text.contains(words) || words.isEmpty)
            let plain = Self.body(#"{"type":"text","text":"a"}"#)
            let unmarked = try await connection.post("/v1/messages", plain, headers)
            #expect(unmarked.status == (limit == "many" ? 400 : 200))
        }
    }

    @Test func anOptionSetsItForAllRequests() async throws {
        try await withSimulator {
            $0.maxMarkers = 1
        } _: { _, connection in
            let both = Self.marked + "," + Self.marked
            let reply = try await connection.post("/v1/messages", Self.body(both), anthropicHeaders)
            #expect(reply.status == 400)
            #expect(reply.text.contains("A maximum of 1 blocks with cache_control may be provided. Found 2."))
        }
    }

    @Test func markersInsideOfToolResultsAreCountedWithTheOthers() async throws {
        let inner = #"{"type":"text","text":"r","cache_control":{"type":"ephemeral"}}"#
        let result = #"{"type":"tool_result","tool_use_id":"i","content":[\#(inner),\#(inner),\#(inner)]}"#
        try await withSimulator { _, connection in
            let four = Self.body(result + "," + Self.marked)
            #expect(try await connection.post("/v1/messages", four, anthropicHeaders).status == 200)
            let five = Self.body(result + "," + Self.marked + "," + Self.marked)
            let reply = try await connection.post("/v1/messages", five, anthropicHeaders)
            #expect(reply.text.contains("Found 5."))
        }
    }

    @Test func aMarkedDeferredToolIsRefused() async throws {
        let tool =
            #"{"name":"t","defer_loading":true,"input_schema":{},"cache_control":{"type":"ephemeral"}}"#
        let body =
            #"{"model":"m","max_tokens":5,"tools":[\#(tool)],"messages":[{"role":"user","content":"a"}]}"#
        try await withSimulator { _, connection in
            let reply = try await connection.post("/v1/messages", body, anthropicHeaders)
            #expect(reply.status == 400)
            #expect(reply.text.contains("cannot have both defer_loading=true and cache_control set"))
        }
    }

    @Test func aServerThatTakesNoMarkersTakesNoKeyEither() async throws {
        let body =
            #"{"model":"gpt-5.6-sol","prompt_cache_key":"k","messages":[{"role":"user","content":"a"}]}"#
        try await withSimulator { _, connection in
            let path = "/v1/chat/completions"
            let headers = openAIHeaders.merging(["x-sim-max-markers": "0"]) { $1 }
            let refused = try await connection.post(path, body, headers)
            #expect(refused.status == 400)
            #expect(refused.json?["error"]?["param"]?.string == "prompt_cache_key")
            #expect(try await connection.post(path, body, openAIHeaders).status == 200)
        }
    }

    @Test func openAIReportsReadsAndWritesInBothSpellings() async throws {
        let text = String(repeating: "abcd", count: 1_430)
        let chat = #"{"model":"gpt-5.6-sol","messages":[{"role":"user","content":"\#(text)"}]}"#
        let responses = #"{"model":"gpt-5.6-sol","input":"\#(text)","prompt_cache_key":"k1"}"#
        try await withSimulator { _, connection in
            func details(_ path: String, _ body: String, _ name: String) async throws -> JSON? {
                try await connection.post(path, body, openAIHeaders).json?["usage"]?[name]
            }
            let wrote = try await details("/v1/chat/completions", chat, "prompt_tokens_details")
            let read = try await details("/v1/chat/completions", chat, "prompt_tokens_details")
            #expect(wrote?["cache_write_tokens"]?.int == 1_408)
            #expect(read?["cached_tokens"]?.int == 1_408)
            #expect(read?["cache_write_tokens"]?.int == 0)
            let split = try await details("/v1/responses", responses, "input_tokens_details")
            #expect(split?["cache_write_tokens"]?.int == 1_408)
            #expect(split?["cache_write_tokens_details"]?["ttl_30m_tokens"]?.int == 1_408)
        }
    }
}
