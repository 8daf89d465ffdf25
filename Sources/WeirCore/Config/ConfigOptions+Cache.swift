internal import Yams

extension ConfigOptions {
    static let ofProject = "that of the project, else of `cache`"
    private static let lifetimes = Duration.seconds(60)...Duration.seconds(30 * 86_400)

    static let cache: [ConfigOption<ConfigDraft>] = answers + meaning + judging

    private static let answers: [ConfigOption<ConfigDraft>] = [
        .init(
            "cache.mode", \.config.cache.mode, .word, of: sample, variable: "WEIR_CACHE",
            """
            Which requests may be answered from memory, where neither route nor project says. `auto`: \
            identical requests with `temperature: 0`, and embeddings; `exact`: identical requests whatever \
            their sampling; `semantic`: also those that mean the same (`cache.semantic` is then `on`); `off`.
            """),
        .init(
            "cache.scope", \.config.cache.scope, .word, of: sample,
            "Among whose requests answers are shared: those of a project, a caller key, or a session."),
        .init(
            "cache.ttl", typeName: "duration or `auto`", standard: "`auto`",
            """
            How long an answer is given. `auto` goes by what was asked, from two minutes for the weather to \
            two days for definitions, one hour where nothing tells.
            """
        ) { node, path, reading, draft in
            if let ttl = reading.scalar(node, path, ValueType<Duration?>.lifetime) {
                draft.config.cache.ttl = ttl
            }
        },
        .init(
            "cache.tags", typeName: "table by tag", standard: "none",
            #"Lifetimes of answers to requests with a tag of `x-weir-tags`: `feature=faq: 12h`."#
        ) { node, path, reading, draft in
            for member in reading.members(node, path) {
                let here = ConfigReading.join(path, member.key)
                if let ttl = reading.scalar(member.value, here, .duration(lifetimes)) {
                    draft.config.cache.tags[member.key] = ttl
                }
            }
        },
        .init(
            "cache.tool_calls", \.config.cache.keepsToolCalls, .flag, of: sample,
            "Whether answers that call tools are kept; an agent that asks again would get the same call."),
        .init(
            "cache.coalesce", \.config.cache.coalesces, .flag, of: sample,
            "Whether identical requests under way are answered by one request to the provider."),
        .init(
            "cache.pace", \.config.cache.pace, .durationOrOff(.milliseconds(1)...Duration.seconds(1)), of: sample,
            "Wait between the events of a stream that is answered from memory; `off` sends them at once."),
        .init(
            "cache.memory", \.config.cache.memoryBytes, .size(0...(1 << 40)), of: sample,
            "Answers held in memory; takes effect at the start."),
        .init(
            "cache.disk", \.config.cache.diskBytes, .size(0...(1 << 44)), of: sample,
            "Answers held on disk, compressed, so that a start is warm; takes effect at the start."),
        .init(
            "cache.largest_answer", \.config.cache.largestAnswer, .size(1024...(256 << 20)), of: sample,
            "Answers larger than this are not kept."),
    ]

    private static let meaning: [ConfigOption<ConfigDraft>] = [
        .init(
            "cache.semantic", \.config.cache.semantic, .word, of: sample,
            """
            What becomes of a request that means the same as one whose answer is kept, where neither route \
            nor project says: `on` answers it, `observe` sends it on and books what an answer would have \
            saved, `off` looks nothing up.
            """),
        .init(
            "cache.threshold", \.config.cache.threshold, .similarity(), of: sample,
            "Least cosine of two questions at which the guards are asked at all."),
        .init(
            "cache.model", \.config.cache.model, ValueType.text("path", example: "the path of an image").optional,
            of: sample, standard: "what `make setup` made, beside the binary",
            "Image of the built-in encoder; takes effect at the start."),
        .init(
            "cache.embedder", typeName: "table", standard: "the built-in encoder",
            """
            An OpenAI-compatible embeddings endpoint in place of the built-in encoder: `url`, `model`, `version`, \
            `key`; takes effect at the start. Its calls are in the ledger.
            """
        ) { node, path, reading, draft in
            var embedder = RemoteEmbedderOptions()
            reading.section(node, path, ConfigOptions.embedder, into: &embedder)
            guard !embedder.url.isEmpty, !embedder.model.isEmpty else {
                if !reading.hasProblem(at: path + ".url"), !reading.hasProblem(at: path + ".model") {
                    reading.note(node.mark, path, "is not complete", write: "both url and model")
                }
                return
            }
            draft.config.cache.embedder = embedder
        },
    ]

