/// Every option that can be set, each declared once.
enum ConfigOptions {
    static let sample = ConfigDraft()
    static let day = Duration.seconds(86_400)

    /// The options of the file's top level and its plain sections.
    static let all: [ConfigOption<ConfigDraft>] =
        process + surroundings + limits + timeouts + retry + health + streams + cache + ledger + collections

    private static let process: [ConfigOption<ConfigDraft>] = [
        .init(
            "listen", \.config.listen, .listener(), of: sample, variable: "WEIR_LISTEN",
            "Address of the data plane, where callers send their requests."),
        .init(
            "admin_listen", \.config.adminListen, .listener(allowsOff: true), of: sample,
            variable: "WEIR_ADMIN_LISTEN",
            """
            Address of the admin plane (metrics); `off` for none. It asks for no key: keep it off public \
            networks.
            """
        ),
        .init(
            "data_dir", \.config.dataDirectory, .text("path", example: "the path of a folder"), of: sample,
            standard: "`$XDG_DATA_HOME/weir`, else `~/.local/share/weir`", variable: "WEIR_DATA_DIR",
            "Folder of the ledger and the caller keys; made when it does not exist."),
        .init(
            "threads", \.config.threads, .count(0...1024), of: sample, variable: "WEIR_THREADS",
            "Event loops, each on its own thread; 0 means one per processor."),
        .init(
            "replicas", \.config.replicas, .count(1...10_000), of: sample, variable: "WEIR_REPLICAS",
            """
            Processes of Weir that share the callers. Each enforces its part of the callers' limits, so that \
            the limits do not multiply.
            """
        ),
        .init(
            list: "allow_models", \.config.allowModels,
            .text("model name", example: #""claude-*" or "gpt-5.4""#),
            standard: "all",
            """
            Models that may be asked for when no route names them. An entry that ends in `*` allows all that \
            begin so.
            """
        ),
        .init(
            "prompt_cache", \.config.promptCache, .word, of: sample, variable: "WEIR_PROMPT_CACHE",
            """
            What Weir does for prompt caches where a route does not say. `auto` marks prompts where reads \
            are expected to earn more than writing costs, `always` marks all that can be cached, `observe` \
            changes nothing and reports what marking would have earned, `off` does nothing.
            """
        ),
        .init(
            "keep_warm", \.config.keepWarm, .flag, of: sample, variable: "WEIR_KEEP_WARM",
            """
            Whether Weir refreshes cache entries of Anthropic Messages before they are gone, where a route \
            does not say: with one minimal request, if a turn is expected later than that and writing the \
            entry again would cost more. Takes effect where `prompt_cache` is not `off`; keeps requests in \
            memory (`limits.keep_warm`).
            """
        ),
        .init(
            "fallback", \.config.fallback, .word, of: sample,
            """
            Which other targets may serve a request whose own cannot, where a route does not say: `off` none, \
            `model` the same model at other providers, `bucket` also other models of the same capability \
            bucket, never of a smaller one.
            """
        ),
        .init(
            "hedge", typeName: ValueType.hedge.name, standard: "`off`",
            """
            When a second target is raced against one that has not answered, where a route does not say: \
            after the 95th percentile (`p95`) of the target's times to first byte, or after a duration.
            """
        ) { node, path, reading, draft in
            draft.config.hedge = readHedge(node, path, &reading).flatMap { $0.percent == 0 ? nil : $0 }
        },
        limits(
            "caller_limits", \.config.callerLimits,
            "What each caller key may ask for, where it does not say itself."),
    ]

    private static let surroundings: [ConfigOption<ConfigDraft>] = [
        .init(
            "log.level", \.config.log.level, .word, of: sample, variable: "WEIR_LOG",
            "The least that is logged."),
        .init(
            "log.format", \.config.log.format, .word, of: sample, variable: "WEIR_LOG",
            "One line of text or one JSON object per entry."),
        .init(
            "tls.certificate", \.config.tlsCertificate, .text("path", example: "the path of a PEM file"),
            of: sample,
            standard: "none: plain HTTP",
            "PEM file with the certificate chain of the data plane; read again when it changes and on SIGHUP."
        ),
        .init(
            "tls.key", \.config.tlsKey, .text("path", example: "the path of a PEM file"), of: sample,
            standard: "none",
            "PEM file with the private key of that certificate."),
        .init(
            list: "cors.origins", \.config.cors.origins, .origin, standard: "none",
            "Origins of web pages that may call the data plane from a browser; `*` for any."),
    ]

    private static let limits: [ConfigOption<ConfigDraft>] = [
        .init(
            "limits.body", \.config.limits.bodyBytes, .size(1024...(1 << 31)), of: sample,
            "Largest request body where the request names a model. Anthropic's own limit is 32 MB."),
        .init(
            "limits.upload", \.config.limits.uploadBytes, .size(1024...(1 << 40)), of: sample,
            "Largest request body of everything else (files, batches); these stream through and are not held."
        ),
        .init(
            "limits.gathered_reply", \.config.limits.gatheredReplyBytes, .size(0...(1 << 28)), of: sample,
            "Largest plain reply that is gathered to put its cost in a header; larger ones stream without it."
        ),
        .init(
            "limits.pending_write", \.config.limits.pendingWriteBytes, .size(16_384...(1 << 28)), of: sample,
            "Bytes waiting for a slow reader before Weir stops reading from the provider."),
        .init(
            "limits.connections", \.config.limits.connections, .count(1...1_000_000), of: sample,
            "Connections from callers at one time."),
        .init(
            "limits.keep_warm", \.config.limits.keepWarmBytes, .size(0...(1 << 40)), of: sample,
            """
            Requests kept in memory for refreshes (`keep_warm`), split evenly over the event loops. The \
            least recently used goes first; one over an eighth of its loop's share is not kept.
            """
        ),
    ]

    private static let timeouts: [ConfigOption<ConfigDraft>] = [
        .init(
            "timeouts.connect", \.config.timeouts.connect, .duration(.milliseconds(1)...day), of: sample,
            "Longest wait for a connection to a provider, TLS included."),
        .init(
            "timeouts.first_byte", \.config.timeouts.firstByte, .duration(.milliseconds(1)...day), of: sample,
            "Longest wait for the first byte of a stream."),
        .init(
            "timeouts.first_byte_reasoning", \.config.timeouts.firstByteReasoning,
            .duration(.milliseconds(1)...day), of: sample,
            "Longest wait for the first byte of a stream of a model that thinks first."),
        .init(
            "timeouts.plain_reply", \.config.timeouts.plainReply, .duration(.milliseconds(1)...day), of: sample,
            "Longest wait for the head of a plain reply, which comes when all of it is written."),
        .init(
            "timeouts.total", \.config.timeouts.total, .duration(.milliseconds(1)...day), of: sample,
            "Longest time a request may take, all attempts included."),
        .init(
            "timeouts.silence", \.config.timeouts.silence, .duration(.milliseconds(1)...day), of: sample,
            "Longest silence between two chunks of a provider's reply."),
        .init(
            "timeouts.request", \.config.timeouts.request, .duration(.milliseconds(1)...day), of: sample,
            "Longest wait for the rest of a request whose first byte has come."),
        .init(
            "timeouts.idle_caller", \.config.timeouts.idleCaller, .duration(.milliseconds(1)...day),
            of: sample,
            "How long an unused connection of a caller is kept."),
        .init(
            "timeouts.idle_upstream", \.config.timeouts.idleUpstream, .duration(.milliseconds(1)...day),
            of: sample,
            "How long an unused connection to a provider is kept."),
        .init(
            "timeouts.drain", \.config.timeouts.drain, .duration(.zero...day), of: sample,
            "How long open requests may go on after a stop was asked for."),
    ]

    private static let ledger: [ConfigOption<ConfigDraft>] = [
        .init(
            "ledger.sync_window", \.config.ledger.syncWindow,
            .duration(.milliseconds(1)...Duration.seconds(60)), of: sample,
            "Longest time a settled row may be lost by a power cut (not by a crash of Weir)."),
        .init(
            "ledger.journal", \.config.ledger.journalBytes, .size((1 << 20)...(1 << 34)), of: sample,
            "Rows waiting for the database, in bytes of journal, before `when_unavailable` applies."),
        .init(
            "ledger.when_unavailable", \.config.ledger.whenUnavailable, .word, of: sample,
            "`refuse` answers 503 `ledger_unavailable`; `serve` serves on and counts the rows lost."),
    ]
}
