import Testing

@testable import WeirCore

/// A JSON value of which equality is equality of meaning.
indirect enum KeyTree: Hashable {
    case null
    case bool(Bool)
    /// Without zeros at the end of the mantissa; 0 has exponent 0.
    case number(Int, exponent: Int)
    /// UTF-16, so that halves of surrogate pairs can stand alone.
    case string([UInt16])
    case array([KeyTree])
    case object([[UInt16]: KeyTree])

    static func text(_ text: String) -> KeyTree { .string(Array(text.utf16)) }

    static func members(_ members: KeyValuePairs<String, KeyTree>) -> KeyTree {
        .object(Dictionary(members.map { (Array($0.key.utf16), $0.value) }) { $1 })
    }

    static func block(_ text: KeyTree) -> KeyTree { .members(["type": .text("text"), "text": text]) }

    static func number(of mantissa: Int, _ exponent: Int = 0) -> KeyTree {
        if mantissa == 0 { return .number(0, exponent: 0) }
        var (mantissa, exponent) = (mantissa, exponent)
        while mantissa % 10 == 0 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        return .number(mantissa, exponent: exponent)
    }

    subscript(_ name: String) -> KeyTree? {
        get { if case .object(let members) = self { members[Array(name.utf16)] } else { nil } }
        set {
            guard case .object(var members) = self else { return }
            members[Array(name.utf16)] = newValue
            self = .object(members)
        }
    }
}

enum Key {
    static func of(
        _ body: String, _ endpoint: Endpoint = .messages, version: String? = nil
    ) -> CacheRequest {
        of(Array(body.utf8), endpoint, version: version)
    }

    static func of(
        _ body: [UInt8], _ endpoint: Endpoint = .messages, version: String? = nil
    ) -> CacheRequest {
        body.withUnsafeBytes { CacheRequest.read($0, endpoint: endpoint, version: version) }
    }

    static func canonical(
        _ body: String, _ endpoint: Endpoint = .messages, version: String? = nil
    ) -> String {
        String(decoding: of(body, endpoint, version: version).canonical, as: UTF8.self)
    }
}

/// Random values and random spellings of them, from a seed.
struct KeyRandom {
    private var state: UInt64

    init(seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    /// SplitMix64.
    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }

    mutating func one<Element>(of list: [Element]) -> Element { list[below(list.count)] }

    mutating func units() -> [UInt16] {
        let pieces = [
            "a", "claude", "\"", "\\", "\n", "\t", "é", "😀", "\u{1}", "\u{1F}", "\u{7F}", "/", " ", "{", "}",
            "[",
            "]", ":", ",", "\",\"", "v", "\u{2028}", "\u{FFFF}", "0123456789abcdef", "\\u0041", "null",
        ]
        var units = (0..<below(5)).flatMap { _ in Array(one(of: pieces).utf16) }
        if below(12) == 0 { units.append(one(of: [0xD800, 0xDBFF, 0xDC00, 0xDFFF])) }
        return units
    }

    mutating func name() -> [UInt16] {
        let names = [
            "type", "text", "content", "cache_control", "metadata", "role", "a", "ab", "abcdefgh",
            "abcdefghi",
            "abcdefghj", "stream", "model", "",
        ]
        return below(3) == 0 ? units() : Array(one(of: names).utf16)
    }

    mutating func tree(_ depth: Int) -> KeyTree {
        switch below(depth > 0 ? 8 : 5) {
        case 0: return one(of: [.null, .bool(true), .bool(false)])
        case 1: return .number(of: below(2000) - 1000, below(13) - 6)
        case 2: return .number(of: below(1_000_000_000), one(of: [0, 1, -9, 300, -300]))
        case 3, 4: return .string(units())
        case 5: return .array((0..<below(5)).map { _ in tree(depth - 1) })
        default:
            let members = (0..<below(7)).map { _ in (name(), tree(depth - 1)) }
            return .object(Dictionary(members) { $1 })
        }
    }

    // MARK: - Spelling

