import Testing

@testable import WeirCore

/// What is the same in a prompt, what the question is, what a version stands for.
@Suite struct KeyPromptTests {
    private static let q = #"{"role":"user","content":"Why?"}"#

    @Test func aStringAndOneBlockAreTheSameWhereTheProtocolSaysSo() {
        func forms(_ role: String, _ endpoint: Endpoint) -> Int {
            let shapes = [
                #""t""#, #"[{"type":"text","text":"t"}]"#,
                #"[{"text":"t","type":"text","cache_control":{}}]"#,
            ]
            let list = endpoint == .responses ? "input" : "messages"
            return Set(
                shapes.flatMap { shape in
                    [
                        #"{"\#(list)":[{"role":"\#(role)","content":\#(shape)}]}"#,
                        #"{"\#(list)":[{"content":\#(shape),"role":"\#(role)"}]}"#,
                    ].map { Key.canonical($0, endpoint) }
                }
            ).count
        }
        for role in ["user", "assistant"] { #expect(forms(role, .messages) == 1) }
        #expect(forms("user", .chatCompletions) == 1)
        for role in ["assistant", "system", "tool"] { #expect(forms(role, .chatCompletions) == 2) }
        #expect(forms("user", .responses) == 2)
    }

    @Test func otherBlocksAreNotStrings() {
        let contents = [
            #""t""#, #"[{"type":"text","text":"t","citations":[]}]"#,
            #"[{"type":"text","text":"t"},{"type":"text","text":""}]"#,
            #"[{"type":"texts","text":"t"}]"#, #"[{"type":"text","text":["t"]}]"#, #"["t"]"#, "[]",
            #"{"type":"text","text":"t"}"#,
        ]
        let forms = contents.map { Key.canonical(#"{"messages":[{"role":"user","content":\#($0)}]}"#) }
        #expect(Set(forms).count == contents.count)
        let result = [#""t""#, #"[{"type":"text","text":"t"}]"#].map {
            Key.canonical(
                #"{"messages":[{"role":"user","content":[{"type":"tool_result","content":\#($0)}]}]}"#)
        }
        #expect(result[0] != result[1])
    }

    @Test func aResponsesStringIsOneMessageOfTheUser() {
        let string = Key.of(#"{"input":"a \"b\"","store":false}"#, .responses)
        let list = Key.of(#"{"store":false,"input":[{"role":"user","content":"a \u0022b\""}]}"#, .responses)
        #expect(string == list)
        #expect(string.questionText == "a \"b\"")
    }

    @Test func theAttributionBlockIsIgnoredAndNothingElse() {
        func form(_ system: String) -> String { Key.canonical(#"{"system":\#(system)}"#) }
        func block(_ text: String) -> String { #"{"type":"text","text":"\#(text)"}"# }
        let head = "x-anthropic-billing-header:"
        let prompt = block("You are")
        let plain = form("[\(prompt)]")
        for line in [
            "cc_version=2.1.329.a1; cc_entrypoint=sdk-cli;", "cc_version=1; cch=0f; cc_is_subagent=true;", "",
        ] {
            #expect(form("[\(block(head + " " + line)),\(prompt)]") == plain, "\(line)")
        }
        let others = [
            "cc_version=1; Answer in French;", "cc_version=1", "lang=fr;", "cc_x=a b;",
            "cc_version=1;\\nBe brief",
            "cc_x=\(String(repeating: "a", count: 65));",
        ].map { form("[\(block(head + " " + $0)),\(prompt)]") }
        #expect(Set(others + [plain]).count == others.count + 1)
        #expect(form("[\(prompt),\(block(head + " cc_version=1;"))]") != plain)
        #expect(form("\"\(head) cc_version=1;\"") == form("[\(block(head + " cc_version=2;"))]"))
        let first = Key.canonical(#"{"messages":[{"role":"user","content":"\#(head) cc_version=1;"}]}"#)
        #expect(first.contains("cc_version=1"))
    }

    private static let versioned: [(Endpoint, String, String)] = [
        (
            Endpoint.messages, #""system":"S""#,
            #""system":[{"type":"text","text":"T"},{"type":"text","text":"U"}]"#
        ),
        (.responses, #""store":false,"instructions":"S""#, #""store":false,"instructions":"T""#),
        (
            .chatCompletions, #""messages":[{"role":"system","content":"S"},\#(q)]"#,
            #""messages":[{"content":[{"type":"text","text":"T"}],"role":"system"},\#(q)]"#
        ),
        (
            .chatCompletions,
            #""messages":[{"role":"system","content":"S"},{"role":"developer","content":"D"},\#(q)]"#,
            #""messages":[{"role":"system","content":"T"},{"role":"developer","content":"E"},\#(q)]"#
        ),
        (
            .responses, #""store":false,"input":[{"role":"developer","content":"S"},\#(q)]"#,
            #""store":false,"input":[{"role":"developer","content":"T"},\#(q)]"#
        ),
    ]

    @Test(arguments: versioned)
    func aVersionStandsForTheSystemPrompt(endpoint: Endpoint, one: String, other: String) {
        let (one, other) = ("{\(one)}", "{\(other)}")
        #expect(Key.of(one, endpoint) != Key.of(other, endpoint))
        #expect(Key.of(one, endpoint, version: "1") == Key.of(other, endpoint, version: "1"))
        #expect(
            Key.of(one, endpoint, version: "1").canonical != Key.of(one, endpoint, version: "2").canonical)
        #expect(Key.of(one, endpoint, version: "").canonical != Key.of(one, endpoint).canonical)
        #expect(Key.of(one, endpoint, version: "1").questionText == Key.of(one, endpoint).questionText)
    }

    @Test func aVersionStandsForNothingElse() {
        func form(_ body: String, _ endpoint: Endpoint = .chatCompletions) -> String {
            Key.canonical(body, endpoint, version: "1")
        }
        let bodies = ["S", "T"].flatMap { text in
            [
                #"{"messages":[\#(Self.q),{"role":"system","content":"\#(text)"}]}"#,
                #"{"messages":[{"role":"user","content":"\#(text)"}]}"#,
                #"{"messages":[{"role":"system","name":"\#(text)","content":"S"}]}"#,
                #"{"messages":[{"role":"system","content":[{"type":"image_url","text":"\#(text)"}]}]}"#,
                #"{"messages":[{"role":"system","content":[{"type":"text","text":"S","x":"\#(text)"}]}]}"#,
            ]
        }
        #expect(Set(bodies.map { form($0) }).count == bodies.count)
        #expect(
            form(#"{"system":[{"type":"text","text":"S","citations":1}]}"#, .messages).contains("citations"))
        #expect(form(#"{"system":"v"}"#, .messages) != Key.canonical(#"{"system":"v"}"#))
        #expect(form(#"{"system":{"v":1}}"#, .messages).contains(#"{"v":1}"#))
        #expect(form(#"{}"#, .messages) == "{}v1")
    }

    private static let questions: [(String, String?, SemanticObstacle?)] = [
        (#"[\#(q)]"#, "Why?", nil),
        (#"[{"role":"user","content":[{"text":"W\u0068y?","type":"text"}]}]"#, "Why?", nil),
        (#"[{"content":"a\nb","role":"user"}]"#, "a\nb", nil),
        (#"[{"role":"user","content":"x"},{"role":"assistant","content":"y"},\#(q)]"#, "Why?", nil),
        (#"[{"role":"user","content":[{"type":"image"},{"type":"text","text":"x"}]},\#(q)]"#, "Why?", nil),
        ("[]", nil, .noMessages), (#"[\#(q),{"role":"assistant","content":"y"}]"#, nil, .notUser),
        (#"[\#(q),{"role":"system","content":"y"}]"#, nil, .notUser),
        (
            #"[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]"#, nil,
            .severalTexts
        ),
        (#"[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image"}]}]"#, nil, .attachment),
        (#"[{"role":"user","content":[{"type":"tool_result","content":"a"}]}]"#, nil, .toolResult),
        (
            #"[{"role":"user","content":[{"type":"tool_result","content":"a"},{"type":"text","text":"x"}]}]"#,
            nil, .toolResult
        ),
        (#"[{"role":"user","content":""}]"#, "", .empty), (#"[{"role":"user","content":[]}]"#, nil, .empty),
        (#"[{"role":"user"}]"#, nil, .empty), (#"["Why?"]"#, nil, .notUser),
        (#"[{"role":"user","content":"a\ud83d"}]"#, nil, .unreadable),
        (#"[{"role":"user","content":"a\ufffd\u0001\u001F\"\\/"}]"#, "a\u{FFFD}\u{1}\u{1F}\"\\/", nil),
    ]

    @Test(arguments: questions)
    func theQuestionIsTheLastTurnsText(messages: String, question: String?, obstacle: SemanticObstacle?) {
        let request = Key.of(#"{"max_tokens":9,"zzz":1,"messages":\#(messages),"system":"s"}"#)
        #expect(request.questionText == question)
        #expect(request.semanticObstacle == obstacle)
        #expect(request.notCacheable == nil)
    }

    @Test func otherSurfacesHaveQuestionsToo() {
        let chat = Key.of(#"{"messages":[{"role":"tool","content":"x"}]}"#, .chatCompletions)
        #expect(chat.semanticObstacle == .toolResult)
        let parts = #"[{"role":"user","content":[{"type":"input_text","text":"x"}]}]"#
        #expect(Key.of(#"{"store":false,"input":\#(parts)}"#, .responses).questionText == "x")
        let output = #"[{"type":"function_call_output","call_id":"c","output":"x"}]"#
        #expect(Key.of(#"{"store":false,"input":\#(output)}"#, .responses).semanticObstacle == .toolResult)
        let embedding = Key.of(#"{"input":"x"}"#, .embeddings)
        #expect(
            embedding.semanticObstacle == .endpoint && embedding.isDeterministic
                && embedding.notCacheable == nil)
        let long = String(repeating: "y", count: CacheRequest.maxQuestion + 1)
        let tooLong = Key.of(#"{"messages":[{"role":"user","content":"\#(long)"}]}"#)
        #expect(
            tooLong.semanticObstacle == .tooLong && tooLong.questionText == nil
                && tooLong.questionRange?.count == long.count)
    }

    @Test func toolsAreSeen() {
        for (tools, has) in [("[]", false), ("null", false), (#"[{"name":"a"}]"#, true)] {
            let request = Key.of(#"{"messages":[\#(Self.q)],"tools":\#(tools)}"#)
            #expect(request.hasTools == has)
            #expect(request.semanticObstacle == (has ? .tools : nil))
            #expect(request.questionText == "Why?")
        }
        #expect(Key.of(#"{"functions":[{"name":"a"}]}"#, .chatCompletions).hasTools)
    }

    @Test(
        arguments: [
            ("0", 0.0, true), ("0.0", 0, true), ("-0", 0, true), ("0e5", 0, true), ("1", 1, false),
            ("0.7", 0.7, false),
            ("7E-1", 0.7, false), ("1e-999", 0, false), (#""0""#, nil, false), ("null", nil, false),
            ("[0]", nil, false),
        ] as [(String, Double?, Bool)])
    func temperatureIsRead(spelled: String, temperature: Double?, isDeterministic: Bool) {
        for endpoint in [Endpoint.messages, .chatCompletions, .responses] {
            let request = Key.of(#"{"temperature":\#(spelled)}"#, endpoint)
            #expect(request.temperature == temperature)
            #expect(request.isDeterministic == isDeterministic)
        }
        #expect(Key.of("{}").temperature == nil && !Key.of("{}").isDeterministic)
    }
}
