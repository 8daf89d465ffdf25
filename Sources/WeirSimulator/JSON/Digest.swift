/// A 128-bit fingerprint of bytes, fed in steps; not cryptographic.
///
/// Two 64-bit multiply-rotate streams (the constants are xxHash's primes) read eight bytes a turn. Enough to
/// tell prompts apart in a simulator; never use it where somebody gains from a collision.
struct Digest: Hashable, Sendable {
    private(set) var low: UInt64
    private(set) var high: UInt64

    init(seed: UInt64 = 0) {
        low = seed &+ 0x9E37_79B1_85EB_CA87
        high = seed ^ 0xC2B2_AE3D_27D4_EB4F
    }

    mutating func add(_ word: UInt64) {
        low = rotated(low ^ (word &* 0x9E37_79B1_85EB_CA87), by: 31) &* 0xC2B2_AE3D_27D4_EB4F
        high = rotated(high &+ (word ^ 0x1656_67B1_9E37_79F9), by: 27) &* 0x85EB_CA77_C2B2_AE63 &+ low
    }

    /// Feeds the bytes and their count, so that the border between two calls matters.
    mutating func add(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { buffer in
            var at = 0
            while at + 8 <= buffer.count {
                add(buffer.loadUnaligned(fromByteOffset: at, as: UInt64.self))
                at += 8
            }
            var tail: UInt64 = 0
            while at < buffer.count {
                tail = tail << 8 | UInt64(buffer[at])
                at += 1
            }
            add(tail)
            add(UInt64(buffer.count))
        }
    }

    mutating func add(_ bytes: [UInt8]) { add(bytes[...]) }
    mutating func add(_ text: String) { add(Array(text.utf8)[...]) }

    /// One number made of both halves, for seeding a generator.
    var seed: UInt64 { low ^ rotated(high, by: 17) }

    private func rotated(_ value: UInt64, by bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }
}
