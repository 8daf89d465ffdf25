import WeirCore

extension RawStatement {
    /// Binds figures in the order of `LedgerColumns.responseCaches`.
    mutating func bind(_ figures: borrowing ResponseCacheFigures, of sequence: UInt64) {
        bind(Int64(bitPattern: sequence))
        bind(figures.outcome.rawValue)
        bind(id: figures.entry)
        bind(id: figures.stored)
        bind(figures.originalRequestID)
        bind(figures.age)
        bind(figures.similarity)
        bind(figures.threshold)
        bind(figures.vetoes)
        bind(id: figures.nearest)
        bind(figures.wouldHit?.rawValue)
        bind(figures.wouldSave?.nanodollars)
        bind(figures.obstacle)
        bind(figures.judged?.rawValue)
        bind(figures.judgeCost?.nanodollars)
        bind(figures.judgedRequestID)
    }

    /// Reads figures; values this version does not know read as no hit and no verdict.
    mutating func responseCache() -> ResponseCacheFigures {
        _ = int64()
        var figures = ResponseCacheFigures(outcome() ?? .off)
        figures.entry = id()
        figures.stored = id()
        figures.originalRequestID = text()
        figures.age = int64()
        figures.similarity = int()
        figures.threshold = int()
        figures.vetoes = text()
        figures.nearest = id()
        figures.wouldHit = outcome()
        figures.wouldSave = money()
        figures.obstacle = text()
        figures.judged = judgement()
        figures.judgeCost = money()
        figures.judgedRequestID = text()
        return figures
    }

    mutating func outcome() -> ResponseCacheFigures.Outcome? {
        text().flatMap(ResponseCacheFigures.Outcome.init)
    }

    mutating func judgement() -> ResponseCacheFigures.Judgement? {
        text().flatMap(ResponseCacheFigures.Judgement.init)
    }

    private mutating func bind(id: UInt64?) { bind(id.map { Int64(bitPattern: $0) }) }

    private mutating func id() -> UInt64? { int64().map { UInt64(bitPattern: $0) } }
}
