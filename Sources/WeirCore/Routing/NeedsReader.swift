/// The pass that makes `RequestNeeds`.
struct NeedsReader {
    let text: JSONBytes
    var needs: RequestNeeds
    /// Bytes of images, documents and audio in the body, which are no prompt text.
    var mediaBytes = 0
    /// Role of the message that was read last: the first letter, 0 where it has none.
    private var lastRole: UInt8 = 0
    private var messageCount = 0
    /// Blocks lie in blocks (a tool's result, a document's content); deeper ones are not looked at.
    private static let maxDepth = 4

    init(text: JSONBytes, needs: RequestNeeds) {
        self.text = text
        self.needs = needs
    }

    mutating func readBody(_ start: Int) throws(JSONFault) {
        _ = try text.members(start) { (name, value) throws(JSONFault) in
            let end = try text.skipCheckedValue(value)
            try read(text.string(name), value..<end)
            return end
        }
        needs.hasPrefill = needs.dialect == .anthropic && lastRole == UInt8(ascii: "a")
    }

    private mutating func read(_ name: String, _ value: Range<Int>) throws(JSONFault) {
        guard !isNull(value) else { return }
        switch name {
        case "messages", "input": try readMessages(value)
        case "tools": try readTools(value)
        case "max_tokens", "max_completion_tokens":
            if needs.limitName != "max_completion_tokens" { needs.limitName = name }
        case "thinking": needs.thinking = word("type", in: value).flatMap(RequestNeeds.Thinking.init)
        case "output_config", "reasoning":
            needs.effort = word("effort", in: value) ?? needs.effort
            if isObject(value), text.objectOffset(of: "format", in: value.lowerBound) != nil {
                needs.isStructured = true
            }
        case "reasoning_effort": needs.effort = isString(value) ? text.string(value) : nil
        case "output_format": needs.isStructured = true
        case "response_format": needs.isStructured = word("type", in: value) != "text"
        case "text": readTextOptions(value)
        case "tool_choice": readToolChoice(value)
        case "temperature", "top_p", "top_k":
            if needs.dialect == .anthropic || !isOne(value) { needs.sampling = needs.sampling ?? name }
        case "stop": needs.hasStop = true
        case "background", "store" where needs.dialect == .responses:
            // Replies are stored unless the request says otherwise; only a task holds on to its provider.
            if name == "background", text.byte(at: value.lowerBound) == 0x74 { needs.isProviderHeld = true }
        case "container", "prompt":
            if needs.dialect != .chat { needs.isProviderHeld = true } else { note(name) }
        default:
            if !Self.shared(needs.dialect).contains(name) { note(name) }
        }
    }

    private mutating func note(_ name: String) {
        if needs.vendorMembers.count < 8 { needs.vendorMembers.append(String(name.prefix(64))) }
    }

    /// Members that every provider of a dialect takes, besides those read above.
    ///
    /// Chat has many makers, and some refuse what they do not know (Mistral with 422). The other dialects are
    /// each one maker's own, whose models differ in ways that are read above.
    private static func shared(_ dialect: Dialect) -> Set<String> {
        switch dialect {
        case .chat: chatMembers
        case .anthropic, .responses, .gemini: anthropicAndResponses
        }
    }

    private static let chatMembers: Set<String> = [
        "model", "stream", "stream_options", "parallel_tool_calls",
    ]

    private static let anthropicAndResponses: Set<String> = [
        "model", "stream", "stream_options", "system", "instructions", "metadata", "stop_sequences",
        "max_output_tokens", "parallel_tool_calls", "previous_response_id", "conversation", "thread", "include",
        "store", "user", "truncation",
    ]

    // MARK: - Messages and their blocks

    /// A list of messages, or of a Responses request's items; text alone is one message.
    private mutating func readMessages(_ value: Range<Int>) throws(JSONFault) {
        guard text.byte(at: value.lowerBound) == 0x5B else { return }
        _ = try text.elements(value.lowerBound) { (element) throws(JSONFault) in
            let end = try text.skipCheckedValue(element)
            if isObject(element..<end) { try readMessage(element..<end) }
            return end
        }
    }

    private mutating func readMessage(_ message: Range<Int>) throws(JSONFault) {
        let role = word("role", in: message)
        if needs.dialect == .anthropic, role == "system", messageCount > 0 { needs.hasSystemInside = true }
        lastRole = role?.utf8.first ?? 0
        messageCount += 1
        try readBlock(message, depth: 0)
    }

    /// One block, or a message as a block of blocks.
    private mutating func readBlock(_ block: Range<Int>, depth: Int) throws(JSONFault) {
        guard depth <= Self.maxDepth else { return }
        let type = word("type", in: block) ?? ""
        let media = Media(type)
        if let media { count(media, block) }
        _ = try text.members(block.lowerBound) { (name, value) throws(JSONFault) in
            let end = try text.skipCheckedValue(value)
            try readMember(text.string(name), value..<end, of: type, media, depth: depth)
            return end
        }
    }

    private mutating func readMember(
        _ name: String, _ value: Range<Int>, of type: String, _ media: Media?, depth: Int
    ) throws(JSONFault) {
        switch name {
        case "content", "output":
            guard text.byte(at: value.lowerBound) == 0x5B else { return }
            _ = try text.elements(value.lowerBound) { (element) throws(JSONFault) in
                let end = try text.skipCheckedValue(element)
                if isObject(element..<end) { try readBlock(element..<end, depth: depth + 1) }
                return end
            }
        case "source", "image_url", "file", "input_audio":
            guard media != nil else { return }
            if isObject(value) {
                try readBlock(value, depth: depth + 1)
            } else if isString(value), value.count > 1024 {
                mediaBytes += value.count
            }
        case "data", "url", "file_data":
            // Of a source: base64, or a data URL. Text as a document stays text.
            if depth > 0, type != "text", value.count > 1024 { mediaBytes += value.count }
        case "file_id":
            if isString(value), media != nil || type.isEmpty || type == "file" || type == "container_upload" {
                needs.hasProviderFile = true
            }
        case "signature" where type == "thinking", "data" where type == "redacted_thinking",
            "encrypted_content":
            if isString(value), value.count > 2 { needs.hasSignedBlocks = true }
        default: return
        }
    }

    private enum Media {
        case image, document, audio

        init?(_ type: String) {
            switch type {
            case "image", "image_url", "input_image": self = .image
            case "document", "file", "input_file": self = .document
            case "input_audio": self = .audio
            default: return nil
            }
        }
    }

    private mutating func count(_ media: Media, _ block: Range<Int>) {
        switch media {
        case .image: needs.images += 1
        case .audio: needs.hasAudio = true
        case .document:
            guard let source = text.objectOffset(of: "source", in: block.lowerBound),
                let kind = word("type", at: source)
            else {
                // The source of a document has the type "file" itself, and is no second one.
                if needs.dialect != .anthropic { needs.documents += 1 }
                return
            }
            if kind != "text", kind != "content" { needs.documents += 1 }
        }
    }
}
