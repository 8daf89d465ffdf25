/// Writes values in one spelling, so that equal content compares equal byte by byte.
///
/// Insignificant white space goes and strings are unescaped and escaped again in one way; numbers keep their
/// spelling and members keep their order, because both reach the model.
enum Canonical {
    /// Appends `value`, leaving out the members of its top level that are named in `omitting`.
    static func append(_ value: JSON, omitting: Set<String> = [], to out: inout [UInt8]) {
        append(value.node, of: value.source, omitting: omitting, to: &out)
    }

    private static func append(
        _ node: JSON.Node, of source: [UInt8], omitting: Set<String>, to out: inout [UInt8]
    ) {
        switch node.shape {
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            for member in members where omitting.isEmpty || !omitting.contains(member.key) {
                out.append(UInt8(ascii: "\""))
                JSONText.appendEscaped(member.key.utf8, to: &out)
                out.append(contentsOf: [UInt8(ascii: "\""), UInt8(ascii: ":")])
                append(member.value, of: source, omitting: [], to: &out)
                out.append(UInt8(ascii: ","))
            }
            out.append(UInt8(ascii: "}"))
        case .array(let items):
            out.append(UInt8(ascii: "["))
            for item in items {
                append(item, of: source, omitting: [], to: &out)
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
}
