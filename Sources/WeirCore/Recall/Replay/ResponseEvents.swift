/// The events of an OpenAI response, numbered from 0.
struct ResponseEvents {
    private var events: [[UInt8]] = []

    /// - Throws: where an item's events are not known.
    static func of(_ reply: ReplyMembers) throws(ReplyObstacle) -> [[UInt8]] {
        var stream = ResponseEvents()
        let begun = reply.bytes(replacing: [
            "status": ReplyJSON.string("in_progress"), "output": ReplyJSON.emptyArray,
            "usage": ReplyJSON.null,
            "completed_at": ReplyJSON.null,
        ])
        stream.emit("response.created") { $0.add(",\"response\":", begun) }
        stream.emit("response.in_progress") { $0.add(",\"response\":", begun) }
        for (index, element) in try reply.elements("output").enumerated() {
            try stream.item(ReplyMembers(reply.text, element.lowerBound), element, index)
        }
        let whole = reply.bytes(replacing: [:])
        stream.emit("response.completed") { $0.add(",\"response\":", whole) }
        return stream.events
    }

    private mutating func item(
        _ item: ReplyMembers, _ range: Range<Int>, _ index: Int
    ) throws(ReplyObstacle) {
        guard let id = item["id"], item.text.isString(id) else { throw .unknownPart("item without id") }
        let place = Place(id: item.text.bytes(id), output: index)
        var emptied: [String: [UInt8]?] = ["status": ReplyJSON.string("in_progress")]
        let type = item.string("type") ?? "none"
        switch type {
        case "message": emptied["content"] = ReplyJSON.emptyArray
        case "reasoning":
            emptied["summary"] = ReplyJSON.emptyArray
            if item.has("content") { emptied["content"] = ReplyJSON.emptyArray }
        case "function_call": emptied["arguments"] = ReplyJSON.emptyString
        case "custom_tool_call": emptied["input"] = ReplyJSON.emptyString
        default: throw .unknownPart(type)
        }
        let added = item.bytes(replacing: emptied)
        emit("response.output_item.added") {
            $0.add(",\"output_index\":", index)
            $0.add(",\"item\":", added)
        }
        switch type {
        case "message": try content(item, place)
        case "reasoning":
            try summary(item, place)
            if item.has("content") { try content(item, place) }
        case "function_call":
            try whole(
                item, place, "arguments", ",\"arguments\":", "response.function_call_arguments.delta",
                "response.function_call_arguments.done")
        default:
            try whole(
                item, place, "input", ",\"input\":", "response.custom_tool_call_input.delta",
                "response.custom_tool_call_input.done")
        }
        emit("response.output_item.done") {
            $0.add(",\"output_index\":", index)
            $0.add(",\"item\":", item.text.bytes(range))
        }
    }

    /// Where an event's text belongs.
    private struct Place {
        /// A JSON string.
        let id: [UInt8]
        let output: Int

        func write(to event: inout EventBytes) {
            event.add(",\"item_id\":", id)
            event.add(",\"output_index\":", output)
        }
    }

    /// Writes one event; `body` adds the members behind its type.
    private mutating func emit(_ name: StaticString, _ body: (inout EventBytes) -> Void) {
        var event = EventBytes(named: name)
        event.add(",\"sequence_number\":", events.count)
        body(&event)
        event.end()
        events.append(event.bytes)
    }

    /// A call's arguments or input, in pieces and once more as a whole.
    private mutating func whole(
        _ item: ReplyMembers, _ place: Place, _ member: String, _ label: StaticString, _ delta: StaticString,
        _ done: StaticString
    ) throws(ReplyObstacle) {
        guard let value = item[member], item.text.isString(value) else { throw .unknownPart(member) }
        for piece in TextPieces.cut(item.text, value) {
            emit(delta) {
                place.write(to: &$0)
                $0.add(",\"delta\":", Array(item.text.slice(piece)).quoted)
            }
        }
        emit(done) {
            place.write(to: &$0)
            $0.add(label, item.text.bytes(value))
        }
    }

