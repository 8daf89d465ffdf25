import Testing
import WeirCore

/// Every row of the table of faults, on both dialects' bodies.
@Suite struct VerdictTests {
    /// Bodies as the two dialects write them.
    static let anthropic: [Int: String] = [
        400: anthropic("invalid_request_error", "max_tokens: Field required"),
        401: anthropic("authentication_error", "invalid x-api-key"),
        402: anthropic("billing_error", "Your organization is out of credits."),
        403: anthropic(
            "permission_error", "Your API key does not have permission to use the specified resource."),
        404: anthropic("not_found_error", "model: claude-9"),
        408: anthropic("timeout_error", "Request timeout"),
        409: anthropic("conflict_error", "Conflict"), 413: anthropic("request_too_large", "Too large"),
        429: anthropic("rate_limit_error", "This request would exceed your rate limit."),
        500: anthropic("api_error", "Internal server error"), 503: anthropic("api_error", "Unavailable"),
        504: anthropic("timeout_error", "Timeout"), 529: anthropic("overloaded_error", "Overloaded"),
    ]
    static let openAI: [Int: String] = [
        400: openAI(
            "invalid_request_error", "context_length_exceeded", "This model's maximum context length is 9."),
        401: openAI("invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
        402: openAI("billing_error", nil, "Payment required"),
        403: openAI("invalid_request_error", nil, "You do not have access to this resource."),
        404: openAI("invalid_request_error", "model_not_found", "The model does not exist."),
        408: openAI("server_error", nil, "Timeout"), 409: openAI("invalid_request_error", nil, "Conflict"),
        413: openAI("invalid_request_error", nil, "Too large"),
        429: openAI("requests", "rate_limit_exceeded", "Rate limit reached for requests."),
        500: openAI("server_error", nil, "The server had an error"),
        503: openAI("server_error", nil, "Overloaded"),
        504: openAI("server_error", nil, "Timeout"), 529: openAI("server_error", nil, "Overloaded"),
    ]

    static func anthropic(_ type: String, _ message: String, code: String? = nil) -> String {
        let details = code.map { #","details":{"error_code":"\#($0)"}"# } ?? ""
        return
            #"{"type":"error","error":{"type":"\#(type)","message":"\#(message)"\#(details)},"request_id":"req_1"}"#
    }

    static func openAI(_ type: String, _ code: String?, _ message: String) -> String {
        let code = code.map { "\"\($0)\"" } ?? "null"
        return #"{"error":{"message":"\#(message)","type":"\#(type)","param":null,"code":\#(code)}}"#
    }

    struct Wanted: Sendable {
        var status: Int
        var reason: WeirError.Reason?
        var outcome: TargetRecord.Outcome
        var fault: CredentialFault?
        /// Whether it may be repeated here, and go elsewhere; neither: it is for the caller.
        var here: Bool
        var elsewhere: Bool
        var isRefusal = false
    }

    static let table: [Wanted] = [
        Wanted(status: 200, outcome: .good, here: false, elsewhere: false),
        Wanted(status: 304, outcome: .neutral, here: false, elsewhere: false),
        Wanted(status: 400, outcome: .neutral, here: false, elsewhere: false),
        Wanted(
            status: 401, reason: .upstreamRejectedKey, outcome: .neutral, fault: .rejected, here: false,
            elsewhere: true, isRefusal: true),
        Wanted(
            status: 402, reason: .upstreamOutOfMoney, outcome: .neutral, fault: .outOfMoney, here: false,
            elsewhere: true, isRefusal: true),
        Wanted(
            status: 403, reason: .upstreamRejectedKey, outcome: .neutral, fault: .rejected, here: false,
            elsewhere: true, isRefusal: true),
        Wanted(status: 404, outcome: .neutral, here: false, elsewhere: false),
        Wanted(status: 408, reason: .upstreamFailed, outcome: .bad, here: true, elsewhere: true),
        Wanted(status: 409, reason: .upstreamFailed, outcome: .neutral, here: true, elsewhere: true),
        Wanted(status: 413, outcome: .neutral, here: false, elsewhere: false),
        Wanted(status: 418, outcome: .neutral, here: false, elsewhere: false),
        Wanted(status: 422, outcome: .neutral, here: false, elsewhere: false),
        Wanted(
            status: 429, reason: .upstreamLimited, outcome: .neutral, fault: .limited, here: true,
            elsewhere: true, isRefusal: true),
        Wanted(status: 500, reason: .upstreamFailed, outcome: .bad, here: true, elsewhere: true),
        Wanted(status: 501, reason: .upstreamFailed, outcome: .bad, here: true, elsewhere: true),
        Wanted(status: 502, reason: .upstreamFailed, outcome: .bad, here: true, elsewhere: true),
        Wanted(
            status: 503, reason: .upstreamOverloaded, outcome: .bad, here: true, elsewhere: true,
            isRefusal: true),
        Wanted(status: 504, reason: .upstreamFailed, outcome: .bad, here: true, elsewhere: true),
        Wanted(status: 520, reason: .upstreamFailed, outcome: .bad, here: true, elsewhere: true),
        Wanted(
            status: 529, reason: .upstreamOverloaded, outcome: .bad, here: true, elsewhere: true,
            isRefusal: true),
    ]

    @Test(arguments: table, [anthropic, openAI])
    func everyStatusIsJudgedAlikeInBothDialects(wanted: Wanted, bodies: [Int: String]) throws {
        let verdict = try AttemptVerdict.test(wanted.status, body: bodies[wanted.status] ?? "<html>")
        #expect(verdict.reason == wanted.reason)
        #expect(verdict.outcome == wanted.outcome)
        #expect(verdict.credentialFault == wanted.fault)
        #expect(verdict.mayRepeatHere == wanted.here)
        #expect(verdict.mayGoElsewhere == wanted.elsewhere)
        #expect(verdict.passes == (!wanted.here && !wanted.elsewhere))
        #expect(verdict.isRefusal == wanted.isRefusal)
        #expect(!verdict.isProviderWide)
        #expect(AttemptVerdict.needsBody(status: wanted.status) == (wanted.status >= 400))
    }

    @Test(arguments: [401, 402, 403, 429], [anthropic, openAI])
    func whatIsSaidOfTheCallersOwnCredentialIsForTheCaller(status: Int, bodies: [Int: String]) throws {
        let verdict = try AttemptVerdict.test(
            status, [("retry-after", "5")], body: bodies[status] ?? "", own: false)
        #expect(verdict == .callersFault)
    }

    static let emptyAccounts: [(Int, String)] = [
        (429, anthropic("rate_limit_error", "Limit", code: "enforced_spend_limit_reached")),
        (429, anthropic("rate_limit_error", "Limit", code: "contract_spend_limit_reached")),
        (429, openAI("insufficient_quota", "insufficient_quota", "You exceeded your current quota")),
        (429, openAI("insufficient_quota", nil, "You exceeded your current quota")),
        (
            400,
            anthropic("invalid_request_error", "Your credit balance is too low to access the Anthropic API.")
        ),
        (400, anthropic("invalid_request_error", "You have reached your specified API usage limits.")),
        (403, openAI("billing_error", "billing_hard_limit_reached", "Billing hard limit has been reached")),
    ]

    @Test(arguments: emptyAccounts)
    func anEmptyAccountIsKnownHoweverItIsTold(status: Int, body: String) throws {
        let verdict = try AttemptVerdict.test(status, body: body)
        #expect(verdict.reason == .upstreamOutOfMoney)
        #expect(verdict.credentialFault == .outOfMoney)
        #expect(verdict.credentialUntil == nil)
        #expect(!verdict.mayRepeatHere && verdict.mayGoElsewhere)
        #expect(verdict.outcome == .neutral)
    }

    static let forbidden: [(String, Bool)] = [
        (
            openAI(
                "invalid_request_error", "model_not_found", "Project `p` does not have access to model `m`"),
            false
        ),
        ("<html><title>Attention Required! | Cloudflare</title>", false),
        ("", false),
        (openAI("moderation", nil, "Your chosen model requires moderation and your input was flagged"), true),
        (openAI("invalid_request_error", "content_policy_violation", "Rejected by our safety system"), true),
    ]

    /// One caller who asks for a model or a text that is not allowed must not take the key from all others.
    @Test(arguments: forbidden)
    func notEvery403IsTheCredentials(body: String, passes: Bool) throws {
        let verdict = try AttemptVerdict.test(403, body: body)
        #expect(verdict.credentialFault == nil)
        #expect(verdict.passes == passes)
        #expect(verdict.mayGoElsewhere == !passes)
        #expect(verdict.reason == (passes ? nil : .upstreamRejectedKey))
    }

    static let waits: [([(String, String)], Double)] = [
        ([("retry-after", "2")], 2.0), ([("retry-after", "0")], 0), ([("Retry-After", "1.5")], 1.5),
        ([("retry-after-ms", "750")], 0.75), ([("retry-after", "9"), ("retry-after-ms", "8200")], 8.2),
        ([("retry-after-ms", "8200"), ("retry-after", "9")], 8.2),
        ([("retry-after", "Sat, 21 Nov 2026 12:00:42 GMT")], 42),
        ([("retry-after", "Fri, 20 Nov 2026 12:00:42 GMT")], 0),
        (
            [
                ("anthropic-ratelimit-requests-limit", "50"), ("anthropic-ratelimit-requests-remaining", "0"),
                ("anthropic-ratelimit-requests-reset", "2026-11-21T12:00:33Z"),
            ], 33
        ),
        (
            [
                ("x-ratelimit-remaining-requests", "4"), ("x-ratelimit-limit-requests", "100"),
                ("x-ratelimit-reset-requests", "9s"), ("x-ratelimit-remaining-tokens", "0"),
                ("x-ratelimit-reset-tokens", "6m0s"),
            ], 360
        ),
    ]

    @Test(arguments: waits)
    func aLimitedCredentialIsSetAsideExactlyAsLongAsSaid(fields: [(String, String)], wait: Double) throws {
        let verdict = try AttemptVerdict.test(429, fields, body: Self.openAI[429] ?? "")
        #expect(verdict.retryAfter == seconds(wait))
        #expect(verdict.credentialUntil == noon + seconds(wait))
    }

    @Test(arguments: ["", "soon", "-1", "1,5", "Sat, 21 Foo 2026 12:00:42 GMT", "2026-11-21"])
    func aWaitThatIsNoTimeIsLeftOut(text: String) throws {
        let verdict = try AttemptVerdict.test(429, [("retry-after", text)])
        #expect(verdict.retryAfter == nil)
        #expect(verdict.credentialUntil == nil)
        #expect(verdict.credentialFault == .limited)
    }

    @Test func aResetThatIsOverSaysNothing() throws {
        let fields = [
            ("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "2026-11-21T11:00:00Z"),
        ]
        #expect(try AttemptVerdict.test(429, fields).credentialUntil == nil)
    }

    @Test func googlesDelayIsReadFromTheBody() throws {
        let body = """
            [{"error":{"code":429,"message":"Quota","status":"RESOURCE_EXHAUSTED","details":[
            {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"13.5s"}]}}]
            """
        let verdict = try AttemptVerdict.test(429, body: body)
        #expect(verdict.credentialUntil == noon + seconds(13.5))
    }

    @Test func theWaitOfAnOverloadedProviderIsNotTheCredentials() throws {
        let verdict = try AttemptVerdict.test(529, [("retry-after", "3")], body: Self.anthropic[529] ?? "")
        #expect(verdict.retryAfter == seconds(3))
        #expect(verdict.credentialUntil == nil && verdict.credentialFault == nil)
    }

    @Test(arguments: [429, 500, 503, 529])
    func aProviderThatForbidsItIsNotAskedAgain(status: Int) throws {
        let verdict = try AttemptVerdict.test(status, [("X-Should-Retry", "false")])
        #expect(!verdict.mayRepeatHere && verdict.mayGoElsewhere && !verdict.passes)
        #expect(try AttemptVerdict.test(status, [("x-should-retry", "true")]).mayRepeatHere)
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{}", #"{"error":null}"#, #"{"error":[]}"#, #"{"error":{"code":{}}}"#,
    ])
    func aBodyThatSaysNothingLeavesTheStatusToDecide(body: String) throws {
        #expect(try AttemptVerdict.test(429, body: body).credentialFault == .limited)
        #expect(try AttemptVerdict.test(500, body: body).reason == .upstreamFailed)
        #expect(try AttemptVerdict.test(400, body: body) == .callersFault)
    }
}
