import ArgumentParser
import WeirSimulator

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `weir simulate`: the provider double on a port of its own.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Serve a simulated provider: Anthropic Messages, OpenAI Chat, Responses and Embeddings.",
        discussion: """
            Answers are made up but shaped like the real ones: plain and streamed, tool calls, thinking, \
            usage, prompt caching, rate-limit headers and error bodies. The same seed and the same request \
            give the same text. Any non-empty API key is accepted unless --api-key names one.

            Every option that shapes a reply can be set for one request by a header: x-sim-latency-ms, \
            x-sim-first-byte-ms, x-sim-event-delay-ms, x-sim-tokens-per-second, x-sim-output-tokens, \
            x-sim-status (with x-sim-retry-after), x-sim-stop-reason, x-sim-max-markers, x-sim-fault (with \
            x-sim-fault-after, in events).

            GET /sim/requests shows what arrived, DELETE /sim/requests forgets it, GET /sim/replies counts \
            replies under way, finished and cancelled, GET /sim/counts counts requests by key, model and \
            status, DELETE /sim/cache empties the simulated prompt caches.

            PUT /sim/condition changes how requests without such headers are answered from now on: \
            {"status":529,"share":0.6,"latency_ms":200}; DELETE takes it back. PUT /sim/keys/KEY \
            {"state":"rejected"} changes an account.
            """)

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Port to listen on; 0 takes any free one.")
    var port = 9_797

    @Option(help: ArgumentHelp("Wait before the head of every reply.", valueName: "ms"))
    var latency: Double = 0

    @Option(help: ArgumentHelp("Wait between the head and the first byte of the body.", valueName: "ms"))
    var firstByte: Double = 0

    @Option(help: ArgumentHelp("Wait before every event of a stream.", valueName: "ms"))
    var eventDelay: Double = 0

    @Option(help: "Pace of streamed answers; 0 sends as fast as the peer reads.")
    var tokensPerSecond: Double = 0

    @Option(help: ArgumentHelp("Share of requests that meet a fault, 0 to 1.", valueName: "share"))
    var faultRate: Double = 0

    @Option(
        help: ArgumentHelp(
            "A fault that --fault-rate draws from; repeat it for several. Default: all. One of: "
                + SimulatorFault.allCases.map(\.rawValue).joined(separator: ", ") + ".", valueName: "fault"))
    var fault: [SimulatorFault] = []

    @Option(help: ArgumentHelp("Share of requests refused with an error status, 0 to 1.", valueName: "share"))
    var errorRate: Double = 0

    @Option(
        help: ArgumentHelp(
            "A status that --error-rate draws from; repeat it for several. Default: 429, 500, 529.",
            valueName: "status"))
    var errorStatus: [Int] = []

    @Option(help: "Requests a key may send in a minute before it gets 429. Default: no limit.")
    var requestsPerMinute: Int?

    @Option(help: "Tokens a key may send in a minute before it gets 429. Default: no limit.")
    var tokensPerMinute: Int?

    @Option(help: ArgumentHelp("Length of the minute that both limits count in.", valueName: "seconds"))
    var rateWindow: Double = 60

    @Option(help: "Who signs thinking; simulators of one name know each other's. Default: by port and seed.")
    var signer: String?

    @Option(help: "Refuse prompts with more tokens than this as too long. Default: no limit.")
    var maxPromptTokens: Int?

    @Option(help: "Cache markers a Messages request may have; 0 refuses any, and prompt_cache_key.")
    var maxMarkers = 4

    @Option(
        help: ArgumentHelp(
            "What the 20 positions are that a cache marker looks back over: blocks, or runs of tool calls.",
            valueName: "unit"))
    var cacheLookBack = SimulatorLookBack.blocks

    @Option(help: "The only key that is accepted. Default: any.")
    var apiKey: String?

    @Option(help: "Answers and random faults follow from it.")
    var seed: UInt64 = 1

    @Option(help: "Event loop threads. Default: one per core.")
    var threads: Int?

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535.") }
        for (name, share) in [("--fault-rate", faultRate), ("--error-rate", errorRate)] {
            guard (0...1).contains(share) else { throw ValidationError("\(name) must be 0 to 1.") }
        }
        for wait in [latency, firstByte, eventDelay] {
            guard (0...3_600_000).contains(wait) else {
                throw ValidationError("Waits must be 0 to 3600000 ms.")
            }
        }
        guard (0.1...86_400).contains(rateWindow) else {
            throw ValidationError("--rate-window must be 0.1 to 86400 seconds.")
        }
        guard tokensPerSecond >= 0 else { throw ValidationError("--tokens-per-second must not be negative.") }
        guard errorStatus.allSatisfy({ (400...599).contains($0) }) else {
            throw ValidationError("--error-status must be 400 to 599.")
        }
        guard (0...1_000).contains(maxMarkers) else {
            throw ValidationError("--max-markers must be 0 to 1000.")
        }
        if let threads, threads < 1 { throw ValidationError("--threads must be at least 1.") }
    }

    func run() async throws {
        let simulator = try await Simulator.start(options, threads: threads)
        let url = "http://\(host):\(simulator.port)"
        print("Simulator listening on \(url)")
        print("  Anthropic   ANTHROPIC_BASE_URL=\(url)")
        print("  OpenAI      OPENAI_BASE_URL=\(url)/v1")
        print("  received    \(url)/sim/requests")
        // A pipe buffers whole blocks; whoever waits for these lines would wait for ever.
        fflush(nil)
        try await simulator.waitUntilStopped()
    }

    private var options: SimulatorOptions {
        var options = SimulatorOptions(host: host, port: port, seed: seed)
        options.latency = .milliseconds(latency)
        options.firstByteDelay = .milliseconds(firstByte)
        options.eventDelay = .milliseconds(eventDelay)
        options.tokensPerSecond = tokensPerSecond
        options.faultRate = faultRate
        if !fault.isEmpty { options.faults = fault }
        options.errorRate = errorRate
        if !errorStatus.isEmpty { options.errorStatuses = errorStatus }
        options.requestsPerMinute = requestsPerMinute
        options.tokensPerMinute = tokensPerMinute
        options.rateWindow = rateWindow
        options.signer = signer
        options.maxPromptTokens = maxPromptTokens
        options.maxMarkers = maxMarkers
        options.lookBack = cacheLookBack
        options.apiKey = apiKey
        return options
    }
}

extension SimulatorFault: ExpressibleByArgument {}
extension SimulatorLookBack: ExpressibleByArgument {}
