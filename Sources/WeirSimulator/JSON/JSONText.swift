/// Escaping and unescaping of JSON strings.
enum JSONText {
    /// The text of a string body that the reader has accepted.
    ///
    /// Surrogate pairs are joined; a lone surrogate becomes U+FFFD.
    static func unescaped(_ inner: ArraySlice<UInt8>) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(inner.count)
        var at = inner.startIndex
        while at < inner.endIndex {
            guard inner[at] == UInt8(ascii: "\\"), at + 1 < inner.endIndex else {
                out.append(inner[at])
                at += 1
                continue
            }
            let letter = inner[at + 1]
            guard letter == UInt8(ascii: "u") else {
                out.append(simple(letter))
                at += 2
                continue
            }
            let (scalar, length) = unicode(inner, at: at)
            out.append(contentsOf: Array(String(Character(scalar)).utf8))
            at += length
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Appends `text` with quotes, backslashes and control characters escaped, without the enclosing quotes.
    static func appendEscaped(_ text: some Sequence<UInt8>, to out: inout [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                out.append(UInt8(ascii: "\\"))
                out.append(byte)
            case 0x0A: out.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
            case 0..<0x20:
                out.append(contentsOf: Array("\\u00".utf8))
                out.append(hexDigit(byte >> 4))
                out.append(hexDigit(byte & 15))
            default: out.append(byte)
            }
        }
    }

    /// The value of a hexadecimal digit; `nil` for any other byte.
    static func hex(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte - 0x30)
        case 0x41...0x46: UInt32(byte - 0x41 + 10)
        case 0x61...0x66: UInt32(byte - 0x61 + 10)
        default: nil
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

    private static func simple(_ letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: letter
        }
    }

    private static func unicode(_ inner: ArraySlice<UInt8>, at: Int) -> (Unicode.Scalar, Int) {
        let replacement: Unicode.Scalar = "\u{FFFD}"
        guard let high = unit(inner, at: at) else { return (replacement, inner.endIndex - at) }
        if (0xD800..<0xDC00).contains(high), let low = unit(inner, at: at + 6),
            (0xDC00..<0xE000).contains(low)
        {
            let value = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
            return (Unicode.Scalar(value) ?? replacement, 12)
        }
        return (Unicode.Scalar(high) ?? replacement, 6)
    }

    private static func unit(_ inner: ArraySlice<UInt8>, at: Int) -> UInt32? {
        guard at + 5 < inner.endIndex, inner[at] == UInt8(ascii: "\\"), inner[at + 1] == UInt8(ascii: "u")
        else {
            return nil
        }
        var value: UInt32 = 0
        for byte in inner[(at + 2)...(at + 5)] {
            guard let digit = hex(byte) else { return nil }
            value = value << 4 | digit
        }
        return value
    }
}
