import Testing
import WeirCore

/// Attempts without a reply, and streams that begin with an error.
@Suite struct VerdictErrorTests {
    static let withoutReply: [(WeirError.Reason, TargetRecord.Outcome, Bool, Bool)] = [
        (WeirError.Reason.upstreamUnreachable, TargetRecord.Outcome.bad, true, true),
        (.upstreamBusy, .neutral, true, false), (.upstreamTimedOut, .bad, false, false),
        (.upstreamBroke, .bad, true, false),
    ]

    @Test(arguments: withoutReply)
    func whatBroughtNoReplyMayBeTriedAgain(
        reason: WeirError.Reason, outcome: TargetRecord.Outcome, here: Bool, isProviderWide: Bool
    ) {
        let verdict = AttemptVerdict.judge(WeirError(reason, "x"), requestWasSent: true)
        #expect(verdict.reason == reason)
        #expect(verdict.outcome == outcome)
        #expect(verdict.mayRepeatHere == here)
        #expect(verdict.mayGoElsewhere && !verdict.passes)
        #expect(verdict.isProviderWide == isProviderWide)
        #expect(verdict.credentialFault == nil)
    }

    @Test func whatWasNotSentWasNotTaken() {
        let error = WeirError(.upstreamBroke, "x")
        #expect(AttemptVerdict.judge(error, requestWasSent: false).isRefusal)
        #expect(!AttemptVerdict.judge(error, requestWasSent: true).isRefusal)
    }

    @Test func faultsThatAreNoTargetsStopAndSayNothingOfIt() {
        let ofTargets: Set<WeirError.Reason> = [
            .upstreamUnreachable, .upstreamBusy, .upstreamTimedOut, .upstreamBroke, .upstreamLimited,
            .upstreamOverloaded, .upstreamFailed, .upstreamRejectedKey, .upstreamOutOfMoney,
        ]
        for reason in WeirError.Reason.allCases where !ofTargets.contains(reason) {
            let verdict = AttemptVerdict.judge(WeirError(reason, "x"), requestWasSent: true)
            #expect(verdict.passes && verdict.outcome == .neutral && verdict.reason == reason)
            #expect(!verdict.mayRepeatHere && !verdict.mayGoElsewhere)
        }
    }

    @Test func everyFaultHasARowThatLeadsSomewhere() {
        for fault in AttemptFault.allCases {
            let rule = fault.rule
            #expect(rule.mayGoElsewhere)
            // A credential's fault and waiting for capacity say nothing of the target's health.
            if rule.credentialFault != nil { #expect(rule.outcome == .neutral && rule.isRefusal) }
            #expect(rule.outcome != .good)
        }
    }

    static let events: [(String, WeirError.Reason, CredentialFault?)] = [
        (
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
            WeirError.Reason.upstreamOverloaded, nil
        ),
        (#"{"type":"error","error":{"type":"api_error","message":"x"}}"#, .upstreamFailed, nil),
        (#"{"type":"error","error":{"type":"rate_limit_error","message":"x"}}"#, .upstreamLimited, .limited),
        (
            #"{"type":"error","error":{"type":"authentication_error","message":"x"}}"#, .upstreamRejectedKey,
            .rejected
        ),
        (
            #"{"type":"error","error":{"type":"billing_error","message":"x"}}"#, .upstreamOutOfMoney,
            .outOfMoney
        ),
        (#"data: {"error":{"message":"x","type":"server_error","code":null}}"#, .upstreamFailed, nil),
        (
            #"{"error":{"message":"x","type":"requests","code":"rate_limit_exceeded"}}"#, .upstreamLimited,
            .limited
        ),
        (#"{"error":{"message":"x","type":"insufficient_quota"}}"#, .upstreamOutOfMoney, .outOfMoney),
        // OpenRouter: the status as a number, within a chunk.
        (
            #"{"id":"gen-1","choices":[],"error":{"code":502,"message":"Provider returned error"}}"#,
            .upstreamFailed, nil
        ),
        (#"{"error":{"code":429,"message":"Rate limited"}}"#, .upstreamLimited, .limited),
        (
            #"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#,
            .upstreamOverloaded, nil
        ),
        // Responses: the error alone, and the response that failed.
        (
            #"{"type":"error","code":"server_error","message":"x","param":null,"sequence_number":0}"#,
            .upstreamFailed, nil
        ),
        (
            #"{"type":"response.failed","response":{"id":"r","error":{"code":"rate_limit_exceeded","message":"x"}}}"#,
            .upstreamLimited, .limited
        ),
        (#"{"error":"something broke"}"#, .upstreamFailed, nil), ("garbage", .upstreamFailed, nil),
    ]

    @Test(arguments: events)
    func aStreamThatBeginsWithAnErrorIsJudgedLikeItsStatus(
        event: String, reason: WeirError.Reason, fault: CredentialFault?
    ) {
        let verdict = AttemptVerdict.test(event: event)
        #expect(verdict.reason == reason)
        #expect(verdict.credentialFault == fault)
        #expect(!verdict.passes && verdict.mayGoElsewhere)
    }

    @Test(arguments: [
        #"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long"}}"#,
        #"{"error":{"message":"x","type":"invalid_request_error","code":"context_length_exceeded"}}"#,
        #"{"type":"error","code":"invalid_prompt","message":"x"}"#,
    ])
    func aStreamThatTellsTheCallerOfItsOwnFaultPasses(event: String) {
        #expect(AttemptVerdict.test(event: event) == .callersFault)
    }
}
