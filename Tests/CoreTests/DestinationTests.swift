import Testing
import WeirCore

@Suite struct DestinationTests {
    @Test(arguments: [
        ("POST", "/v1/messages", false, Endpoint.messages),
        ("POST", "/v1/messages?beta=true", true, .messages),
        ("POST", "/v1/messages/count_tokens?beta=true", true, .countTokens),
        ("POST", "/v1/messages/batches", true, .anthropicOther),
        ("POST", "/v1/chat/completions", false, .chatCompletions),
        ("POST", "/v1/responses", false, .responses),
        ("GET", "/v1/responses/resp_1", false, .openAIOther),
        ("POST", "/v1/embeddings", false, .embeddings),
        ("GET", "/v1/models?limit=1000", true, .models),
        ("GET", "/v1/models/claude-opus-5-5", true, .models),
        ("DELETE", "/v1/models/ft:x", false, .openAIOther),
        ("GET", "/v1/files", true, .anthropicOther),
        ("GET", "/v1/files", false, .openAIOther),
    ])
    func pathsOfTheDataPlane(method: String, uri: String, speaksAnthropic: Bool, endpoint: Endpoint) {
        #expect(
            Destination.of(method: method, uri: uri, speaksAnthropic: speaksAnthropic)
                == .endpoint(endpoint, path: uri))
    }

    @Test(arguments: [
        ("HEAD", "/", Destination.hello), ("HEAD", "/api/hello", .hello), ("GET", "/healthz", .health),
        ("GET", "/readyz?x", .readiness),
        ("POST", "/p/groq/v1/chat/completions?a=b", .raw(provider: "groq", rest: "/v1/chat/completions?a=b")),
        ("GET", "/p/groq", .raw(provider: "groq", rest: "/")),
        ("GET", "/weir/v1/requests/req_1", .row(id: "req_1")),
    ])
    func pathsOfWeirsOwn(method: String, uri: String, expected: Destination) {
        #expect(Destination.of(method: method, uri: uri, speaksAnthropic: false) == expected)
    }

    @Test func aDoubledVersionIsNamed() {
        guard
            case .nowhere(let message) = Destination.of(
                method: "POST", uri: "/v1/v1/messages", speaksAnthropic: true)
        else {
            Issue.record("served")
            return
        }
        #expect(message.contains("/v1/v1/messages"))
        #expect(message.contains("without the trailing /v1"))
    }

    @Test(arguments: ["/v2/messages", "/chat/completions", "/p/", "/weir"])
    func anythingElseIsNowhere(uri: String) {
        guard case .nowhere = Destination.of(method: "POST", uri: uri, speaksAnthropic: false) else {
            Issue.record("served")
            return
        }
    }
}

@Suite struct RequestFieldTests {
    @Test(arguments: [
        ("anthropic-beta", RequestField.passing), ("x-stainless-lang", .passing),
        ("X-Claude-Code-Session-Id", .passing),
        ("Host", .dropped), ("Content-Length", .dropped), ("TE", .dropped), ("Transfer-Encoding", .dropped),
        ("Connection", .connection), ("X-Api-Key", .credential), ("Authorization", .credential),
        ("Accept-Encoding", .acceptEncoding), ("x-weir-tags", .ours), ("x-weir-key", .ours),
        ("X-Weir-Session", .ours),
        ("accept", .passing), ("user-agent", .passing), ("expect", .dropped),
    ])
    func everyFieldHasItsPlace(name: String, kind: RequestField) {
        #expect(RequestField.kind(of: name) == kind)
    }
}

@Suite struct ErrorBodyTests {
    @Test func anthropicErrorsHaveTypeAndRequestID() {
        let error = WeirError(.unknownCaller, "No \"key\".")
        let body = String(
            decoding: ErrorBody.json(error, dialect: .anthropic, requestID: "req_1"), as: UTF8.self)
        #expect(
            body
                == #"{"type":"error","error":{"type":"authentication_error","message":"No \"key\"."},"request_id":"req_1"}"#
        )
    }

    @Test func openAIErrorsHaveCodeAndParam() {
        let error = WeirError(.upstreamTimedOut, "Late.\n")
        let body = String(decoding: ErrorBody.json(error, dialect: .chat, requestID: "req_1"), as: UTF8.self)
        #expect(
            body
                == #"{"error":{"message":"Late.\n","type":"server_error","param":null,"code":"upstream_timed_out"}}"#
        )
    }

    @Test func eventsAreWholeAndNeverANormalEnd() {
        let error = WeirError(.upstreamBroke, "Cut.")
        for endpoint in Endpoint.allCases {
            let event = String(
                decoding: ErrorBody.event(error, endpoint: endpoint, requestID: nil), as: UTF8.self)
            #expect(event.hasSuffix("\n\n"))
            #expect(event.contains("data: {"))
            #expect(!event.contains("[DONE]") && !event.contains("message_stop"))
        }
    }

    @Test func whatWeirRefusesStopsAnAgentAtOnce() {
        for reason in [WeirError.Reason.unknownCaller, .notAllowed] {
            #expect(!reason.shouldRetry)
            #expect([401, 402, 403, 429].contains(reason.status))
        }
    }
}
