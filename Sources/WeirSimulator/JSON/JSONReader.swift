/// Reads one JSON document into a tree of byte ranges.
///
/// Strict RFC 8259 with two allowances: a leading UTF-8 byte order mark is skipped, and duplicate keys are
/// kept. Depth is bounded, so that hostile nesting cannot exhaust the stack.
struct JSONReader {
    /// Where and why reading stopped.
    struct Problem: Error, Equatable {
        /// Bytes from the start of the document.
        let offset: Int
        let expected: String
    }

    /// Containers inside containers that are still read.
    static let maxDepth = 200

    private let bytes: [UInt8]
    private var at = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func read(_ bytes: [UInt8]) throws(Problem) -> JSON {
        var reader = JSONReader(bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.at = 3 }
        let node = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.at == bytes.count else { throw Problem(offset: reader.at, expected: "end of document") }
        return JSON(source: bytes, node: node)
    }

    private mutating func skipSpace() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x0A, 0x0D, 0x09: at += 1
            default: return
            }
        }
    }

    private mutating func value(depth: Int) throws(Problem) -> JSON.Node {
        skipSpace()
        guard at < bytes.count else { throw Problem(offset: at, expected: "a value") }
        guard depth <= Self.maxDepth else { throw Problem(offset: at, expected: "less nesting") }
        let start = at
        let shape: JSON.Shape
        switch bytes[at] {
        case UInt8(ascii: "{"): shape = try object(depth: depth)
        case UInt8(ascii: "["): shape = try array(depth: depth)
        case UInt8(ascii: "\""): shape = .string(escaped: try string())
        case UInt8(ascii: "t"): shape = try word("true", .bool(true))
        case UInt8(ascii: "f"): shape = try word("false", .bool(false))
        case UInt8(ascii: "n"): shape = try word("null", .null)
        default: shape = try number()
        }
        return JSON.Node(shape: shape, start: start, end: at)
    }

    private mutating func object(depth: Int) throws(Problem) -> JSON.Shape {
        var members: [JSON.Member] = []
        at += 1
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipSpace()
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
                throw Problem(offset: at, expected: "a quoted key")
            }
            let start = at + 1
            let escaped = try string()
            let inner = bytes[start..<(at - 1)]
            let key = escaped ? JSONText.unescaped(inner) : String(decoding: inner, as: UTF8.self)
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw Problem(offset: at, expected: "':' after the key") }
            members.append(JSON.Member(key: key, value: try value(depth: depth + 1)))
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw Problem(offset: at, expected: "',' or '}'") }
            return .object(members)
        }
    }

    private mutating func array(depth: Int) throws(Problem) -> JSON.Shape {
        var items: [JSON.Node] = []
        at += 1
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(items) }
        while true {
            items.append(try value(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "]")) else { throw Problem(offset: at, expected: "',' or ']'") }
            return .array(items)
        }
    }

    /// Steps over a string; the answer says whether it holds a backslash.
    private mutating func string() throws(Problem) -> Bool {
        at += 1
        var escaped = false
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                at += 1
                return escaped
            case UInt8(ascii: "\\"):
                escaped = true
                try escape()
            case 0..<0x20:
                throw Problem(offset: at, expected: "an escaped control character")
            default:
                at += 1
            }
        }
        throw Problem(offset: at, expected: "a closing quote")
    }

    private mutating func escape() throws(Problem) {
        guard at + 1 < bytes.count else { throw Problem(offset: at, expected: "an escape sequence") }
        switch bytes[at + 1] {
        case UInt8(ascii: "u"):
            guard at + 5 < bytes.count, bytes[(at + 2)...(at + 5)].allSatisfy({ JSONText.hex($0) != nil })
            else {
                throw Problem(offset: at, expected: "four hexadecimal digits")
            }
            at += 6
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 2
        default:
            throw Problem(offset: at, expected: "a known escape sequence")
        }
    }

    private mutating func word(_ text: StaticString, _ shape: JSON.Shape) throws(Problem) -> JSON.Shape {
        let length = text.utf8CodeUnitCount
        let end = at + length
        let matches = text.withUTF8Buffer { end <= bytes.count && bytes[at..<end].elementsEqual($0) }
        guard matches else { throw Problem(offset: at, expected: "true, false or null") }
        at = end
        return shape
    }

    private mutating func number() throws(Problem) -> JSON.Shape {
        let start = at
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) {
            guard digits() else { throw Problem(offset: start, expected: "a value") }
        }
        if take(UInt8(ascii: ".")) {
            guard digits() else { throw Problem(offset: at, expected: "a digit") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() else { throw Problem(offset: at, expected: "a digit") }
        }
        return .number
    }

    private mutating func digits() -> Bool {
        let start = at
        while at < bytes.count, (0x30...0x39).contains(bytes[at]) { at += 1 }
        return at > start
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }
}
