import WeirCore

extension RawStatement {
    /// Binds figures in the order of `LedgerColumns.promptCaches`.
    mutating func bind(_ figures: borrowing PromptCacheFigures, of sequence: UInt64) {
        bind(Int64(bitPattern: sequence))
        bind(Int64(bitPattern: figures.conversation))
        bind(Int64(bitPattern: figures.fingerprint))
        bind(figures.prefix.rawValue)
        bind(figures.commonBlocks)
        bind(figures.commonBytes)
        bind(figures.blocks)
        bind(figures.bytes)
        bind(figures.callerMarkers)
        bind(figures.marks)
        bind(figures.decision.rawValue)
        bind(figures.expectedSaving?.nanodollars)
        bind(figures.observedLower?.nanodollars)
        bind(figures.observedUpper?.nanodollars)
        bind(figures.expectedRead)
        bind(figures.change?.kind.rawValue)
        bind(figures.change?.path)
        bind(figures.change?.offset)
        bind(figures.changeCost?.nanodollars)
        bind(figures.affinity?.rawValue)
    }

    /// Binds a saving in the order of `LedgerColumns.savings`.
    mutating func bind(_ saving: Saving, of sequence: UInt64) {
        bind(Int64(bitPattern: sequence))
        bind(saving.source.rawValue)
        bind(saving.amount?.nanodollars)
        bind(saving.baseline?.nanodollars)
    }

    /// Reads figures; values this version does not know read as the nearest thing it does.
    mutating func promptCache() -> PromptCacheFigures {
        var figures = PromptCacheFigures()
        _ = int64()
        figures.conversation = UInt64(bitPattern: int64() ?? 0)
        figures.fingerprint = UInt64(bitPattern: int64() ?? 0)
        figures.prefix = text().flatMap(PrefixRelation.init) ?? .new
        figures.commonBlocks = int() ?? 0
        figures.commonBytes = int() ?? 0
        figures.blocks = int() ?? 0
        figures.bytes = int() ?? 0
        figures.callerMarkers = int() ?? 0
        figures.marks = text()
        figures.decision = text().flatMap(PromptCacheFigures.Decision.init) ?? .unsupported
        figures.expectedSaving = money()
        figures.observedLower = money()
        figures.observedUpper = money()
        figures.expectedRead = int()
        let kind = text(), path = text(), offset = int()
        if let kind {
            figures.change = PromptChange(
                kind: PromptChange.Kind(rawValue: kind) ?? .editedText, path: path, offset: offset)
        }
        figures.changeCost = money()
        figures.affinity = text().flatMap(PromptCacheFigures.Affinity.init)
        return figures
    }

    /// Reads a saving; `nil` for a source this version does not know.
    mutating func saving() -> Saving? {
        _ = int64()
        let source = text().flatMap(Saving.Source.init)
        let amount = money(), baseline = money()
        return source.map { Saving(source: $0, amount: amount, baseline: baseline) }
    }

    mutating func money() -> Money? { int64().map(Money.init(nanodollars:)) }
}
