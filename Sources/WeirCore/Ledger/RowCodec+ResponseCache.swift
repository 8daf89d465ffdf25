extension ByteWriter {
    /// Writes the figures, or one byte where there are none.
    mutating func responseCache(_ figures: ResponseCacheFigures?) {
        guard let figures else { return byte(0) }
        byte(1)
        byte(figures.outcome.code)
        optional(figures.entry)
        optional(figures.stored)
        text(figures.originalRequestID)
        optional(figures.age)
        optional(figures.similarity)
        optional(figures.threshold)
        text(figures.vetoes)
        optional(figures.nearest)
        byte(figures.wouldHit?.code ?? 0)
        optional(figures.wouldSave?.nanodollars)
        text(figures.obstacle)
        byte(figures.judged?.code ?? 0)
        optional(figures.judgeCost?.nanodollars)
        text(figures.judgedRequestID)
    }

    private mutating func optional(_ id: UInt64?) { optional(id.map { Int64(bitPattern: $0) }) }
}

extension ByteReader {
    /// Codes that this version does not know read as the nearest thing it does: no hit, no verdict.
    mutating func responseCache() -> ResponseCacheFigures? {
        guard flag() else { return nil }
        var figures = ResponseCacheFigures(ResponseCacheFigures.Outcome(code: byte()) ?? .off)
        figures.entry = optionalID()
        figures.stored = optionalID()
        figures.originalRequestID = string()
        figures.age = optional()
        figures.similarity = optionalInt()
        figures.threshold = optionalInt()
        figures.vetoes = string()
        figures.nearest = optionalID()
        figures.wouldHit = ResponseCacheFigures.Outcome(code: byte())
        figures.wouldSave = money()
        figures.obstacle = string()
        figures.judged = ResponseCacheFigures.Judgement(code: byte())
        figures.judgeCost = money()
        figures.judgedRequestID = string()
        return figures
    }

    private mutating func optionalID() -> UInt64? { optional().map { UInt64(bitPattern: $0) } }
}
