/// What an attempt's end means: for the caller, the target, the credential, and the next attempt.
package struct AttemptVerdict: Sendable, Equatable {
    /// For the ledger; `nil` where the reply is good or the error is the caller's own.
    package var reason: WeirError.Reason?
    /// The reply is for the caller: no other attempt.
    package var passes: Bool
    package var outcome: TargetRecord.Outcome
    /// What is wrong with the credential; another credential of the same target may serve.
    ///
    /// Where it is `nil`, the credential is not set aside.
    package var credentialFault: CredentialFault?
    /// Until when the credential is to be set aside, as the provider said; microseconds since 1970.
    package var credentialUntil: Int64?
    package var mayRepeatHere = false
    package var mayGoElsewhere = false
    /// The provider did not take the request: sending it again repeats nothing.
    package var isRefusal = false
    /// Least wait before the same credential is asked again, in microseconds.
    package var retryAfter: Int64?
    /// Other models of the same address need not be asked.
    package var isProviderWide = false

    /// Another credential of the same target may serve. Also where this one may not use the model, which says
    /// nothing of it at other models.
    package var isOfCredential: Bool { credentialFault != nil || reason == .upstreamRejectedKey }

    /// A reply that is as it should be.
    package static let good = AttemptVerdict(reason: nil, passes: true, outcome: .good)
    /// A reply that tells the caller what it did wrong.
    package static let callersFault = AttemptVerdict(reason: nil, passes: true, outcome: .neutral)

    /// What the table says of a fault.
    package init(_ fault: AttemptFault) {
        let rule = fault.rule
        self.init(reason: rule.reason, passes: false, outcome: rule.outcome)
        credentialFault = rule.credentialFault
        mayRepeatHere = rule.mayRepeatHere
        mayGoElsewhere = rule.mayGoElsewhere
        isRefusal = rule.isRefusal
        isProviderWide = rule.isProviderWide
    }

    private init(reason: WeirError.Reason?, passes: Bool, outcome: TargetRecord.Outcome) {
        self.reason = reason
        self.passes = passes
        self.outcome = outcome
    }

    /// Whether a reply of that status is judged by its body; false for everything below 400.
    package static func needsBody(status: Int) -> Bool { status >= 400 }

    /// Judges a reply by its head and as much of its body as was gathered.
    ///
    /// - Parameter ownCredential: it went out with a credential of Weir's. What a provider says of the
    ///   caller's own credential (401, 402, 403, 429) is for the caller.
    package static func judge(
        _ head: ReplyHead, body: UnsafeRawBufferPointer, ownCredential: Bool, now: Int64
    ) -> AttemptVerdict {
        if head.status < 400 { return head.status < 300 ? .good : .callersFault }
        let facts = ProviderErrorFacts(body)
        guard let fault = fault(status: head.status, facts, ownCredential: ownCredential) else {
            return .callersFault
        }
        var verdict = AttemptVerdict(fault)
        verdict.takeWait(head, facts, now: now)
        if head.forbidsRetry { verdict.mayRepeatHere = false }
        return verdict
    }

    /// Judges an error that came as the first event of a stream: the event, or its data alone.
    package static func judge(
        errorEvent: UnsafeRawBufferPointer, ownCredential: Bool = true
    ) -> AttemptVerdict {
        let facts = ProviderErrorFacts(errorEvent)
        guard let fault = fault(status: facts.likelyStatus, facts, ownCredential: ownCredential) else {
            return .callersFault
        }
        return AttemptVerdict(fault)
    }

    /// Judges an attempt that brought no reply.
    ///
    /// - Parameter requestWasSent: a byte of the request may have reached the provider.
    package static func judge(_ error: WeirError, requestWasSent: Bool) -> AttemptVerdict {
        guard let fault = error.reason.attemptFault else {
            return AttemptVerdict(reason: error.reason, passes: true, outcome: .neutral)
        }
        var verdict = AttemptVerdict(fault)
        if !requestWasSent { verdict.isRefusal = true }
        verdict.retryAfter = error.retryAfterSeconds.map { Int64($0).multipliedSaturating(by: 1_000_000) }
        return verdict
    }

    /// The fault that a status of at least 400 stands for; `nil` where it is the caller's own.
    private static func fault(
        status: Int, _ facts: ProviderErrorFacts, ownCredential: Bool
    ) -> AttemptFault? {
        switch status {
        case 408: return .requestTimeout
        case 409: return .conflict
        case 503, 529: return .overloaded
        case 500...: return .failed
        default: break
        }
        guard ownCredential else { return nil }
        switch status {
        case 400: return facts.namesTheBalance || facts.isOutOfMoney ? .outOfMoney : nil
        case 401: return .rejected
        case 402: return .outOfMoney
        case 403:
            if facts.isAboutContent { return nil }
            if facts.isOutOfMoney { return .outOfMoney }
            // A body that is no provider's error is a wall in between: it says nothing of the credential.
            return !facts.isKnown || facts.isAboutModel ? .noAccess : .rejected
        case 429: return facts.isOutOfMoney ? .outOfMoney : .limited
        default: return nil
        }
    }

    /// How long to wait: `retry-after-ms`, `retry-after`, the reset of what is used up, Google's delay.
    private mutating func takeWait(_ head: ReplyHead, _ facts: ProviderErrorFacts, now: Int64) {
        retryAfter = head.retryAfter(now: now)
        if retryAfter == nil, reason == .upstreamLimited {
            // A reset that is over already comes from a clock that differs: it says nothing.
            let reset = RateLimits.read(head, now: now)?.usedUpUntil.flatMap { $0 > now ? $0 - now : nil }
            retryAfter = reset ?? facts.retryDelay
        }
        guard credentialFault == .limited || credentialFault == .outOfMoney, let retryAfter else { return }
        credentialUntil = now.addingSaturating(retryAfter)
    }
}

