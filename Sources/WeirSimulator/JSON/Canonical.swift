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

    /// Types of parts that are nothing but text: a list of one such part is the same prompt as its text alone.
    private static let texts = ["text", "input_text", "output_text"].map { Array("\"\($0)\"".utf8) }

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
            if case .array(let items) = member.value.shape, lists.contains(member.key) {
                inner = name
                if let lone = loneText(items, of: source, leavingOut: name) {
                    append(lone.text, of: source, leavingOut: nil, to: &out, &found)
                    found += lone.markers.map { Marker(value: $0, end: out.count) }
                    out.append(UInt8(ascii: ","))
                    continue
                }
            }
            append(member.value, of: source, leavingOut: inner, to: &out, &found)
            out.append(UInt8(ascii: ","))
        }
        out.append(UInt8(ascii: "}"))
        found += own.map { Marker(value: $0, end: out.count) }
    }

    /// The text of a list of one part, in OpenAI's dialects, with the part's markers; `nil` for other lists.
    private static func loneText(
        _ items: [JSON.Node], of source: [UInt8], leavingOut name: String?
    ) -> (text: JSON.Node, markers: [JSON])? {
        guard name == "prompt_cache_breakpoint", items.count == 1, case .object(let members) = items[0].shape
        else { return nil }
        let content = members.filter { $0.key != name }
        guard content.count == 2, let type = content.first(where: { $0.key == "type" })?.value,
            let text = content.first(where: { $0.key == "text" })?.value, case .string = text.shape,
            texts.contains(Array(source[type.start..<type.end]))
        else { return nil }
        let markers = members.filter { $0.key == name }.map { JSON(source: source, node: $0.value) }
        return (text, markers)
    }
}
