/// Everything that can be set, with its default.
///
/// Made by `ConfigReader` from one YAML file and the environment.
///
/// An immutable value: a reload makes a new one, requests in flight keep theirs.
package struct Config: Sendable, Equatable {
    /// Address of the data plane, `host:port`.
    package var listen = "127.0.0.1:8787"
    /// Address of the admin plane (metrics), `host:port`; "off" for none.
    package var adminListen = "127.0.0.1:8788"
    /// Folder of the ledger and the caller keys.
    package var dataDirectory = ""
    /// Event loops, each on its own thread; 0 means one per processor.
    package var threads = 0
    package var log = LogOptions()
    package var tls: TLSFiles?
    package var cors = CORS()
    package var limits = Limits()
    package var timeouts = Timeouts()
    package var ledger = LedgerOptions()
    /// Providers by name, in the order written.
    package var providers: [Provider] = []
    /// Prices and sizes that override or extend the catalogue, by model id.
    package var models: [String: ModelOverride] = [:]
    /// Requested model name to targets, in the order written.
    package var routes: [Route] = []
    /// Caller keys written in the configuration, besides those in the key store.
    package var keys: [ConfiguredKey] = []
    /// Models that may be asked for when no route names them; empty means all.
    ///
    /// An entry may end in `*`.
    package var allowModels: [String] = []
    /// What Weir does for prompt caches where a route does not say.
    package var promptCache = PromptCacheMode.auto
    /// Whether cache entries are refreshed before they are gone, where a route does not say.
    package var keepWarm = false
    /// What is answered from memory.
    package var cache = CacheOptions()
    package var retry = RetryOptions()
    package var health = HealthOptions()
    /// How a stream that is slow or breaks is handled where a route does not say.
    package var streams = StreamOptions()
    /// `nil`: no request is hedged where a route does not say.
    package var hedge: HedgeOptions?
    /// Which other models may serve a request whose own cannot, where a route does not say.
    package var fallback = FallbackMode.bucket
    /// What one caller key, project or model may ask for, where they do not say themselves; without any, all.
    package var callerLimits = CallerLimitOptions()
    /// Limits by project.
    package var projects: [String: CallerLimitOptions] = [:]
    /// Processes that share the callers; each enforces its part of their limits, which thus do not multiply.
    package var replicas = 1

    package init() {}
}

/// What Weir does to make a provider's prompt cache pay.
package enum PromptCacheMode: String, Sendable, CaseIterable {
    /// Marks prompts where observed reuse lets reads earn more than writing costs.
    case auto
    /// Marks none.
    case off
    /// Marks every prompt that can be cached, without the sum.
    case always
    /// Changes nothing, and puts on the row what marking would have earned.
    case observe
}

package struct LogOptions: Sendable, Equatable {
    package enum Format: String, Sendable, CaseIterable { case text, json }
    package enum Level: String, Sendable, CaseIterable { case debug, info, warning, error }
    package var format = Format.text
    package var level = Level.info

    package init() {}
}

/// Certificate and key of the data plane listener, PEM files; read again on SIGHUP and when they change.
package struct TLSFiles: Sendable, Equatable {
    package var certificate: String
    package var key: String

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

package struct CORS: Sendable, Equatable {
    /// Origins that may call from a browser, for instance `https://app.example.com`; `*` for any; empty for
    /// none.
    package var origins: [String] = []

    package init() {}
}

package struct Limits: Sendable, Equatable {
    /// Largest request body of endpoints that name a model, in bytes.
    ///
    /// Anthropic's own limit is 32 MB.
    package var bodyBytes = 32 * 1024 * 1024
    /// Largest request body of everything else (files, batches), in bytes; these stream and are not held.
    package var uploadBytes = 512 * 1024 * 1024
    /// Largest plain reply that is gathered to put its cost in a header, in bytes; larger ones stream
    /// without.
    package var gatheredReplyBytes = 1024 * 1024
    /// Bytes waiting for a slow reader before Weir stops reading from the provider.
    package var pendingWriteBytes = 256 * 1024
    /// Connections from callers at one time.
    package var connections = 20_000
    /// Requests kept so that their cache entries can be refreshed, in bytes, over all event loops.
    package var keepWarmBytes = 64 * 1024 * 1024

    package init() {}
}

package struct Timeouts: Sendable, Equatable {
    /// Longest wait for a connection to a provider, TLS included.
    package var connect = Duration.seconds(1)
    /// Longest wait for the first byte of a stream.
    package var firstByte = Duration.seconds(120)
    /// Longest wait for the head of a plain reply, which comes when all of it is written.
    package var plainReply = Duration.seconds(600)
    /// Longest wait for the first byte of a stream of a model that thinks first.
    package var firstByteReasoning = Duration.seconds(600)
    /// Longest time a request may take, all attempts included.
    package var total = Duration.seconds(3600)
    /// Longest silence between two chunks of a provider's reply.
    package var silence = Duration.seconds(300)
    /// Longest wait for the rest of a request whose first byte has come.
    package var request = Duration.seconds(60)
    /// How long an unused connection of a caller is kept.
    package var idleCaller = Duration.seconds(120)
    /// How long an unused connection to a provider is kept.
    package var idleUpstream = Duration.seconds(60)
    /// How long open requests may go on after a stop was asked for.
    package var drain = Duration.seconds(30)

    package init() {}
}

package struct LedgerOptions: Sendable, Equatable {
    package enum WhenUnavailable: String, Sendable, CaseIterable {
        /// Answer 503 `ledger_unavailable`.
        case refuse
        /// Serve on; rows that found no place are counted as lost.
        case serve
    }
    /// Longest time a settled row may be lost by a power cut (not by a crash of Weir).
    package var syncWindow = Duration.milliseconds(100)
    /// Rows waiting for the database, in bytes of journal, before `whenUnavailable` applies.
    package var journalBytes = 64 * 1024 * 1024
    package var whenUnavailable = WhenUnavailable.refuse

    package init() {}
}

/// What a configuration says of a model beyond the catalogue.
package struct ModelOverride: Sendable, Equatable {
    /// `display_name` in `/v1/models`; the id where `nil`.
    package var displayName: String?
    /// Dollars per million tokens by kind; replaces the catalogue's whole price.
    package var price: Price?
    /// Buckets it counts as; replaces the catalogue's.
    package var buckets: [Bucket] = []
    /// What one caller key may ask of this model.
    package var limits = CallerLimitOptions()

    package init() {}
}

/// A caller key given in the configuration or by `WEIR_CALLER_KEY`.
package struct ConfiguredKey: Sendable, Equatable {
    package var name: String
    package var key: Secret
    package var project = "default"
    /// Models this key may ask for; empty means all.
    ///
    /// An entry may end in `*`.
    package var allowModels: [String] = []
    package var limits = CallerLimitOptions()

    package init(name: String, key: Secret) {
        self.name = name
        self.key = key
    }
}
