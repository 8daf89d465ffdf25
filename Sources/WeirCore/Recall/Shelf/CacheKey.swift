/// A SHA-256 in the cache: of a canonical request, of a scope, of a normalised question, or of what surrounds
/// it.
package struct CacheKey: Hashable, Sendable {
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    /// Four words of a hash, each big-endian.
    package init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
        (self.first, self.second, self.third, self.fourth) = (first, second, third, fourth)
    }

    /// The bytes of a hash in their order; `nil` where they are not exactly 32.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 32 else { return nil }
        first = Self.word(bytes, 0)
        second = Self.word(bytes, 1)
        third = Self.word(bytes, 2)
        fourth = Self.word(bytes, 3)
    }

    /// As above; `nil` where they are not exactly 32.
    package init?(_ bytes: [UInt8]) {
        guard let key = bytes.withUnsafeBytes({ CacheKey($0) }) else { return nil }
        self = key
    }

    /// From 64 hexadecimal digits, large or small; `nil` for anything else.
    package init?(hexadecimal text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        var words: [UInt64] = []
        for start in stride(from: 0, to: 64, by: 16) {
            var word: UInt64 = 0
            for digit in digits[start..<start + 16] {
                guard let value = Self.value(of: digit) else { return nil }
                word = word << 4 | value
            }
            words.append(word)
        }
        (first, second, third, fourth) = (words[0], words[1], words[2], words[3])
    }

    /// A part of a hash is spread as evenly as all of it.
    package func hash(into hasher: inout Hasher) { hasher.combine(first) }

    /// Lends the 32 bytes.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(of: (first.bigEndian, second.bigEndian, third.bigEndian, fourth.bigEndian), body)
    }

    /// The 32 bytes.
    package var bytes: [UInt8] { withBytes { Array($0) } }

    /// Writes the 32 bytes.
    func write(to out: UnsafeMutablePointer<UInt8>) {
        withBytes { UnsafeMutableRawBufferPointer(start: out, count: 32).copyMemory(from: $0) }
    }

    /// 32 bits of a hash that is spread evenly already.
    var slotHash: UInt32 { UInt32(truncatingIfNeeded: first ^ first >> 32) }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt64 {
        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
    }

    private static func value(of digit: UInt8) -> UInt64? {
        switch digit {
        case 0x30...0x39: UInt64(digit - 0x30)
        case 0x41...0x46: UInt64(digit - 0x41 + 10)
        case 0x61...0x66: UInt64(digit - 0x61 + 10)
        default: nil
        }
    }
}

extension CacheKey: CustomStringConvertible {
    /// 64 hexadecimal digits.
    package var description: String { [first, second, third, fourth].map(RowJSON.hexadecimal).joined() }
}

extension CacheKey: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let key = CacheKey(hexadecimal: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a key is 64 hexadecimal digits")
        }
        self = key
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
