/// What went wrong with an attempt; the table of what follows is `rule`.
package enum AttemptFault: Sendable, Equatable, CaseIterable {
    /// No connection: refused, unknown host, TLS failure, connect timeout.
    case unreachable
    /// The connection bound of the provider is reached.
    case busy
    /// No first byte in time.
    case silent
    /// The connection ended before the reply's head, or before the first byte of its body.
    case broke
    /// What came is not HTTP.
    case malformed
    /// 408.
    case requestTimeout
    /// 409.
    case conflict
    /// 429.
    case limited
    /// 402; 429 for a spending limit; 400 that names the credit balance.
    case outOfMoney
    /// 401, or 403 of the credential as such.
    case rejected
    /// 403 for a model that this credential may not use.
    case noAccess
    /// 503, 529.
    case overloaded
    /// 500, 502, 504 and every other status from 500 on.
    case failed
}

/// What follows from a fault.
package struct AttemptRule: Sendable, Equatable {
    package var reason: WeirError.Reason
    /// What it says of the target's health.
    package var outcome: TargetRecord.Outcome
    package var credentialFault: CredentialFault?
    package var mayRepeatHere: Bool
    package var mayGoElsewhere: Bool
    /// The provider did not take the request, so that nothing can have happened by it.
    package var isRefusal: Bool
    /// Other models at the same address need not be asked.
    package var isProviderWide: Bool
}

extension AttemptFault {
    /// The one table of faults.
    package var rule: AttemptRule {
        switch self {
        case .unreachable:
            rule(.upstreamUnreachable, .bad, here: true, isRefusal: true, isProviderWide: true)
        case .busy: rule(.upstreamBusy, .neutral, here: true, isRefusal: true)
        // Asking again where nothing came for minutes doubles the wait, and perhaps the bill.
        case .silent: rule(.upstreamTimedOut, .bad, here: false)
        case .broke, .malformed: rule(.upstreamBroke, .bad, here: true)
        case .requestTimeout: rule(.upstreamFailed, .bad, here: true)
        case .conflict: rule(.upstreamFailed, .neutral, here: true)
        case .limited: rule(.upstreamLimited, .neutral, .limited, here: true, isRefusal: true)
        case .outOfMoney: rule(.upstreamOutOfMoney, .neutral, .outOfMoney, here: false, isRefusal: true)
        case .rejected: rule(.upstreamRejectedKey, .neutral, .rejected, here: false, isRefusal: true)
        case .noAccess: rule(.upstreamRejectedKey, .neutral, here: false, isRefusal: true)
        case .overloaded: rule(.upstreamOverloaded, .bad, here: true, isRefusal: true)
        case .failed: rule(.upstreamFailed, .bad, here: true)
        }
    }

    private func rule(
        _ reason: WeirError.Reason, _ outcome: TargetRecord.Outcome, _ fault: CredentialFault? = nil,
        here: Bool, isRefusal: Bool = false, isProviderWide: Bool = false
    ) -> AttemptRule {
        AttemptRule(
            reason: reason, outcome: outcome, credentialFault: fault, mayRepeatHere: here,
            mayGoElsewhere: true, isRefusal: isRefusal, isProviderWide: isProviderWide)
    }
}
