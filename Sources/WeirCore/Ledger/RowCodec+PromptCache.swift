extension ByteWriter {
    /// Writes the figures, or one byte where there are none.
    mutating func promptCache(_ figures: PromptCacheFigures?) {
        guard let figures else { return byte(0) }
        byte(1)
        signed(Int64(bitPattern: figures.conversation))
        signed(Int64(bitPattern: figures.fingerprint))
        byte(figures.prefix.code)
        signed(Int64(figures.commonBlocks))
        signed(Int64(figures.commonBytes))
        signed(Int64(figures.blocks))
        signed(Int64(figures.bytes))
        signed(Int64(figures.callerMarkers))
        text(figures.marks)
        byte(figures.decision.code)
        optional(figures.expectedSaving?.nanodollars)
        optional(figures.observedLower?.nanodollars)
        optional(figures.observedUpper?.nanodollars)
        optional(figures.expectedRead)
        byte(figures.change?.kind.code ?? 0)
        if let change = figures.change {
            text(change.path)
            optional(change.offset)
        }
        optional(figures.changeCost?.nanodollars)
        byte(figures.affinity?.code ?? 0)
    }

    mutating func saving(_ saving: Saving) {
        byte(saving.source.code)
        optional(saving.amount?.nanodollars)
        optional(saving.baseline?.nanodollars)
    }
}

extension ByteReader {
    /// Codes that this version does not know read as the nearest thing it does.
    mutating func promptCache() -> PromptCacheFigures? {
        guard flag() else { return nil }
        var figures = PromptCacheFigures()
        figures.conversation = UInt64(bitPattern: signed())
        figures.fingerprint = UInt64(bitPattern: signed())
        figures.prefix = PrefixRelation(code: byte()) ?? .new
        figures.commonBlocks = Int(signed())
        figures.commonBytes = Int(signed())
        figures.blocks = Int(signed())
        figures.bytes = Int(signed())
        figures.callerMarkers = Int(signed())
        figures.marks = string()
        figures.decision = PromptCacheFigures.Decision(code: byte()) ?? .unsupported
        figures.expectedSaving = money()
        figures.observedLower = money()
        figures.observedUpper = money()
        figures.expectedRead = optionalInt()
        figures.change = change()
        figures.changeCost = money()
        figures.affinity = PromptCacheFigures.Affinity(code: byte())
        return figures
    }

    /// A saving of a source that this version does not know is left out.
    mutating func savings() -> [Saving] {
        var savings: [Saving] = []
        let count = byte()
        for _ in 0..<count where !failed {
            let source = Saving.Source(code: byte())
            let amount = money(), baseline = money()
            if let source { savings.append(Saving(source: source, amount: amount, baseline: baseline)) }
        }
        return savings
    }

    private mutating func change() -> PromptChange? {
        let code = byte()
        guard code != 0 else { return nil }
        let path = string(), offset = optionalInt()
        return PromptChange(kind: PromptChange.Kind(code: code) ?? .editedText, path: path, offset: offset)
    }
}