    private static let judging: [ConfigOption<ConfigDraft>] = [
        .init(
            "cache.judge", typeName: "`provider/model`", standard: "none",
            "A cheap model that says whether a kept answer answers another question; what it costs is booked."
        ) { node, path, reading, draft in
            guard let text = reading.scalar(node, path, .text(example: #""provider/model""#)) else { return }
            var judge = TargetDraft(shorthand: text)
            judge.mark = node.mark
            judge.path = path
            draft.judge = judge
        },
        .init(
            "cache.verify", \.config.cache.verifies, .flag, of: sample,
            "Whether a near question that the guards refuse is put to the judge, and answered where it says yes."),
        .init(
            "cache.verify_threshold", \.config.cache.verifyThreshold, .similarity(Similarity.verifyThresholds), of: sample,
            "Least cosine at which it is."),
        .init(
            "cache.judge_timeout", \.config.cache.judgeTimeout, .duration(.milliseconds(100)...Duration.seconds(60)),
            of: sample, "Longest wait for the judge; after it the request goes to the provider."),
        .init(
            "cache.judge_share", \.config.cache.judgeShare, .count(0...100), of: sample,
            """
            Hits by meaning, and would-be hits, in percent, that get a fresh answer which the judge compares \
            with the kept one. Nothing is judged without `cache.judge`.
            """),
        .init(
            "cache.false_hit_limit", \.config.cache.falseHitLimit, .count(0...100), of: sample,
            """
            Wrong ones among a project's judged hits, in percent, above which its threshold is raised, \
            paraphrases are no longer verified, or its semantic cache is switched off.
            """),
    ]

    static let embedder: [ConfigOption<RemoteEmbedderOptions>] = [
        .init(
            "url", \.url, .url, of: RemoteEmbedderOptions(), standard: "required",
            "Base URL, to which `/embeddings` is added."),
        .init(
            "model", \.model, .text(example: "the model's name"), of: RemoteEmbedderOptions(), standard: "required",
            "Name of the model there."),
        .init(
            "version", \.version, ValueType.text("text", example: "the model's version").optional,
            of: RemoteEmbedderOptions(), standard: "none",
            "Of the model, where its name does not say it: vectors of another version are not compared."),
        .init(
            "key", \.key, ValueType.secret.optional, of: RemoteEmbedderOptions(), standard: "none",
            "Sent as `Authorization: Bearer`."),
    ]

    /// What a project says of response caches.
    static let projectCache: [ConfigOption<ProjectDraft>] = [
        .init(
            "cache", \.cache.mode, ValueType<CacheMode>.word.optional, of: ProjectDraft(), standard: ofCache,
            "Which of its requests may be answered from memory."),
        .init(
            "semantic", \.cache.semantic, ValueType<SemanticMode>.word.optional, of: ProjectDraft(),
            standard: ofCache, "What becomes of its requests that mean the same as earlier ones."),
        .init(
            "cache_scope", \.cache.scope, ValueType<CacheScopePolicy>.word.optional, of: ProjectDraft(),
            standard: ofCache, "Among whose requests answers are shared."),
        .init(
            "cache_ttl", \.cache.ttl, ValueType.duration(lifetimes).optional, of: ProjectDraft(), standard: ofCache,
            "How long an answer is given."),
        .init(
            "cache_threshold", \.cache.threshold, ValueType.similarity().optional, of: ProjectDraft(),
            standard: ofCache, "Least cosine of two questions at which the guards are asked."),
        .init(
            "cache_false_hit_limit", \.cache.falseHitLimit, ValueType.count(0...100).optional, of: ProjectDraft(),
            standard: ofCache,
            "Wrong ones among its judged hits, in percent, above which it is trusted less (`cache.false_hit_limit`)."),
    ]

    private static let ofCache = "that of `cache`"
}

extension ValueType where Value == Similarity {
    /// A cosine that may be a threshold.
    static func similarity(_ range: ClosedRange<Similarity> = Similarity.thresholds) -> ValueType {
        ValueType(
            name: "number from \(range.lowerBound) to \(range.upperBound)",
            example: "a number from \(range.lowerBound) to \(range.upperBound), such as 0.95",
            parse: { text in
                guard let value = Similarity(text) else { return .failure(ValueFault("is no number from 0 to 1")) }
                return range.contains(value) ? .success(value) : .failure(ValueFault("is out of range"))
            }, show: { $0.description })
    }
}

extension ValueType where Value == Duration? {
    /// How long an answer is given, or "auto".
    static let lifetime: ValueType = {
        let other = ValueType<Duration>.duration(.seconds(60)...Duration.seconds(30 * 86_400))
        return ValueType(
            name: "duration or `auto`", example: #""1h", or "auto""#,
            parse: { text in text == "auto" ? .success(nil) : other.parse(text).map { $0 } },
            show: { $0.map(other.show) ?? "auto" })
    }()
}