extension ProviderErrorFacts {
    /// The status that the same error would have had before the stream began.
    var likelyStatus: Int {
        if let status, (400...599).contains(status) { return status }
        if isOutOfMoney { return 402 }
        switch type {
        case "overloaded_error": return 529
        case "rate_limit_error", "rate_limit_exceeded", "requests", "tokens", "RESOURCE_EXHAUSTED": return 429
        case "authentication_error": return 401
        case "permission_error": return 403
        case "invalid_request_error", "request_too_large", "not_found_error": return 400
        default: break
        }
        switch code {
        case "rate_limit_exceeded": return 429
        case "invalid_api_key": return 401
        case "server_is_overloaded", "overloaded", "slow_down": return 503
        case _ where code.hasPrefix("invalid_") || code == "context_length_exceeded": return 400
        default: return 500
        }
    }
}

extension WeirError.Reason {
    /// The fault of an attempt that ended with this; `nil` where no other attempt would help.
    fileprivate var attemptFault: AttemptFault? {
        switch self {
        case .upstreamUnreachable: .unreachable
        case .upstreamBusy: .busy
        case .upstreamTimedOut: .silent
        case .upstreamBroke: .broke
        case .upstreamLimited: .limited
        case .upstreamOverloaded: .overloaded
        case .upstreamFailed: .failed
        case .upstreamRejectedKey: .rejected
        case .upstreamOutOfMoney: .outOfMoney
        case .malformedRequest, .unknownCaller, .notAllowed, .unknownEndpoint, .notFound, .methodNotAllowed,
            .bodyTooLarge, .requestTimedOut, .noProvider, .callerLimited, .allDown, .deadlinePassed,
            .notCached, .upstreamRefusedPart, .hedgedAway, .ledgerUnavailable, .shuttingDown, .callerLeft,
            .internalFault:
            nil
        }
    }
}

extension ReplyHead {
    /// Microseconds to wait by `retry-after-ms`, or else by `retry-after`; `nil` where neither says.
    package func retryAfter(now: Int64) -> Int64? {
        var wait: Int64?
        for field in fields where field.kind == .retryAfter {
            if field.name.count == 11 {
                wait = wait ?? ResetTime.retryAfter(bytes[field.value], now: now)
            } else if let exact = ResetTime.retryAfterMilliseconds(bytes[field.value]) {
                return exact
            }
        }
        return wait
    }

    /// True where the provider said `x-should-retry: false`.
    package var forbidsRetry: Bool {
        fields.contains { field in
            field.name.count == 14 && bytes[field.name].equalsIgnoringCase("x-should-retry")
                && bytes[field.value].equalsIgnoringCase("false")
        }
    }
}
