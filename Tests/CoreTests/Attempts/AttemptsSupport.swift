import WeirCore

/// Microseconds of a number of seconds.
func seconds(_ count: Double) -> Int64 { Int64((count * 1_000_000).rounded()) }

/// 2026-11-21 12:00:00 UTC, in microseconds since 1970.
let noon: Int64 = 1_795_262_400_000_000

/// A seeded generator, so that a failure can be repeated (SplitMix64).
struct Draws: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension ReplyHead {
    /// A head of that status and those fields.
    static func test(_ status: Int, _ fields: [(String, String)] = []) throws -> ReplyHead {
        let lines = fields.map { "\($0): \($1)\r\n" }.joined()
        return try parse(Array("HTTP/1.1 \(status) Some\r\n\(lines)\r\n".utf8), answersHEAD: false)
    }
}

extension AttemptVerdict {
    static func test(
        _ status: Int, _ fields: [(String, String)] = [], body: String = "", own: Bool = true,
        now: Int64 = noon
    ) throws -> AttemptVerdict {
        let head = try ReplyHead.test(status, fields)
        return Array(body.utf8).withUnsafeBytes { judge(head, body: $0, ownCredential: own, now: now) }
    }

    static func test(event: String) -> AttemptVerdict {
        Array(event.utf8).withUnsafeBytes { judge(errorEvent: $0) }
    }
}

/// Holds a record that cannot be copied, for an array of them.
final class Kept<Record: ~Copyable> {
    var value: Record

    init(_ value: consuming Record) { self.value = value }
}

extension TargetRecord {
    /// Begins and ends an attempt at once; what `begin` said.
    @discardableResult
    mutating func run(
        _ outcome: Outcome, _ kind: Row.Attempt.Kind = .first, now: Int64, firstByte: Int64? = 1_000,
        health: HealthOptions = HealthOptions(), retry: RetryOptions = RetryOptions()
    ) -> Admission {
        let admission = begin(kind, now: now, health, retry)
        switch admission {
        case .admitted: end(outcome, firstByte: firstByte, wasProbe: false, now: now, health)
        case .probe: end(outcome, firstByte: firstByte, wasProbe: true, now: now, health)
        case .refused, .overBudget: break
        }
        return admission
    }
}

extension TargetChoice {
    static func pick(weights: [Int], standings: [TargetStanding], draws: (UInt64, UInt64)) -> Int? {
        standings.withUnsafeBufferPointer { pick(weights: weights, standings: $0, draws: draws) }
    }
}

extension CredentialChoice {
    static func pick(
        _ standings: [CredentialStanding], weights: [Int], preferred: Int?, tried: UInt64, draw: UInt64
    ) -> Int? {
        standings.withUnsafeBufferPointer {
            pick($0, weights: weights, preferred: preferred, tried: tried, draw: draw)
        }
    }
}

extension CredentialRecord {
    /// A reply that is read in any case.
    mutating func hear(_ limits: RateLimits, now: Int64) {
        _ = answered(now: now)
        note(limits, now: now)
    }
}
