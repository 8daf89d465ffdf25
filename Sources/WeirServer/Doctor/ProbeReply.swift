/// A request of the doctor's.
struct ProbeRequest: Sendable {
    var method = "GET"
    /// Path and query, "/v1" included.
    var path: String
    var fields: [(name: String, value: String)] = []
    /// A JSON text; `nil` sends no body.
    var body: String?
}

/// What came back, and when.
package struct ProbeReply: Sendable {
    package var status: Int
    /// Names in lower case.
    package var fields: [(name: String, value: String)] = []
    package var body: [UInt8] = []
    /// Every piece of the body in the order received.
    package var arrivals: [Arrival] = []
    /// From sending to the end of the reply.
    package var elapsed = Duration.zero

    package init(status: Int) { self.status = status }

    /// One piece of a body.
    package struct Arrival: Sendable, Equatable {
        /// From sending.
        package let at: Duration
        package let bytes: Int

        package init(at: Duration, bytes: Int) {
            self.at = at
            self.bytes = bytes
        }
    }
}

extension ProbeReply {
    /// The first value of a field, by its name in lower case.
    package func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    package var text: String { String(decoding: body, as: UTF8.self) }
    package var isGood: Bool { (200..<300).contains(status) }
    package var milliseconds: Int { elapsed.wholeMilliseconds }
}

extension Duration {
    /// Rounded down.
    var wholeMilliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}

/// Why there is no whole reply, as a sentence for the person who asked.
package struct ProbeFailure: Error, Sendable, Equatable {
    package let message: String

    init(_ message: String) { self.message = message }
}
