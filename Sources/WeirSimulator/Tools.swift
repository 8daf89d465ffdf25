/// A tool the request offers, in whichever dialect.
struct ToolDefinition: Sendable {
    enum Kind: Sendable { case function, custom, webSearch, other }

    let name: String
    let kind: Kind
    /// The JSON schema of its arguments; `nil` when there is none.
    let schema: JSON?

    static func readAnthropic(_ tools: JSON?) throws(AnthropicRefusal) -> [ToolDefinition] {
        var read: [ToolDefinition] = []
        for (index, tool) in (tools?.items ?? []).enumerated() {
            let type = tool["type"]?.string ?? "custom"
            guard let name = tool["name"]?.string, !name.isEmpty else {
                // Toolsets (`mcp_toolset`, `computer_20260801`) need no name.
                guard type != "custom" else {
                    throw AnthropicRefusal("tools.\(index).custom.name: Field required")
                }
                read.append(ToolDefinition(name: type, kind: .other, schema: nil))
                continue
            }
            guard type != "custom" || tool["input_schema"]?.isObject == true else {
                throw AnthropicRefusal("tools.\(index).custom.input_schema: Field required")
            }
            if read.contains(where: { $0.name == name }) {
                throw AnthropicRefusal("tools: Tool names must be unique.")
            }
            let kind: Kind = type == "custom" ? .function : type.hasPrefix("web_search") ? .webSearch : .other
            read.append(ToolDefinition(name: name, kind: kind, schema: tool["input_schema"]))
        }
        return read
    }

    /// Chat nests the definition under `function` or `custom`; Responses does not.
    static func readOpenAI(_ tools: JSON?) -> [ToolDefinition] {
        (tools?.items ?? []).compactMap { tool in
            let type = tool["type"]?.string ?? "function"
            let inner = tool["function"] ?? tool["custom"] ?? tool
            let kind: Kind =
                type == "function"
                ? .function
                : type == "custom"
                    ? .custom
                    : type.hasPrefix("web_search") ? .webSearch : .other
            return (inner["name"]?.string ?? (kind == .webSearch ? "web_search" : nil)).map {
                ToolDefinition(name: $0, kind: kind, schema: inner["parameters"])
            }
        }
    }

    /// Which tools the answer calls.
    ///
    /// A forced choice calls that tool or, for "any", the first. Otherwise the last user text decides: a
    /// tool it names, the first one for "use the tool", up to eight for "all tools".
    static func called(_ tools: [ToolDefinition], forced: Forced, text: String) -> [ToolDefinition] {
        guard !tools.isEmpty else { return [] }
        let callable = tools.filter { $0.kind == .function || $0.kind == .custom }
        switch forced {
        case .none: return []
        case .any: return Array(callable.prefix(1))
        case .named(let name): return callable.filter { $0.name == name }
        case .auto:
            if Text.contains(text, "all tools") { return Array(callable.prefix(8)) }
            if let named = callable.first(where: { Text.contains(text, $0.name) }) { return [named] }
            return Text.contains(text, "use the tool") ? Array(callable.prefix(1)) : []
        }
    }

    /// What the request's tool choice says.
    enum Forced: Sendable {
        case none, auto, any
        case named(String)
    }

    /// Arguments that fit the schema: every property of an object, values drawn from the seed.
    func arguments(seed: UInt64) -> [UInt8] {
        var random = SplitMix(seed: seed ^ 0x7001)
        return Self.value(schema, &random, depth: 0).bytes
    }

    private static func value(_ schema: JSON?, _ random: inout SplitMix, depth: Int) -> Out {
        guard let schema, depth < 8 else {
            return ["query": .text(Text.answer(tokens: 4, seed: random.next()))]
        }
        if let first = schema["enum"]?.items?.first { return .echo(first) }
        if let constant = schema["const"] { return .echo(constant) }
        switch schema["type"]?.string ?? schema["type"]?.items?.first?.string {
        case "string": return .text(Text.answer(tokens: 3, seed: random.next()))
        case "integer": return .int(Int(random.next() % 100))
        case "number": return .double(Double(random.next() % 1_000) / 8)
        case "boolean": return .bool(random.next() & 1 == 0)
        case "null": return .null
        case "array": return [value(schema["items"], &random, depth: depth + 1)]
        default:
            var members: [(String, Out)] = []
            for (key, property) in (schema["properties"]?.members ?? []).prefix(64) {
                members.append((key, value(property, &random, depth: depth + 1)))
            }
            return .object(members)
        }
    }
}
