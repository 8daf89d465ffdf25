import Testing

@testable import WeirCore

/// For each field of each table a pair of requests that shares a key and one that does not.
@Suite struct KeyFieldTests {
    /// What the key makes of the top-level fields, written down a second time: a change of the table must be
    /// meant.
    static let inKey: [Endpoint: String] = [
        .messages: """
        system messages tools max_tokens temperature top_p top_k stop_sequences tool_choice thinking \
        output_config output_format context_management compaction fallbacks speed inference_geo safeguards \
        diagnostics mcp_servers container thread
        """,
        .chatCompletions: """
        messages tools functions temperature top_p top_k min_p seed frequency_penalty presence_penalty \
        logit_bias n logprobs top_logprobs modalities audio max_tokens max_completion_tokens stop \
        tool_choice function_call parallel_tool_calls response_format verbosity reasoning_effort prediction \
        moderation web_search_options store
        """,
        .responses: """
        input instructions tools temperature top_p max_output_tokens max_tool_calls tool_choice \
        parallel_tool_calls reasoning text image include top_logprobs truncation context_management \
        access_programs moderation previous_response_id conversation prompt background store
        """,
        .embeddings: "input dimensions encoding_format input_type truncate",
    ]
    static let ignored: [Endpoint: String] = [
        .messages: "model stream cache_control metadata tags service_tier",
        .chatCompletions: """
        model stream stream_options metadata user safety_identifier prompt_cache_key prompt_cache_retention \
        prompt_cache_options cache_control service_tier
        """,
        .responses: """
        model stream stream_options metadata user safety_identifier prompt_cache_key prompt_cache_retention \
        prompt_cache_options cache_control service_tier
        """,
        .embeddings: "model user safety_identifier",
    ]
    static let cached: [Endpoint] = [.messages, .chatCompletions, .responses, .embeddings]

    private static func words(_ list: String?) -> [String] {
        list?.split(separator: " ").map(String.init) ?? []
    }

