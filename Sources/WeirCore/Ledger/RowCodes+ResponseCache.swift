// The numbers of cases of response cache figures in the journal. Never changed and never used again: a record
// outlives an update. From 1; 0 stands for none.

extension ResponseCacheFigures.Outcome {
    package var code: UInt8 {
        switch self {
        case .hitExact: 1
        case .hitText: 2
        case .hitSemantic: 3
        case .hitVerified: 4
        case .coalesced: 5
        case .miss: 6
        case .bypass: 7
        case .refresh: 8
        case .notCacheable: 9
        case .off: 10
        }
    }

    package init?(code: UInt8) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }
}

extension ResponseCacheFigures.Judgement {
    package var code: UInt8 {
        switch self {
        case .right: 1
        case .wrong: 2
        case .unsure: 3
        case .failed: 4
        }
    }

    package init?(code: UInt8) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }
}
