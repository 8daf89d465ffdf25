extension ConfigChecks {
    /// The judge must be a model of a provider that answers chat requests; verifying needs one.
    static func finishJudge(_ draft: inout ConfigDraft, _ reading: inout ConfigReading) {
        if let judge = draft.judge { draft.config.cache.judge = target(of: judge, draft, &reading) }
        let cache = draft.config.cache
        if cache.verifies, cache.judge == nil, !reading.hasProblem(at: "cache.judge") {
            reading.note(
                reading.marks["cache.verify"], "cache.verify", "has no model to ask",
                write: #"cache.judge, such as "anthropic/claude-haiku-4-5", or verify: false"#)
        }
        if cache.verifyThreshold > cache.threshold {
            let place = reading.marks["cache.verify_threshold"] == nil ? "cache.threshold" : "cache.verify_threshold"
            reading.note(
                reading.marks[place], place,
                place == "cache.threshold" ? "is less than cache.verify_threshold" : "is greater than cache.threshold",
                write: "a verify_threshold of at most cache.threshold")
        }
    }

    private static func target(
        of judge: TargetDraft, _ draft: ConfigDraft, _ reading: inout ConfigReading
    ) -> Route.Target? {
        guard let name = judge.provider, let model = judge.model else {
            reading.note(
                judge.mark, "cache.judge", "names no model", write: #""provider/model""#)
            return nil
        }
        guard let provider = draft.config.providers.first(where: { $0.name == name }) else {
            reading.note(
                judge.mark, "cache.judge", "\"\(name.prefix(100))\" is no provider",
                write: "one of those under providers, and the model's name there")
            return nil
        }
        guard provider.dialects.contains(.anthropic) || provider.dialects.contains(.chat) else {
            reading.note(
                judge.mark, "cache.judge", "\(name) speaks neither anthropic nor chat",
                write: "a provider that speaks one of them")
            return nil
        }
        return Route.Target(provider: name, model: model)
    }
}
