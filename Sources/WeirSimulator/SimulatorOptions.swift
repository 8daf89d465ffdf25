/// How the simulator listens and how it behaves when a request does not say otherwise.
package struct SimulatorOptions: Sendable {
    /// Address to bind.
    ///
    /// Default `127.0.0.1`.
    package var host: String
    /// Port to bind, 0 for any free one.
    ///
    /// Default 9797.
    package var port: Int
    /// Wait before the reply head.
    ///
    /// Default 0: as fast as possible. Per request: `x-sim-latency-ms`.
    package var latency: Duration
    /// Wait between the head and the first byte of the body.
    ///
    /// Default 0. Per request: `x-sim-first-byte-ms`.
    package var firstByteDelay: Duration
    /// Wait before every event of a stream.
    ///
    /// Default 0. Per request: `x-sim-event-delay-ms`.
    package var eventDelay: Duration
    /// Pace of streamed answers; 0, the default, means unpaced.
    ///
    /// Per request: `x-sim-tokens-per-second`.
    package var tokensPerSecond: Double
    /// Share of requests, 0...1, that meet one of `faults`, drawn from the seed.
    ///
    /// Default 0.
    package var faultRate: Double
    /// What such a request meets, each as likely as the others.
    ///
    /// Default: every fault there is.
    package var faults: [SimulatorFault]
    /// Share of requests, 0...1, refused with one of `errorStatuses`, drawn from the seed.
    ///
    /// Default 0.
    package var errorRate: Double
    /// Statuses of refused requests.
    ///
    /// Default 429, 500, 529.
    package var errorStatuses: [Int]
    /// Requests a key may send in a window before it gets 429; `nil`, the default, means no limit.
    package var requestsPerMinute: Int?
    /// Tokens of requests, estimated, that a key may send in a window; `nil`, the default, means no limit.
    package var tokensPerMinute: Int?
    /// Length of the windows of both limits in seconds.
    ///
    /// Default 60; shorter ones are for tests that wait for the next.
    package var rateWindow: Double
    /// Who signs thinking and encrypted reasoning; two simulators of one name know each other's.
    ///
    /// Default `nil`: a name made of port and seed, or a random one where the port is 0.
    package var signer: String?
    /// Prompts with more tokens than this are refused as too long; `nil`, the default, means no limit.
    package var maxPromptTokens: Int?
    /// Breakpoints that a Messages request may have; with 0 any `cache_control` and `prompt_cache_key` is
    /// refused, as by a server that knows neither.
    ///
    /// Default 4. Per request: `x-sim-max-markers`.
    package var maxMarkers: Int
    /// What the 20 positions that a breakpoint looks back over are.
    ///
    /// Default `blocks`.
    package var lookBack: SimulatorLookBack
    /// The one key that is accepted; `nil`, the default, accepts any non-empty key.
    package var apiKey: String?
    /// Same seed, same requests, same answers and same random faults.
    ///
    /// Default 1.
    package var seed: UInt64
    /// Requests kept for `Simulator.received` and `GET /sim/requests`, oldest dropped first.
    ///
    /// Default 1,000.
    package var recordLimit: Int
    /// Bytes of request bodies kept for them, oldest request dropped first.
    ///
    /// Default 64 MiB.
    package var recordBytes: Int

    package init(host: String = "127.0.0.1", port: Int = 9797, seed: UInt64 = 1) {
        self.host = host
        self.port = port
        self.seed = seed
        latency = .zero
        firstByteDelay = .zero
        eventDelay = .zero
        tokensPerSecond = 0
        faultRate = 0
        faults = SimulatorFault.allCases
        errorRate = 0
        errorStatuses = [429, 500, 529]
        requestsPerMinute = nil
        tokensPerMinute = nil
        rateWindow = 60
        signer = nil
        maxPromptTokens = nil
        maxMarkers = 4
        lookBack = .blocks
        apiKey = nil
        recordLimit = 1_000
        recordBytes = 64 << 20
    }
}

/// How look-back counts the blocks of a prompt; the raw value is what `--cache-look-back` takes.
package enum SimulatorLookBack: String, Sendable, CaseIterable {
    /// Every block is a position.
    case blocks
    /// A run of consecutive `tool_use` blocks is one position, likewise a run of `tool_result`.
    case runs
}

/// A way for a reply to go wrong; the raw value is what `x-sim-fault` and `--fault` take.
package enum SimulatorFault: String, Sendable, CaseIterable {
    /// The connection is reset before any byte of the reply.
    case resetBeforeHead = "reset-before-head"
    /// The connection is reset after some events, or after half of a plain body.
    case resetMidBody = "reset-mid-body"
    /// The reply stops there and the connection stays open and silent.
    case stall
    /// A stream begins with an error event and ends; a plain reply becomes the same error with its status.
    case errorEventFirst = "error-event-first"
    /// The head of the reply comes, then the connection closes.
    case closeBeforeBody = "close-before-body"
    /// Bytes that are no HTTP head come, then the connection closes.
    case malformedHead = "malformed-head"
    /// The head comes 8 bytes at a time, 2 ms apart; then all the rest.
    case slowHead = "slow-head"
    /// A stream ends cleanly without its terminal event; a plain body ends by closing halfway.
    case truncate
    /// Writes are cut inside every multi-byte character.
    case splitUTF8 = "split-utf8"
    /// Every byte is its own write.
    case byteByByte = "byte-by-byte"
    /// One event, or the plain body, is broken JSON.
    case malformedJSON = "malformed-json"
    /// A stream ends with an error event; a plain reply becomes the same error with its status.
    case errorEvent = "error-event"
    /// A stream's last event comes, the end of its body 300 ms later.
    case lateEnd = "late-end"
    /// The connection closes right after a complete reply that did not announce it.
    case closeAfter = "close-after"
}
