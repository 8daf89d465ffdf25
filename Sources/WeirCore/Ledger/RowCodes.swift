// The numbers of enum cases in the journal. Never changed and never used again: a record outlives an update.

extension Row.State {
    package var code: UInt8 {
        switch self {
        case .settled: 1
        case .aborted: 2
        case .refused: 3
        case .failed: 4
        case .upstreamBroke: 5
        case .crashed: 6
        }
    }

    package init?(code: UInt8) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }
}

extension Row.Attempt.Kind {
    package var code: UInt8 {
        switch self {
        case .first: 1
        case .retry: 2
        case .failover: 3
        case .hedge: 4
        case .mended: 5
        case .restart: 6
        }
    }

    package init?(code: UInt8) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }

    /// The kind of an attempt of which only the number is known, as earlier versions wrote it.
    package init(ofNumber number: Int) { self = number == 1 ? .first : .retry }
}

extension UsageSource {
    package var code: UInt8 {
        switch self {
        case .none: 1
        case .provider: 2
        case .estimated: 3
        }
    }

    package init?(code: UInt8) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }
}

extension Endpoint {
    package var code: UInt8 {
        switch self {
        case .messages: 1
        case .countTokens: 2
        case .chatCompletions: 3
        case .responses: 4
        case .embeddings: 5
        case .models: 6
        case .anthropicOther: 7
        case .openAIOther: 8
        case .raw: 9
        }
    }

    package init?(code: UInt8) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }
}

extension WeirError.Reason {
    /// From 1; 0 stands for no reason.
    package var code: UInt8 {
        switch self {
        case .malformedRequest: 1
        case .unknownCaller: 2
        case .notAllowed: 3
        case .unknownEndpoint: 4
        case .notFound: 5
        case .methodNotAllowed: 6
        case .bodyTooLarge: 7
        case .requestTimedOut: 8
        case .noProvider: 9
        case .upstreamBusy: 10
        case .upstreamUnreachable: 11
        case .upstreamTimedOut: 12
        case .upstreamBroke: 13
        case .ledgerUnavailable: 14
        case .shuttingDown: 15
        case .callerLeft: 16
        case .internalFault: 17
        case .callerLimited: 18
        case .allDown: 19
        case .deadlinePassed: 20
        case .upstreamLimited: 21
        case .upstreamOverloaded: 22
        case .upstreamFailed: 23
        case .upstreamRejectedKey: 24
        case .upstreamOutOfMoney: 25
        case .upstreamRefusedPart: 26
        case .hedgedAway: 27
        case .notCached: 28
        }
    }

    package init?(code: UInt8) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }
}
