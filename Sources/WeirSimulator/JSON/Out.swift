/// A JSON value to be written; members keep the order they are given in.
enum Out: Sendable {
    case object([(String, Out)])
    case array([Out])
    case string(String)
    /// Text whose UTF-8 bytes are at hand.
    case text([UInt8])
    case int(Int)
    case double(Double)
    case bool(Bool)
    case null
    /// Bytes that are JSON already.
    case raw([UInt8])

    /// A string, or null.
    static func optional(_ value: String?) -> Out { value.map(Out.string) ?? .null }

    /// The value a request member has, byte for byte, or null.
    static func echo(_ value: JSON?) -> Out { value.map { Out.raw(Array($0.raw)) } ?? .null }

    /// Compact JSON.
    var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(512)
        write(to: &out)
        return out
    }

    func write(to out: inout [UInt8]) {
        switch self {
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                Out.quote(member.0.utf8, to: &out)
                out.append(UInt8(ascii: ":"))
                member.1.write(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        case .array(let items):
            out.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                item.write(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .string(let value): Out.quote(value.utf8, to: &out)
        case .text(let value): Out.quote(value, to: &out)
        case .int(let value): out.append(contentsOf: String(value).utf8)
        case .double(let value): out.append(contentsOf: String(value).utf8)
        case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .null: out.append(contentsOf: "null".utf8)
        case .raw(let value): out.append(contentsOf: value)
        }
    }

    private static func quote(_ text: some Sequence<UInt8>, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        JSONText.appendEscaped(text, to: &out)
        out.append(UInt8(ascii: "\""))
    }
}

extension Out: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int) { self = .int(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(nilLiteral: ()) { self = .null }
    init(arrayLiteral elements: Out...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, Out)...) { self = .object(elements) }
}
