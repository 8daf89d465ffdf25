/// The prompt of an Anthropic request as the sequence its cache works on: tools, then system, then messages.
struct PromptBlock: Sendable {
    enum Level: Int, Sendable { case tools, system, messages }
    /// How long a breakpoint asks its prefix to be kept.
    enum TTL: Int, Sendable {
        case fiveMinutes = 300
        case oneHour = 3_600
    }

    let level: Level
    /// `text`, `tool_use`, `tool_result`, `thinking`, `image`, …; `tool` for tool definitions.
    let type: String
    /// Where it stands, as error messages name it: `messages.0.content.1`.
    let path: String
    /// One spelling per content, without `cache_control`.
    let canonical: [UInt8]
    let tokens: Int
    /// The breakpoint on it; `nil` when it has none.
    var ttl: TTL?

    /// True for blocks that a breakpoint may sit on.
    var isCacheable: Bool {
        type != "thinking" && type != "redacted_thinking" && !(type == "text" && tokens == 0)
    }
}

/// Splits a request body into prompt blocks.
///
/// What the model does not see is no block: deferred tools, and the attribution line that a coding agent puts
/// first in `system`.
struct PromptReader {
    private(set) var blocks: [PromptBlock] = []
    /// `cache_control` members, those inside of tool results and the top-level one included.
    private(set) var markers = 0
    private(set) var hasImages = false

    static func read(_ body: JSON) throws(AnthropicRefusal) -> PromptReader {
        var reader = PromptReader()
        try reader.readTools(body["tools"])
        try reader.readContent(body["system"], level: .system, role: "system", path: "system")
        for (index, message) in (body["messages"]?.items ?? []).enumerated() {
            let role = message["role"]?.string ?? ""
            let path = "messages.\(index).content"
            try reader.readContent(
                message["content"], level: .messages, role: role, path: path, overhead: true)
        }
        return reader
    }

    /// Top-level `cache_control`: the last block that can carry a breakpoint gets one, unless it has its own.
    mutating func addAutomaticBreakpoint(_ ttl: PromptBlock.TTL) {
        markers += 1
        guard let last = blocks.lastIndex(where: \.isCacheable), blocks[last].ttl == nil else { return }
        blocks[last].ttl = ttl
    }

    private mutating func readTools(_ tools: JSON?) throws(AnthropicRefusal) {
        for (index, tool) in (tools?.items ?? []).enumerated() {
            let ttl = try Self.ttl(of: tool, path: "tools.\(index)")
            if ttl != nil, tool["defer_loading"]?.bool == true {
                let name = tool["name"]?.string ?? ""
                throw AnthropicRefusal(
                    "tools.\(index): Tool '\(name)' cannot have both defer_loading=true and "
                        + "cache_control set."
                )
            }
            guard tool["defer_loading"]?.bool != true else { continue }
            if ttl != nil { markers += 1 }
            var canonical: [UInt8] = []
            _ = Canonical.append(tool, leavingOut: "cache_control", to: &canonical)
            blocks.append(
                PromptBlock(
                    level: .tools, type: "tool", path: "tools.\(index)", canonical: canonical,
                    tokens: Tokens.of(bytes: canonical.count), ttl: ttl))
        }
    }

    private mutating func readContent(
        _ content: JSON?, level: PromptBlock.Level, role: String, path: String, overhead: Bool = false
    ) throws(AnthropicRefusal) {
        guard let content, !content.isNull else { return }
        let extra = overhead ? Tokens.perMessage : 0
        if content.isString {
            // A bare string is the same prompt as one text block.
            var canonical = Array("\(role){\"type\":\"text\",\"text\":".utf8)
            Canonical.append(content, to: &canonical)
            canonical.append(contentsOf: Array(",}".utf8))
            blocks.append(
                PromptBlock(
                    level: level, type: "text", path: path, canonical: canonical,
                    tokens: Tokens.of(bytes: content.textBytes) + extra, ttl: nil))
            return
        }
        for (index, block) in (content.items ?? []).enumerated() {
            if level == .system, index == 0, Self.isAttribution(block) { continue }
            let read = try self.block(block, level: level, role: role, path: "\(path).\(index)")
            let tokens = read.tokens + (index == 0 ? extra : 0)
            blocks.append(
                PromptBlock(
                    level: level, type: read.type, path: read.path, canonical: read.canonical, tokens: tokens,
                    ttl: read.ttl))
        }
    }

