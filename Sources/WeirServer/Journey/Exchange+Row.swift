import NIOHTTP1
import WeirCore

extension Exchange {
    /// What the head alone tells of the row.
    func fillRow() {
        row.receivedAt = Clocks.wallMicros()
        row.id = RequestID.make(at: row.receivedAt, &loop.random)
        row.endpoint = endpoint
        for (name, value) in head.headers {
            // By length first: most fields cost one comparison of numbers.
            switch name.utf8.count {
            case 10 where name.equalsIgnoringCase("user-agent"): row.userAgent = value.bounded
            case 11 where name.equalsIgnoringCase("x-weir-tags"): row.tags = value.bounded
            case 14 where name.equalsIgnoringCase("x-weir-session"): row.session = row.session ?? value.bounded
            case 22 where name.equalsIgnoringCase("x-claude-code-agent-id"): row.agent = value.bounded
            case 24 where name.equalsIgnoringCase("x-claude-code-session-id"): row.session = value.bounded
            case 29 where name.equalsIgnoringCase("x-claude-code-parent-agent-id"): row.parentAgent = value.bounded
            default: break
            }
        }
    }

    /// True where the caller understands trailers.
    var acceptsTrailers: Bool {
        head.headers["te"].contains { $0.split(separator: ",").contains { $0.utf8.filter { $0 != 32 }.equalsIgnoringCase("trailers") } }
    }
}

extension String {
    /// Longest text of a header that goes into a row, in bytes.
    fileprivate static let maxRowText = 512

    fileprivate var bounded: String {
        utf8.count <= Self.maxRowText ? self : String(decoding: utf8.prefix(Self.maxRowText), as: UTF8.self)
    }
}

/// Ids of requests.
enum RequestID {
    /// "req_", 12 hexadecimal digits of the time in milliseconds, 20 random ones: ids sort by time.
    static func make(at micros: Int64, _ random: inout RequestRandom) -> String {
        let time = UInt64(bitPattern: micros / 1000)
        let high = (time << 16) | (random.next() & 0xFFFF)
        let low = random.next()
        return String(unsafeUninitializedCapacity: 36) { bytes in
            var index = 0
            for byte in "req_".utf8 {
                bytes[index] = byte
                index += 1
            }
            for word in [high, low] {
                for shift in stride(from: 60, through: 0, by: -4) {
                    let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 15
                    bytes[index] = digit < 10 ? 48 + digit : 87 + digit
                    index += 1
                }
            }
            return index
        }
    }
}
