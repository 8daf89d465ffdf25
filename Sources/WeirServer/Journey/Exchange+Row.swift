import WeirCore

extension Exchange {
    /// What the head alone tells of the row.
    func fillRow() {
        row.receivedAt = Clocks.wallMicros()
        row.id = RequestID.make(at: row.receivedAt, &loop.random)
        row.endpoint = endpoint
        row.userAgent = headFacts.userAgent
        row.tags = headFacts.tags
        row.session = headFacts.session
        row.agent = headFacts.agent
        row.parentAgent = headFacts.parentAgent
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
