/// How the simulator behaves from now on: set while it runs, by `PUT /sim/condition`.
///
/// Holds for requests that have no `x-sim-*` header of their own.
struct Condition: Sendable, Equatable {
    /// Share of the requests, 0...1, that meet `status` or `fault`; the waits hold for all.
    var share = 1.0
    /// Answer with this status and its real body.
    var status: Int?
    var fault: SimulatorFault?
    /// Events before the fault, as `x-sim-fault-after`.
    var faultAfter: Int?
    var latency: Duration?
    var firstByteDelay: Duration?
    var eventDelay: Duration?
    /// Sent as it is with `status`, in seconds.
    var retryAfter: String?
    /// Requests that it still holds for; `nil`: until it is taken back.
    var requestsLeft: Int?

    /// A member whose name or value is not known; answered with 400.
    struct Problem: Error, Equatable { let member: String }

    init() {}

    /// Reads the body of `PUT /sim/condition`.
    init(_ body: JSON) throws(Problem) {
        guard body.isObject else { throw Problem(member: "body") }
        for (name, value) in body.members where !value.isNull {
            switch name {
            case "share": share = try Self.number(name, value, 0...1)
            case "status": status = Int(try Self.number(name, value, 200...599))
            case "fault":
                guard let known = value.string.flatMap(SimulatorFault.init(rawValue:)) else {
                    throw Problem(member: name)
                }
                fault = known
            case "fault_after": faultAfter = Int(try Self.number(name, value, 0...1_000_000_000))
            case "latency_ms": latency = try Self.milliseconds(name, value)
            case "first_byte_ms": firstByteDelay = try Self.milliseconds(name, value)
            case "event_delay_ms": eventDelay = try Self.milliseconds(name, value)
            case "retry_after":
                retryAfter = value.string ?? String(decoding: value.raw, as: UTF8.self)
            case "until_requests": requestsLeft = Int(try Self.number(name, value, 1...1_000_000_000))
            default: throw Problem(member: name)
            }
        }
    }

    private static func number(
        _ name: String, _ value: JSON, _ range: ClosedRange<Double>
    ) throws(Problem) -> Double {
        guard case .number = value.node.shape,
            let number = Double(String(decoding: value.raw, as: UTF8.self)), range.contains(number)
        else { throw Problem(member: name) }
        return number
    }

    private static func milliseconds(_ name: String, _ value: JSON) throws(Problem) -> Duration {
        .microseconds(Int64(try number(name, value, 0...3_600_000) * 1_000))
    }

    /// As `GET /sim/condition` shows it.
    var json: Out {
        var members: [(String, Out)] = [("share", .double(share))]
        if let status { members.append(("status", .int(status))) }
        if let fault { members.append(("fault", .string(fault.rawValue))) }
        if let faultAfter { members.append(("fault_after", .int(faultAfter))) }
        for (name, wait) in [
            ("latency_ms", latency), ("first_byte_ms", firstByteDelay), ("event_delay_ms", eventDelay),
        ] {
            if let wait { members.append((name, .double(wait / .milliseconds(1)))) }
        }
        if let retryAfter { members.append(("retry_after", .string(retryAfter))) }
        if let requestsLeft { members.append(("until_requests", .int(requestsLeft))) }
        return .object(members)
    }
}

/// The condition that holds, and for how many requests.
struct ConditionBook: Sendable {
    var current: Condition?

    /// The condition of one more request; `nil` where none holds.
    mutating func take() -> Condition? {
        guard var condition = current else { return nil }
        let taken = condition
        if let left = condition.requestsLeft {
            condition.requestsLeft = left - 1
            current = left > 1 ? condition : nil
        }
        return taken
    }
}

extension Conduct {
    /// What a condition makes of a request; `chance` decides whether it belongs to the share.
    mutating func apply(_ condition: Condition, chance: SplitMix) {
        var chance = chance
        latency = condition.latency ?? latency
        firstByteDelay = condition.firstByteDelay ?? firstByteDelay
        eventDelay = condition.eventDelay ?? eventDelay
        guard chance.unit() < condition.share else { return }
        status = condition.status ?? status
        fault = condition.fault ?? fault
        faultAfter = condition.faultAfter ?? faultAfter
        retryAfter = condition.retryAfter ?? retryAfter
    }
}