    /// The request with that member, in front of or behind the others.
    private static func body(_ name: String, _ value: String?, isFirst: Bool = false) -> String {
        let member = value.map { ["\"\(name)\": \($0)"] } ?? []
        let other = [#""zzz":1"#, #""aaa":[]"#]
        return "{" + (isFirst ? member + other : other + member).joined(separator: ",") + "}"
    }

    @Test(arguments: cached) func theTableIsWhatWasDecided(endpoint: Endpoint) {
        let table = CacheField.table(for: endpoint).filter { $0.place == .body }
        #expect(
            table.filter { !$0.treatment.leavesOut }.map(\.name).sorted()
                == Self.words(Self.inKey[endpoint]).sorted())
        #expect(
            table.filter { $0.treatment.leavesOut }.map(\.name).sorted()
                == Self.words(Self.ignored[endpoint]).sorted())
        #expect(
            Set(CacheField.table(for: endpoint).map(\.path)).count == CacheField.table(for: endpoint).count)
    }

    @Test(arguments: cached) func aFieldInTheKeyTellsRequestsApart(endpoint: Endpoint) {
        for name in Self.words(Self.inKey[endpoint]) + ["unknown"] {
            let values = [
                nil, "null", "1", "2", #""a""#, #""b""#, "[1,2]", "[2,1]", #"{"a":1}"#, #"{"a":"1"}"#,
            ]
            let forms = values.map { Key.canonical(Self.body(name, $0), endpoint) }
            #expect(Set(forms).count == values.count, "\(name) of \(endpoint)")
            #expect(Key.canonical(Self.body(name, " 10e-1 ", isFirst: true), endpoint) == forms[2], "\(name)")
            #expect(
                Key.canonical(Self.body(name, #""\u0061""#, isFirst: true), endpoint) == forms[4], "\(name)")
            let digests = values.dropFirst().map { Key.of(Self.body(name, $0), endpoint).fields }
            #expect(Set(digests.map { $0.first { $0.name == name }?.hash }).count == values.count - 1)
        }
    }

    @Test(arguments: cached) func anIgnoredFieldDoesNot(endpoint: Endpoint) {
        for name in Self.words(Self.ignored[endpoint]) {
            let escaped = "\\u00" + String(name.utf8.first ?? 0, radix: 16) + name.dropFirst()
            let none = Key.of(Self.body(name, nil), endpoint)
            for value in ["null", "1", "2", #""a""#, "true", "[1,2]", #"{"a":1}"#] {
                for name in [name, escaped] {
                    #expect(Key.of(Self.body(name, value), endpoint) == none, "\(name) of \(endpoint)")
                    #expect(Key.of(Self.body(name, value, isFirst: true), endpoint) == none)
                }
            }
            #expect(Key.of(Self.body(name + "_", "1"), endpoint) != none)
            let twice = #"{"\#(name)":1,"a":2,"\#(name)":1}"#
            #expect(Key.of(twice, endpoint).notCacheable == .duplicateMember)
        }
    }

    /// Values that keep a request out of the cache, and values that do not.
    private static let never: [(Endpoint, String, String, String, CacheObstacle)] = [
        (Endpoint.messages, "max_tokens", "0", "1", CacheObstacle.prewarm),
        (.messages, "mcp_servers", #"[{"url":"x"}]"#, "[]", .serverTool),
        (.messages, "container", #""c""#, "null", .container),
        (.messages, "thread", #"{"type":"create"}"#, "null", .serverHeldPrompt),
        (.messages, "tools", #"[{"type":"web_search_20260209"}]"#, #"[{"name":"web_search"}]"#, .serverTool),
        (.messages, "tools", #"[{"type":"mcp_toolset"}]"#, #"[{"type":"bash_20250124"}]"#, .serverTool),
        (.messages, "tools", #"[{"type":"code_execution_20260521"}]"#, #"[{"type":"custom"}]"#, .serverTool),
        (
            .messages, "messages", #"[{"role":"system","content":[{"type":"tool_addition"}]}]"#,
            #"[{"role":"user","content":[{"type":"text","text":"tool_addition"}]}]"#, .serverTool
        ),
        (.chatCompletions, "web_search_options", "{}", "null", .serverTool),
        (.chatCompletions, "store", "true", "false", .storedReply),
        (.chatCompletions, "tools", #"[{"type":"web"}]"#, #"[{"type":"function"}]"#, .serverTool),
        (.chatCompletions, "prompt_cache_options", #"{"prewarm":true}"#, #"{"mode":"explicit"}"#, .prewarm),
        (.responses, "previous_response_id", #""resp_1""#, "null", .serverHeldPrompt),
        (.responses, "conversation", #""conv_1""#, "null", .serverHeldPrompt),
        (.responses, "prompt", #"{"id":"p"}"#, "null", .serverHeldPrompt),
        (.responses, "background", "true", "false", .background),
        (.responses, "prompt_cache_options", #"{"ttl":"12h","prewarm":1}"#, "{}", .prewarm),
        (.responses, "tools", #"[{"type":"web_search"}]"#, #"[{"type":"custom"}]"#, .serverTool),
        (.responses, "tools", #"[{"type":"mcp"}]"#, "[]", .serverTool),
        (.responses, "tools", #"[{"type":"f\u0069le_search"}]"#, #"[{"type":"functi\u006fn"}]"#, .serverTool),
        (
            .responses, "input", #"[{"type":"item_reference","id":"m"}]"#,
            #"[{"type":"message","role":"user","content":"m"}]"#, .serverHeldPrompt
        ),
        (.responses, "input", #"[{"id":"m"}]"#, #"[{"role":"user","id":"m"}]"#, .serverHeldPrompt),
    ]

    @Test(arguments: never)
    func someValuesAreNotCached(
        endpoint: Endpoint, name: String, never: String, cached: String, obstacle: CacheObstacle
    ) {
        let rest = endpoint == .responses ? #","store":false}"# : "}"
        let refused = Key.of("{\"\(name)\":\(never)" + rest, endpoint)
        #expect(refused.notCacheable == obstacle)
        #expect(refused.semanticObstacle == .notCacheable)
        #expect(Key.of("{\"\(name)\":\(cached)" + rest, endpoint).notCacheable == nil)
    }

    @Test func aStoredResponseIsNotCached() {
        #expect(Key.of(#"{"input":"a"}"#, .responses).notCacheable == .storedReply)
        #expect(Key.of(#"{"input":"a","store":true}"#, .responses).notCacheable == .storedReply)
        #expect(Key.of(#"{"input":"a","store":false}"#, .responses).notCacheable == nil)
        #expect(Key.of(#"{"messages":[]}"#, .chatCompletions).notCacheable == nil)
    }

    @Test(arguments: cached) func everyRowOfTheTableWorks(endpoint: Endpoint) {
        for field in CacheField.table(for: endpoint) where field.place != .body && field.treatment == .ignored
        {
            let marked = #"{"type":"text","\#(field.name)":{"a":1},"text":"t"}"#
            let list = endpoint == .responses ? "input" : "messages"
            let shapes: [(CacheField.Place, String)] = [
                (.tool, #"{"tools":[\#(marked)]}"#), (.message, #"{"\#(list)":[\#(marked)]}"#),
                (.part, #"{"\#(list)":[{"role":"user","content":[\#(marked),\#(marked)]}]}"#),
            ]
            for (place, body) in shapes where place == field.place {
                #expect(!Key.canonical(body, endpoint).contains(field.name), "\(field.path) of \(endpoint)")
            }
        }
    }

    @Test func aMarkerInDataIsData() {
        let bodies = [
            #"{"tools":[{"name":"a","input_schema":{"cache_control":1}}]}"#,
            #"{"messages":[{"role":"user","content":[{"type":"tool_use","input":{"cache_control":1}}]}]}"#,
            #"{"unknown":{"cache_control":1}}"#, #"{"tool_choice":{"metadata":1,"cache_control":1}}"#,
        ]
        for body in bodies { #expect(Key.canonical(body).contains(#""cache_control":1"#), "\(body)") }
    }

    @Test(arguments: Endpoint.allCases) func theMarkdownHasEveryRow(endpoint: Endpoint) {
        let lines = CacheField.markdown(for: endpoint).split(separator: "\n")
        #expect(lines.count == CacheField.table(for: endpoint).count + 3)
        for line in lines { #expect(line.split(separator: "|").count == 3, "\(line)") }
        #expect(Self.cached.contains(endpoint) == (lines.count > 3))
        #expect((Key.of(#"{"input":[]}"#, endpoint).notCacheable == .endpoint) == (lines.count == 3))
    }
}
