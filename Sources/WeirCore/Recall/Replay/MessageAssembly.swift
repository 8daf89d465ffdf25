/// An Anthropic message from its events.
struct MessageAssembly: Sendable {
    /// Blocks a message may have.
    private static let maxBlocks = 4096

    private var message: RawObject?
    private var usage = RawObject()
    /// Blocks that are done, as JSON.
    private var blocks: [[UInt8]] = []
    private var open: MessageBlock?
    private var hasDelta = false
    private var hasEnded = false

    mutating func read(_ event: SSEEvent) throws(ReplyObstacle) {
        // Some servers of this dialect close as OpenAI's do.
        if hasEnded, event.data.isExactly("[DONE]") { return }
        let data = try ReplyMembers(whole: event.data)
        guard let type = data.string("type") else { throw .notReply }
        guard event.name.isEmpty || event.name.elementsEqual(type.utf8) else { throw .contradiction("type") }
        if type == "ping" { return }
        if type == "error" { throw .errorReply }
        guard !hasEnded, (message == nil) == (type == "message_start") else { throw .contradiction(type) }
        switch type {
        case "message_start": try start(try data.object("message"))
        case "content_block_start":
            guard open == nil, !hasDelta, blocks.count < Self.maxBlocks else { throw .contradiction(type) }
            try checkIndex(data)
            open = try MessageBlock(try data.object("content_block"))
        case "content_block_delta":
            try checkIndex(data)
            guard open != nil else { throw .contradiction(type) }
            try open?.read(try data.object("delta"))
        case "content_block_stop":
            try checkIndex(data)
            guard let block = open else { throw .contradiction(type) }
            blocks.append(try block.bytes())
            open = nil
        case "message_delta":
            guard open == nil else { throw .contradiction(type) }
            hasDelta = true
            try readMessageDelta(data)
        case "message_stop":
            guard open == nil, hasDelta else { throw .contradiction(type) }
            hasEnded = true
        default: throw .unknownPart(type)
        }
    }

    /// The whole message; usage is the one of the start with the totals of the end in their places.
    func body() throws(ReplyObstacle) -> [UInt8] {
        guard hasEnded, var message else { throw .noEnd }
        message["content"] = ReplyJSON.array(blocks)
        message["usage"] = usage.bytes
        return message.bytes
    }

    private mutating func start(_ message: ReplyMembers) throws(ReplyObstacle) {
        guard try message.elements("content").isEmpty else { throw .unknownPart("message_start.content") }
        guard message["usage"] != nil else { throw .noUsage }
        usage = RawObject(try message.object("usage"))
        self.message = RawObject(message)
    }

    /// Blocks come one after the other, numbered from 0.
    private func checkIndex(_ data: ReplyMembers) throws(ReplyObstacle) {
        guard data.count("index") == blocks.count else { throw .contradiction("index") }
    }

    private mutating func readMessageDelta(_ data: ReplyMembers) throws(ReplyObstacle) {
        for entry in data.entries {
            switch entry.name {
            case "type": break
            case "delta":
                let delta = try ReplyMembers(data.text, entry.value.lowerBound)
                for entry in delta.entries {
                    guard Self.late.contains(entry.name) || delta.text.isBlank(entry.value) else {
                        throw .unknownPart("message_delta.delta." + entry.name)
                    }
                    message?.merge(entry.name, delta.text, entry.value)
                }
            case "usage":
                guard data.text.isObject(entry.value) else { continue }
                let totals = try ReplyMembers(data.text, entry.value.lowerBound)
                for entry in totals.entries { usage.merge(entry.name, totals.text, entry.value) }
            case "context_management", "input_transformations":
                message?.merge(entry.name, data.text, entry.value)
            default:
                if !data.text.isBlank(entry.value) { throw .unknownPart("message_delta." + entry.name) }
            }
        }
    }

    /// Members of the message that are known only when it ends.
    private static let late = ["stop_reason", "stop_sequence", "stop_details", "container"]
}
