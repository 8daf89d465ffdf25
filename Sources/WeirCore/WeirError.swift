/// What went wrong, for the caller and for the ledger.
///
/// Making one does nothing else: no log, no metric. It is rendered in `Front/ErrorReply.swift`.
package struct WeirError: Error, Sendable, Equatable {
    package let reason: Reason
    /// One or two sentences for the caller: what was found, where, and what to write instead.
    ///
    /// Never a secret, never a Swift type name.
    package let message: String
    /// Whole seconds after which trying again makes sense; `nil` when waiting does not help or is not known.
    package var retryAfterSeconds: Int?

    package init(_ reason: Reason, _ message: String, retryAfterSeconds: Int? = nil) {
        self.reason = reason
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// The closed list of reasons; the raw value is the word in the ledger, the metrics and the docs.
    package enum Reason: String, Sendable, CaseIterable, Codable {
        /// The body is not JSON, or lacks what the endpoint cannot work without.
        case malformedRequest = "malformed_request"
        /// No caller key, or one that Weir did not issue or has revoked.
        case unknownCaller = "unknown_caller"
        /// The key may not use this model or provider.
        case notAllowed = "not_allowed"
        /// The path is none that Weir serves.
        case unknownEndpoint = "unknown_endpoint"
        /// The model, or the ledger row asked for, does not exist here.
        case notFound = "not_found"
        /// The path exists, the method does not.
        case methodNotAllowed = "method_not_allowed"
        /// The body is over the configured limit.
        case bodyTooLarge = "body_too_large"
        /// The caller stopped sending before its request was complete.
        case requestTimedOut = "request_timed_out"
        /// No provider is configured for what was asked.
        case noProvider = "no_provider"
        /// The key, project or model is over a limit of Weir's own.
        case callerLimited = "caller_limited"
        /// No target can be asked now, or every attempt failed; the message lists the reason of each.
        case allDown = "all_down"
        /// The caller wants an answer from memory alone, and none is there.
        case notCached = "not_cached"
        /// The request's whole time is over (`timeouts.total`).
        case deadlinePassed = "deadline_passed"
        /// The connection bound of the provider is reached.
        case upstreamBusy = "upstream_busy"
        /// The provider could not be reached: refused, unknown host, TLS failure, connect timeout.
        case upstreamUnreachable = "upstream_unreachable"
        /// The provider took the request and did not answer in time, or fell silent.
        case upstreamTimedOut = "upstream_timed_out"
        /// The provider's answer ended early or was not HTTP.
        case upstreamBroke = "upstream_broke"
        /// The provider refused the request for its rate limits (429).
        case upstreamLimited = "upstream_limited"
        /// The provider said that it is overloaded (503, 529).
        case upstreamOverloaded = "upstream_overloaded"
        /// The provider answered with another error of its own (408, 409, 5xx, an error as a stream's first
        /// event).
        case upstreamFailed = "upstream_failed"
        /// The provider rejected a credential of Weir's (401, 403).
        case upstreamRejectedKey = "upstream_rejected_key"
        /// The account of the credential is out of money or over its spending limit (402, some 429).
        case upstreamOutOfMoney = "upstream_out_of_money"
        /// The provider rejected markers, or signed blocks, of which Weir can take out what it rejects.
        case upstreamRefusedPart = "upstream_refused_part"
        /// Another attempt at the same request was faster; of attempts only.
        case hedgedAway = "hedged_away"
        /// The ledger cannot take a row and the configuration says not to serve without one.
        case ledgerUnavailable = "ledger_unavailable"
        /// Weir is draining.
        case shuttingDown = "shutting_down"
        /// The caller closed the connection; nobody reads this one.
        case callerLeft = "caller_left"
        /// A fault of ours.
        case internalFault = "internal_fault"
    }
}

extension WeirError.Reason {
    /// The HTTP status a caller gets.
    package var status: Int {
        switch self {
        case .malformedRequest: 400
        case .unknownCaller: 401
        case .notAllowed: 403
        case .unknownEndpoint, .notFound: 404
        case .methodNotAllowed: 405
        case .requestTimedOut: 408
        case .bodyTooLarge: 413
        case .callerLimited, .upstreamLimited: 429
        case .callerLeft, .hedgedAway: 499
        case .internalFault: 500
        case .upstreamUnreachable, .upstreamBroke, .upstreamFailed, .upstreamRejectedKey,
            .upstreamRefusedPart:
            502
        case .noProvider, .upstreamBusy, .upstreamOverloaded, .upstreamOutOfMoney, .allDown,
            .ledgerUnavailable, .shuttingDown:
            503
        case .upstreamTimedOut, .deadlinePassed, .notCached: 504
        }
    }

    /// What `x-should-retry` says; both official SDKs and Claude Code obey it.
    ///
    /// False wherever the same request would meet the same refusal, so that an agent stops at once with a
    /// readable sentence instead of backing off for minutes (a bare 401 costs Claude Code three minutes).
    package var shouldRetry: Bool {
        switch self {
        case .upstreamBusy, .upstreamUnreachable, .upstreamTimedOut, .upstreamBroke, .upstreamLimited,
            .upstreamOverloaded, .upstreamFailed, .callerLimited, .allDown, .ledgerUnavailable,
            .shuttingDown, .requestTimedOut:
            true
        case .malformedRequest, .unknownCaller, .notAllowed, .unknownEndpoint, .notFound, .methodNotAllowed,
            .bodyTooLarge, .noProvider, .upstreamRejectedKey, .upstreamOutOfMoney, .upstreamRefusedPart,
            .deadlinePassed, .notCached, .hedgedAway, .callerLeft, .internalFault:
            false
        }
    }

    /// Who has to change something.
    package var blame: Blame {
        switch self {
        case .malformedRequest, .unknownCaller, .notAllowed, .unknownEndpoint, .notFound, .methodNotAllowed,
            .bodyTooLarge, .requestTimedOut, .callerLimited, .notCached, .callerLeft:
            .caller
        case .upstreamBusy, .upstreamUnreachable, .upstreamTimedOut, .upstreamBroke, .upstreamLimited,
            .upstreamOverloaded, .upstreamFailed, .allDown, .deadlinePassed:
            .provider
        case .noProvider, .upstreamRejectedKey, .upstreamOutOfMoney, .upstreamRefusedPart, .hedgedAway,
            .ledgerUnavailable, .shuttingDown, .internalFault:
            .weir
        }
    }

    package enum Blame: String, Sendable { case caller, provider, weir }
}
