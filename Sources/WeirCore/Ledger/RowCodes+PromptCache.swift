// The numbers of cases of prompt cache figures in the journal. Never changed and never used again: a record
// outlives an update. From 1; 0 stands for none.

extension PrefixRelation {
    package var code: UInt8 {
        switch self {
        case .new: 1
        case .same: 2
        case .extended: 3
        case .broken: 4
        }
    }

    package init?(code: UInt8) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }
}

extension PromptChange.Kind {
    package var code: UInt8 {
        switch self {
        case .timestamp: 1
        case .randomToken: 2
        case .counter: 3
        case .reorderedTools: 4
        case .changedTools: 5
        case .whitespace: 6
        case .editedText: 7
        case .rewrittenHistory: 8
        case .markerMoved: 9
        case .model: 10
        case .parameter: 11
        case .provider: 12
        case .ttlElapsed: 13
        case .belowMinimum: 14
        case .evictionSuspected: 15
        case .lookBackExceeded: 16
        }
    }

    package init?(code: UInt8) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }
}

extension PromptCacheFigures.Decision {
    package var code: UInt8 {
        switch self {
        case .marked: 1
        case .off: 2
        case .observed: 3
        case .callerMarked: 4
        case .belowMinimum: 5
        case .doesNotPay: 6
        case .noSlot: 7
        case .noPlace: 8
        case .refusedBefore: 9
        case .refused: 10
        case .priceUnknown: 11
        case .unsupported: 12
        }
    }

    package init?(code: UInt8) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }
}

extension PromptCacheFigures.Affinity {
    package var code: UInt8 {
        switch self {
        case .kept: 1
        case .moved: 2
        }
    }

    package init?(code: UInt8) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }
}

extension Saving.Source {
    package var code: UInt8 {
        switch self {
        case .promptCache: 1
        case .nativeCache: 2
        case .keepWarm: 3
        case .exactCache: 4
        case .semanticCache: 5
        case .coalesced: 6
        case .cacheJudge: 7
        case .cacheEmbedder: 8
        }
    }

    package init?(code: UInt8) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }
}
