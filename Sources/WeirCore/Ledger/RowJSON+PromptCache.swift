extension JSONLine {
    /// The member `prompt_cache`: an object, or null where the row has no figures.
    mutating func promptCache(_ figures: PromptCacheFigures?) {
        guard let figures else { return member("prompt_cache", "null") }
        member("prompt_cache", "")
        begin()
        text("conversation", RowJSON.hexadecimal(figures.conversation))
        text("fingerprint", RowJSON.hexadecimal(figures.fingerprint))
        text("prefix", figures.prefix.rawValue)
        number("common_blocks", figures.commonBlocks)
        number("common_bytes", figures.commonBytes)
        number("blocks", figures.blocks)
        number("bytes", figures.bytes)
        number("caller_markers", figures.callerMarkers)
        text("marks", figures.marks)
        text("decision", figures.decision.rawValue)
        money("expected_saving_usd", figures.expectedSaving)
        money("observed_lower_usd", figures.observedLower)
        money("observed_upper_usd", figures.observedUpper)
        number("expected_read_tokens", figures.expectedRead)
        change(figures.change)
        money("change_cost_usd", figures.changeCost)
        text("affinity", figures.affinity?.rawValue)
        end()
    }

    mutating func saving(_ saving: Saving) {
        begin()
        text("source", saving.source.rawValue)
        money("amount_usd", saving.amount)
        money("baseline_usd", saving.baseline)
        end()
    }

    private mutating func change(_ change: PromptChange?) {
        guard let change else { return member("change", "null") }
        member("change", "")
        begin()
        text("kind", change.kind.rawValue)
        text("path", change.path)
        number("offset", change.offset)
        end()
    }
}
