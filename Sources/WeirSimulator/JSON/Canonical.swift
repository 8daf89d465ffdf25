/// Writes values in one spelling, so that equal content compares equal byte by byte.
///
/// Insignificant white space goes and strings are unescaped and escaped again in one way; numbers keep their
/// spelling and members keep their order, because both reach the model.
enum Canonical {
    /// A member that was left out because it speaks to the cache, not to the model.
    struct Marker: Sendable {
        let value: JSON
        /// Where the object that had it ends in the output.
        let end: Int
    }

    /// Members whose lists hold blocks that may carry markers of their own.
    private static let lists: Set<String> = ["content", "output"]

    /// Appends `value` as it is.
    static func append(_ value: JSON, to out: inout [UInt8]) {
        var none: [Marker] = []
        append(value.node, of: value.source, leavingOut: nil, to: &out, &none)
    }

    /// Appends `value` without its members named `name`, and without those of the blocks in its `content` and
    /// `output` lists, and tells which they were.
    ///
    /// A member of that name anywhere else (in the input of a tool call, in a schema) is content and stays.
    static func append(_ value: JSON, leavingOut name: String, to out: inout [UInt8]) -> [Marker] {
        var found: [Marker] = []
        append(value.node, of: value.source, leavingOut: name, to: &out, &found)
        return found
    }

    private static func append(
        _ node: JSON.Node, of source: [UInt8], leavingOut name: String?, to out: inout [UInt8],
        _ found: inout [Marker]
    ) {
        switch node.shape {
        case .object(let members):
            appendObject(members, of: source, leavingOut: name, to: &out, &found)
        case .array(let items):
            out.append(UInt8(ascii: "["))
            for item in items {
                append(item, of: source, leavingOut: name, to: &out, &found)
                out.append(UInt8(ascii: ","))
            }
            out.append(UInt8(ascii: "]"))
        case .string(escaped: true):
            let text = JSONText.unescaped(source[(node.start + 1)..<(node.end - 1)])
            out.append(UInt8(ascii: "\""))
            JSONText.appendEscaped(text.utf8, to: &out)
            out.append(UInt8(ascii: "\""))
        case .string, .number, .bool, .null:
            out.append(contentsOf: source[node.start..<node.end])
        }
    }

    private static func appendObject(
        _ members: [JSON.Member], of source: [UInt8], leavingOut name: String?, to out: inout [UInt8],
        _ found: inout [Marker]
    ) {
        var own: [JSON] = []
        out.append(UInt8(ascii: "{"))
        for member in members {
            if let name, member.key == name {
                own.append(JSON(source: source, node: member.value))
                continue
            }
            out.append(UInt8(ascii: "\""))
            JSONText.appendEscaped(member.key.utf8, to: &out)
            out.append(contentsOf: [UInt8(ascii: "\""), UInt8(ascii: ":")])
            var inner: String?
            if case .array = member.value.shape, lists.contains(member.key) { inner = name }
            append(member.value, of: source, leavingOut: inner, to: &out, &found)
            out.append(UInt8(ascii: ","))
        }
        out.append(UInt8(ascii: "}"))
        found += own.map { Marker(value: $0, end: out.count) }
    }
}
