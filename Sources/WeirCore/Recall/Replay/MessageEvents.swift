/// The events of an Anthropic message.
struct MessageEvents {
    private var events: [[UInt8]] = []

    /// - Throws: where a block's events are not known.
    static func of(_ reply: ReplyMembers) throws(ReplyObstacle) -> [[UInt8]] {
        var stream = MessageEvents()
        let usage = try reply.object("usage")
        stream.start(reply, usage)
        for (index, element) in try reply.elements("content").enumerated() {
            try stream.block(ReplyMembers(reply.text, element.lowerBound), index)
        }
        stream.stop(reply, usage)
        return stream.events
    }

    /// Of the usage, what is known when a message begins; one token of output, as the provider has it.
    private mutating func start(_ reply: ReplyMembers, _ usage: ReplyMembers) {
        let output = min(1, usage.count("output_tokens") ?? 1)
        let usage = usage.bytes(replacing: [
            "output_tokens": ReplyJSON.number(Int64(output)), "output_tokens_details": nil,
            "server_tool_use": nil,
        ])
        let message = reply.bytes(replacing: [
            "content": ReplyJSON.emptyArray, "stop_reason": ReplyJSON.null, "stop_sequence": ReplyJSON.null,
            "stop_details": ReplyJSON.null, "usage": usage,
        ])
        var event = EventBytes(named: "message_start")
        event.add(",\"message\":")
        event.add(message)
        end(event)
    }

    /// Usage as totals; what only the beginning tells is left out.
    private mutating func stop(_ reply: ReplyMembers, _ usage: ReplyMembers) {
        var event = EventBytes(named: "message_delta")
        event.add(",\"delta\":{\"stop_reason\":")
        event.add(reply.text, reply["stop_reason"])
        event.add(",\"stop_sequence\":")
        event.add(reply.text, reply["stop_sequence"])
        if let details = reply["stop_details"] {
            event.add(",\"stop_details\":")
            event.add(reply.text, details)
        }
        event.add("}")
        if let edits = reply["context_management"] {
            event.add(",\"context_management\":")
            event.add(reply.text, edits)
        }
        event.add(",\"usage\":")
        event.add(
            usage.bytes(replacing: [
                "cache_creation": nil, "service_tier": nil, "speed": nil, "inference_geo": nil,
            ]))
        end(event)
        end(EventBytes(named: "message_stop"))
    }

    private mutating func block(_ block: ReplyMembers, _ index: Int) throws(ReplyObstacle) {
        switch block.string("type") ?? "none" {
        case "text":
            let hasCitations = block.has("citations")
            try begin(
                index,
                block.bytes(replacing: emptied(block, hasCitations ? ["text", "citations"] : ["text"])))
            deltas(index, "text_delta", "text", block.text, try block.value("text"))
            if hasCitations {
                for citation in try block.elements("citations") {
                    delta(index, "citations_delta", "citation", block.text.bytes(citation))
                }
            }
        case "thinking":
            try begin(index, block.bytes(replacing: emptied(block, ["thinking", "signature"])))
            deltas(index, "thinking_delta", "thinking", block.text, try block.value("thinking"))
            if block.has("signature") {
                delta(index, "signature_delta", "signature", block.text.bytes(try block.value("signature")))
            }
        case "redacted_thinking": try begin(index, block.bytes(replacing: [:]))
        case "tool_use":
            try begin(index, block.bytes(replacing: ["input": ReplyJSON.emptyObject]))
            delta(index, "input_json_delta", "partial_json", ReplyJSON.emptyString)
            let input = ReplyJSON.string(block.text.slice(try block.value("input")))
            input.withUnsafeBytes { bytes in
                guard let text = JSONBytes(bytes) else { return }
                deltas(index, "input_json_delta", "partial_json", text, 0..<bytes.count)
            }
        case let type: throw .unknownPart(type)
        }
        var event = EventBytes(named: "content_block_stop")
        event.add(",\"index\":")
        event.add(index)
        end(event)
    }

    /// Those members that are there, empty: lists as lists, strings as strings.
    private func emptied(_ block: ReplyMembers, _ names: [String]) -> [String: [UInt8]?] {
        var values: [String: [UInt8]?] = [:]
        for name in names {
            guard let value = block[name] else { continue }
            if block.text.isArray(value) { values[name] = ReplyJSON.emptyArray }
            if block.text.isString(value) { values[name] = ReplyJSON.emptyString }
        }
        return values
    }

    /// The provider's first ping comes behind the first block's start.
    private mutating func begin(_ index: Int, _ block: [UInt8]) throws(ReplyObstacle) {
        var event = EventBytes(named: "content_block_start")
        event.add(",\"index\":")
        event.add(index)
        event.add(",\"content_block\":")
        event.add(block)
        end(event)
        if index == 0 { end(EventBytes(named: "ping")) }
    }

    private mutating func deltas(
        _ index: Int, _ type: StaticString, _ member: StaticString, _ text: JSONBytes, _ string: Range<Int>
    ) {
        for piece in TextPieces.cut(text, string) {
            delta(index, type, member, Array(text.slice(piece)).quoted)
        }
    }

    private mutating func delta(
        _ index: Int, _ type: StaticString, _ member: StaticString, _ value: [UInt8]
    ) {
        var event = EventBytes(named: "content_block_delta")
        event.add(",\"index\":")
        event.add(index)
        event.add(",\"delta\":{\"type\":\"")
        event.add(type)
        event.add("\",\"")
        event.add(member)
        event.add("\":")
        event.add(value)
        event.add("}")
        end(event)
    }

    private mutating func end(_ event: EventBytes) {
        var event = event
        event.end()
        events.append(event.bytes)
    }
}
