/// How one reply behaves: the options, overridden by the request's `x-sim-*` headers, then by chance.
struct Conduct: Sendable {
    var latency: Duration
    var firstByteDelay: Duration
    var eventDelay: Duration
    var tokensPerSecond: Double
    var fault: SimulatorFault?
    /// Events, or half bodies for plain replies, that pass before the fault.
    ///
    /// `x-sim-fault-after`, default 2.
    var faultAfter: Int
    /// `x-sim-status`: answer with this status and its real body.
    var status: Int?
    /// `x-sim-retry-after`: sent as it is, in seconds.
    var retryAfter: String?
    /// `x-sim-output-tokens`: length of the answer, still bounded by the request's own limit.
    var outputTokens: Int?
    /// `x-sim-stop-reason`: a stop or finish reason to end with.
    var stopReason: String?
    /// `x-sim-max-markers`: breakpoints that the request may have.
    var maxMarkers: Int

    /// The longest answer a header may ask for, in tokens.
    static let maxOutputTokens = 1_000_000

    /// True when events leave one by one with waits between them.
    var isPaced: Bool { eventDelay > .zero || tokensPerSecond > 0 }

    /// - Parameters:
    ///   - header: the first value of a request header of that lower-case name.
    ///   - chance: draws the random faults; seeded by the simulator's seed and the request's number.
    init(_ options: SimulatorOptions, chance: SplitMix, header: (String) -> String?) throws(BadHeader) {
        latency = try Self.milliseconds("x-sim-latency-ms", header) ?? options.latency
        firstByteDelay = try Self.milliseconds("x-sim-first-byte-ms", header) ?? options.firstByteDelay
        eventDelay = try Self.milliseconds("x-sim-event-delay-ms", header) ?? options.eventDelay
        let pace = try Self.number("x-sim-tokens-per-second", header, atMost: 1_000_000)
        tokensPerSecond = pace ?? options.tokensPerSecond
        faultAfter = Int(try Self.number("x-sim-fault-after", header, atMost: 1_000_000_000) ?? 2)
        status = try Self.number("x-sim-status", header, atMost: 599).map { Int($0) }
        if let status, !(200...599).contains(status) { throw BadHeader(name: "x-sim-status") }
        let tokens = try Self.number("x-sim-output-tokens", header, atMost: Double(Self.maxOutputTokens))
        outputTokens = tokens.map { Int($0) }
        let markers = try Self.number("x-sim-max-markers", header, atMost: 1_000)
        maxMarkers = markers.map { Int($0) } ?? options.maxMarkers
        retryAfter = header("x-sim-retry-after")
        stopReason = header("x-sim-stop-reason")
        if let name = header("x-sim-fault") {
            guard let known = SimulatorFault(rawValue: name) else { throw BadHeader(name: "x-sim-fault") }
            fault = known
        }
        draw(options, chance: chance)
    }

    /// True for a fault that makes an error of a plain reply.
    var isErrorEvent: Bool { fault == .errorEvent || fault == .errorEventFirst }

    private mutating func draw(_ options: SimulatorOptions, chance: SplitMix) {
        guard options.faultRate > 0 || options.errorRate > 0 else { return }
        var chance = chance
        if fault == nil, chance.unit() < options.faultRate {
            fault = options.faults.randomElement(using: &chance)
        }
        if status == nil, chance.unit() < options.errorRate {
            status = options.errorStatuses.randomElement(using: &chance)
        }
    }

    /// A header whose value cannot be used; answered with 400 so that a typing slip never passes for a fault.
    struct BadHeader: Error { let name: String }

    private static func number(
        _ name: String, _ header: (String) -> String?, atMost limit: Double
    ) throws(BadHeader) -> Double? {
        guard let text = header(name) else { return nil }
        guard let value = Double(text), value >= 0, value <= limit else { throw BadHeader(name: name) }
        return value
    }

    private static func milliseconds(
        _ name: String, _ header: (String) -> String?
    ) throws(BadHeader) -> Duration? {
        guard let value = try number(name, header, atMost: 3_600_000) else { return nil }
        return .microseconds(Int64(value * 1_000))
    }
}

extension Conduct {
    /// No waits and no faults: for the simulator's own endpoints and refusals.
    init(plain options: SimulatorOptions) {
        latency = .zero
        firstByteDelay = .zero
        eventDelay = .zero
        tokensPerSecond = 0
        fault = nil
        faultAfter = 2
        status = nil
        retryAfter = nil
        outputTokens = nil
        stopReason = nil
        maxMarkers = options.maxMarkers
    }
}
