/// A value of a parsed JSON document that keeps the bytes it was read from.
///
/// Duplicate keys are kept in `members`; lookups take the last one. Cost of a copy: two references.
struct JSON: Sendable {
    /// The whole document; `node` ranges point into it.
    let source: [UInt8]
    let node: Node

    /// One value and its byte range in the document.
    struct Node: Sendable {
        let shape: Shape
        let start: Int
        let end: Int
    }

    /// What kind of value it is; containers own their children.
    enum Shape: Sendable {
        case object([Member])
        case array([Node])
        /// `escaped` is true when the text between the quotes contains a backslash.
        case string(escaped: Bool)
        case number
        case bool(Bool)
        case null
    }

    /// A key, decoded, and its value.
    struct Member: Sendable {
        let key: String
        let value: Node
    }
}

extension JSON {
    /// The last member of that name; `nil` for other kinds of value and for missing keys.
    subscript(_ key: String) -> JSON? {
        guard case .object(let members) = node.shape else { return nil }
        guard let member = members.last(where: { $0.key == key }) else { return nil }
        return JSON(source: source, node: member.value)
    }

    /// Members in document order; empty for other kinds of value.
    var members: [(key: String, value: JSON)] {
        guard case .object(let members) = node.shape else { return [] }
        return members.map { ($0.key, JSON(source: source, node: $0.value)) }
    }

    /// Elements in order; `nil` when it is not an array.
    var items: [JSON]? {
        guard case .array(let nodes) = node.shape else { return nil }
        return nodes.map { JSON(source: source, node: $0) }
    }

    var isObject: Bool { if case .object = node.shape { true } else { false } }
    var isString: Bool { if case .string = node.shape { true } else { false } }
    var isNull: Bool { if case .null = node.shape { true } else { false } }

    /// The bytes of the value exactly as they arrived, quotes included.
    var raw: ArraySlice<UInt8> { source[node.start..<node.end] }

    /// The decoded text of a string; `nil` for other kinds of value.
    var string: String? {
        guard case .string(let escaped) = node.shape else { return nil }
        let inner = source[(node.start + 1)..<(node.end - 1)]
        return escaped ? JSONText.unescaped(inner) : String(decoding: inner, as: UTF8.self)
    }

    /// Bytes of the decoded text of a string, 0 for other kinds of value.
    var textBytes: Int {
        guard case .string(let escaped) = node.shape else { return 0 }
        guard escaped else { return node.end - node.start - 2 }
        return JSONText.unescaped(source[(node.start + 1)..<(node.end - 1)]).utf8.count
    }

    var bool: Bool? { if case .bool(let value) = node.shape { value } else { nil } }

    /// A whole number; `nil` for fractions, exponents and anything over 64 bits.
    var int: Int? {
        guard case .number = node.shape else { return nil }
        return Int(String(decoding: raw, as: UTF8.self))
    }
}