    mutating func spell(_ tree: KeyTree) -> [UInt8] {
        switch tree {
        case .null: return Array("null".utf8)
        case .bool(let value): return Array(String(value).utf8)
        case .number(let mantissa, let exponent): return Array(spell(mantissa, exponent).utf8)
        case .string(let units): return spell(units)
        case .array(let elements): return list(elements.map { spell($0) }, "[", "]")
        case .object(let members):
            let order = members.keys.sorted { $0.lexicographicallyPrecedes($1) }
            var spelled: [[UInt8]] = []
            for name in order {
                let member = spell(name) + space() + [0x3A] + space() + spell(members[name] ?? .null)
                spelled.insert(member, at: below(spelled.count + 1))
            }
            return list(spelled, "{", "}")
        }
    }

    private mutating func list(_ items: [[UInt8]], _ open: String, _ close: String) -> [UInt8] {
        var out = Array(open.utf8) + space()
        for (index, item) in items.enumerated() {
            if index > 0 { out += space() + [0x2C] + space() }
            out += item
        }
        return out + space() + Array(close.utf8)
    }

    mutating func space() -> [UInt8] {
        Array(one(of: ["", "", "", "", " ", "\n  ", "\t\r\n", "          "]).utf8)
    }

    private mutating func spell(_ mantissa: Int, _ exponent: Int) -> String {
        let sign = mantissa < 0 ? "-" : ""
        if mantissa == 0 {
            return one(of: ["0", "0.0", "0e7", "0.000E-3", "0E+0", "0e999999999999999999999"])
        }
        let digits = String(mantissa.magnitude)
        if exponent == 0, below(3) == 0 { return sign + digits }
        if exponent > 0, exponent < 40, below(3) == 0 {
            return sign + digits + String(repeating: "0", count: exponent)
        }
        let point = below(digits.count + 1)
        var whole = String(digits.prefix(point))
        let zeros = String(repeating: "0", count: below(3))
        var fraction = String(digits.dropFirst(point)) + zeros
        if whole.isEmpty { whole = "0" }
        if fraction.isEmpty, below(2) == 0 { fraction = "0" }
        let power = exponent + digits.count - point
        let e = power == 0 && below(2) == 0 ? "" : one(of: ["e", "E"]) + spelledPower(power)
        return sign + whole + (fraction.isEmpty ? "" : "." + fraction) + e
    }

    private mutating func spelledPower(_ power: Int) -> String {
        let zeros = one(of: ["", "", "0", "000000000000000000000000"])
        return (power < 0 ? "-" : one(of: ["", "+"])) + zeros + String(power.magnitude)
    }

    private mutating func spell(_ units: [UInt16]) -> [UInt8] {
        var out: [UInt8] = [0x22]
        var i = 0
        while i < units.count {
            let unit = units[i]
            i += 1
            if unit & 0xFC00 == 0xD800, i < units.count, units[i] & 0xFC00 == 0xDC00 {
                let pair = [unit, units[i]]
                i += 1
                out +=
                    below(2) == 0
                    ? Array(String(decoding: pair, as: UTF16.self).utf8) : pair.flatMap { escape($0) }
            } else if unit & 0xF800 == 0xD800 || below(6) == 0 {
                out += escape(unit)
            } else {
                out += spell(unit)
            }
        }
        return out + [0x22]
    }

    private mutating func spell(_ unit: UInt16) -> [UInt8] {
        switch unit {
        case 0x08: return Array(#"\b"#.utf8)
        case 0x09: return Array(#"\t"#.utf8)
        case 0x0A: return Array(#"\n"#.utf8)
        case 0x0C: return Array(#"\f"#.utf8)
        case 0x0D: return Array(#"\r"#.utf8)
        case 0..<0x20: return escape(unit)
        case 0x22, 0x5C: return [0x5C, UInt8(unit)]
        case 0x2F: return below(2) == 0 ? [0x2F] : [0x5C, 0x2F]
        default: return Array(String(decoding: [unit], as: UTF16.self).utf8)
        }
    }

    private mutating func escape(_ unit: UInt16) -> [UInt8] {
        let hex = String(unit, radix: 16, uppercase: below(2) == 0)
        return Array((#"\u"# + String(repeating: "0", count: 4 - hex.count) + hex).utf8)
    }
}