    private mutating func block(
        _ block: JSON, level: PromptBlock.Level, role: String, path: String
    ) throws(AnthropicRefusal) -> PromptBlock {
        let type = block["type"]?.string ?? ""
        let ttl = try Self.ttl(of: block, path: path)
        if ttl != nil, type == "thinking" || type == "redacted_thinking" {
            throw AnthropicRefusal("\(path).\(type).cache_control: Extra inputs are not permitted")
        }
        if ttl != nil, type == "text", block["text"]?.textBytes == 0 {
            throw AnthropicRefusal("\(path): cache_control cannot be set for empty text blocks")
        }
        if ttl != nil { markers += 1 }
        var canonical = Array(role.utf8)
        var nested: [PromptBlock.TTL] = []
        if type == "text", let text = block["text"], block.members.count <= 3, block["citations"] == nil {
            canonical.append(contentsOf: Array("{\"type\":\"text\",\"text\":".utf8))
            Canonical.append(text, to: &canonical)
            canonical.append(contentsOf: Array(",}".utf8))
        } else {
            _ = Canonical.append(block, leavingOut: "cache_control", to: &canonical)
            nested = try Self.nestedMarkers(block, path: path)
            markers += nested.count
        }
        // A marker inside of a tool result counts, and works like one on the whole result.
        return PromptBlock(
            level: level, type: type, path: path, canonical: canonical, tokens: tokens(of: block, type: type),
            ttl: ttl ?? nested.last)
    }

    private static func nestedMarkers(
        _ block: JSON, path: String
    ) throws(AnthropicRefusal) -> [PromptBlock.TTL] {
        var found: [PromptBlock.TTL] = []
        for (index, item) in (block["content"]?.items ?? []).enumerated() {
            if let ttl = try ttl(of: item, path: "\(path).content.\(index)") { found.append(ttl) }
        }
        return found
    }

    private static func isAttribution(_ block: JSON) -> Bool {
        guard block["cache_control"] == nil else { return false }
        let text = block["text"]?.string ?? ""
        return text.hasPrefix("x-anthropic-billing-header:") && !text.utf8.contains(0x0A)
    }

    private mutating func tokens(of block: JSON, type: String) -> Int {
        switch type {
        case "text": return Tokens.of(bytes: block["text"]?.textBytes ?? 0)
        case "thinking": return Tokens.of(bytes: block["thinking"]?.textBytes ?? 0)
        case "image", "document":
            hasImages = hasImages || type == "image"
            let text = block["source"]?["type"]?.string == "text"
            return text ? Tokens.of(bytes: block["source"]?["data"]?.textBytes ?? 0) : Tokens.perImage
        case "tool_use", "server_tool_use":
            return Tokens.of(bytes: (block["input"]?.raw.count ?? 0) + (block["name"]?.textBytes ?? 0))
        case "tool_result":
            guard let content = block["content"] else { return 0 }
            guard let items = content.items else { return Tokens.of(bytes: content.textBytes) }
            return items.reduce(0) { sum, item in sum + tokens(of: item, type: item["type"]?.string ?? "") }
        default: return Tokens.of(bytes: block.raw.count)
        }
    }

    /// The breakpoint of an object; `nil` when it has none or a null one.
    static func ttl(of object: JSON, path: String) throws(AnthropicRefusal) -> PromptBlock.TTL? {
        guard let control = object["cache_control"], !control.isNull else { return nil }
        guard control["type"]?.string == "ephemeral" else {
            throw AnthropicRefusal("\(path).cache_control.type: Input should be 'ephemeral'")
        }
        switch control["ttl"]?.string {
        case nil where control["ttl"] == nil || control["ttl"]?.isNull == true: return .fiveMinutes
        case "5m": return .fiveMinutes
        case "1h": return .oneHour
        default: throw AnthropicRefusal("\(path).cache_control.ttl: Input should be '5m' or '1h'")
        }
    }
}
