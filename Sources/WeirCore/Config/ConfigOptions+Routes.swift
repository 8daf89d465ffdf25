internal import Yams

extension ConfigOptions {
    static let route: [ConfigOption<RouteDraft>] = [
        .init(
            "targets", typeName: "list", standard: "required",
            "What can serve the model: `provider/model`, `provider`, or a table of the options below."
        ) { node, path, reading, route in
            route.targets = targets(node, path, &reading)
        },
        .init(
            "auth", \.auth, .word, of: RouteDraft(),
            """
            `key`: the caller shows a key of Weir's and the provider gets its configured credential. \
            `passthrough`: the caller's own credential goes to the provider untouched.
            """),
        .init(
            "prompt_cache", \.promptCache, ValueType<PromptCacheMode>.word.optional, of: RouteDraft(),
            standard: ofTopLevel, "What Weir does for prompt caches on this route."),
        .init(
            "keep_warm", \.keepWarm, ValueType.flag.optional, of: RouteDraft(),
            standard: ofTopLevel,
            "Whether Weir refreshes cache entries of this route before they are gone."),
        .init(
            "cache", \.cache, ValueType<CacheMode>.word.optional, of: RouteDraft(), standard: ofProject,
            "Which of its requests may be answered from memory."),
        .init(
            "semantic", \.semantic, ValueType<SemanticMode>.word.optional, of: RouteDraft(),
            standard: ofProject, "What becomes of its requests that mean the same as earlier ones."),
        .init(
            "fallback", typeName: "`off`, `model`, `bucket` or list of targets", standard: ofTopLevel,
            """
            Which other targets may serve where none of the route's own can. A list names them in the order \
            to try, and is all there is unless its last entry is `model` or `bucket`.
            """
        ) { node, path, reading, route in
            (route.fallbacks, route.fallback) = fallback(node, path, &reading)
        },
        .init(
            "hedge", typeName: ValueType.hedge.name, standard: ofTopLevel,
            "When a second target is raced against a slow one."
        ) { node, path, reading, route in
            route.hedge = readHedge(node, path, &reading)
        },
        .init(
            "streams", typeName: "table", standard: ofTopLevel,
            "How streams that are silent or break are handled: `when_broken`, `keep_alive`, `commit_early`."
        ) { node, path, reading, route in
            var streams = StreamDraft()
            reading.section(node, path, routeStreams, into: &streams)
            route.streams = streams
        },
    ]

    static let target: [ConfigOption<TargetDraft>] = [
        .init(
            "provider", \.provider, ValueType.text(example: "a provider's name").optional, of: TargetDraft(),
            standard: "required", "Name of the provider."),
        .init(
            "model", \.model, ValueType.text(example: "the model's name there").optional, of: TargetDraft(),
            standard: "the name asked for", "Name of the model there."),
        .init(
            "weight", \.weight, .count(0...1_000_000), of: TargetDraft(),
            "Share of the requests, against the sum of the route's weights; one of weight 0 is a fallback."),
    ]

    /// Targets as a list of tables and short forms, or one short form alone.
    static func targets(_ node: Node, _ path: String, _ reading: inout ConfigReading) -> [TargetDraft]
    {
        let short = ValueType<String>.text(example: #""provider/model""#)
        guard case .sequence(let sequence) = node else {
            guard let text = reading.scalar(node, path, short) else { return [] }
            return [place(TargetDraft(shorthand: text), node, path)]
        }
        var targets: [TargetDraft] = []
        for (index, element) in sequence.enumerated() {
            let here = "\(path)[\(index)]"
            if case .mapping = element {
                var target = TargetDraft()
                reading.section(element, here, ConfigOptions.target, into: &target)
                targets.append(place(target, element, here))
            } else if let text = reading.scalar(element, here, short) {
                targets.append(place(TargetDraft(shorthand: text), element, here))
            }
        }
        return targets
    }

    /// A word; or targets, which may end with a word; or one target.
    private static func fallback(
        _ node: Node, _ path: String, _ reading: inout ConfigReading
    ) -> ([TargetDraft], FallbackMode?) {
        guard case .sequence(let sequence) = node else {
            if let text = node.scalar?.string, text.contains("/") {
                return (targets(node, path, &reading), .off)
            }
            return ([], reading.scalar(node, path, .word))
        }
        guard let last = sequence.last, let word = last.scalar.flatMap({ FallbackMode(rawValue: $0.string) })
        else { return (targets(node, path, &reading), .off) }
        let others = Node.Sequence(
            Array(sequence.dropLast()), sequence.tag, sequence.style, sequence.mark)
        return (targets(.sequence(others), path, &reading), word)
    }

    private static func place(_ target: TargetDraft, _ node: Node, _ path: String) -> TargetDraft {
        var target = target
        target.mark = node.mark
        target.path = path
        return target
    }
}