    private mutating func summary(_ item: ReplyMembers, _ place: Place) throws(ReplyObstacle) {
        guard item.has("summary") else { return }
        for (number, element) in try item.elements("summary").enumerated() {
            let part = try ReplyMembers(item.text, element.lowerBound)
            guard part.string("type") == "summary_text", let text = part["text"], item.text.isString(text)
            else { throw .unknownPart("summary") }
            let start: (inout EventBytes) -> Void = {
                place.write(to: &$0)
                $0.add(",\"summary_index\":", number)
            }
            let empty = part.bytes(replacing: ["text": ReplyJSON.emptyString])
            emit("response.reasoning_summary_part.added") {
                start(&$0)
                $0.add(",\"part\":", empty)
            }
            for piece in TextPieces.cut(item.text, text) {
                emit("response.reasoning_summary_text.delta") {
                    start(&$0)
                    $0.add(",\"delta\":", Array(item.text.slice(piece)).quoted)
                }
            }
            emit("response.reasoning_summary_text.done") {
                start(&$0)
                $0.add(",\"text\":", item.text.bytes(text))
            }
            emit("response.reasoning_summary_part.done") {
                start(&$0)
                $0.add(",\"part\":", item.text.bytes(element))
            }
        }
    }

    private mutating func content(_ item: ReplyMembers, _ place: Place) throws(ReplyObstacle) {
        for (number, element) in try item.elements("content").enumerated() {
            let part = try ReplyMembers(item.text, element.lowerBound)
            guard let text = part["text"], item.text.isString(text) else { throw .unknownPart("content") }
            let start: (inout EventBytes) -> Void = {
                place.write(to: &$0)
                $0.add(",\"content_index\":", number)
            }
            var emptied: [String: [UInt8]?] = ["text": ReplyJSON.emptyString]
            for name in ["annotations", "logprobs"] where part.has(name) {
                emptied[name] = ReplyJSON.emptyArray
            }
            let empty = part.bytes(replacing: emptied)
            emit("response.content_part.added") {
                start(&$0)
                $0.add(",\"part\":", empty)
            }
            switch part.string("type") ?? "none" {
            case "output_text": try outputText(part, text, start)
            case "reasoning_text": reasoningText(part, text, start)
            case let type: throw .unknownPart(type)
            }
            emit("response.content_part.done") {
                start(&$0)
                $0.add(",\"part\":", item.text.bytes(element))
            }
        }
    }

    private mutating func outputText(
        _ part: ReplyMembers, _ text: Range<Int>, _ start: (inout EventBytes) -> Void
    ) throws(ReplyObstacle) {
        for (delta, logprobs) in try deltas(part, text) {
            emit("response.output_text.delta") {
                start(&$0)
                $0.add(",\"delta\":", delta)
                $0.add(",\"logprobs\":", logprobs)
            }
        }
        if part.has("annotations") {
            for (number, element) in try part.elements("annotations").enumerated() {
                emit("response.output_text.annotation.added") {
                    start(&$0)
                    $0.add(",\"annotation_index\":", number)
                    $0.add(",\"annotation\":", part.text.bytes(element))
                }
            }
        }
        let logprobs = part.has("logprobs") ? part["logprobs"].map { part.text.bytes($0) } : nil
        emit("response.output_text.done") {
            start(&$0)
            $0.add(",\"text\":", part.text.bytes(text))
            $0.add(",\"logprobs\":", logprobs ?? ReplyJSON.emptyArray)
        }
    }

    /// The pieces of a text as JSON strings, each with its `logprobs`: token by token where they spell the
    /// text, else all with the first piece.
    private func deltas(
        _ part: ReplyMembers, _ text: Range<Int>
    ) throws(ReplyObstacle) -> [(delta: [UInt8], logprobs: [UInt8])] {
        let entries = part.has("logprobs") ? try part.elements("logprobs") : []
        if !entries.isEmpty, let tokens = TextPieces.tokens(part.text, text, entries) {
            return zip(tokens, entries).map { token, entry in
                (part.text.bytes(token), ReplyJSON.array([part.text.bytes(entry)]))
            }
        }
        let all = ReplyJSON.array(entries.map { part.text.bytes($0) })
        return TextPieces.cut(part.text, text).enumerated().map { number, piece in
            (Array(part.text.slice(piece)).quoted, number == 0 ? all : ReplyJSON.emptyArray)
        }
    }

    private mutating func reasoningText(
        _ part: ReplyMembers, _ text: Range<Int>, _ start: (inout EventBytes) -> Void
    ) {
        for piece in TextPieces.cut(part.text, text) {
            emit("response.reasoning_text.delta") {
                start(&$0)
                $0.add(",\"delta\":", Array(part.text.slice(piece)).quoted)
            }
        }
        emit("response.reasoning_text.done") {
            start(&$0)
            $0.add(",\"text\":", part.text.bytes(text))
        }
    }
}
