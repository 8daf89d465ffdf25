/// The chunks of a Chat completion, choice after choice.
struct CompletionEvents {
    /// Everything up to the choices that every chunk has.
    private let opening: [UInt8]
    /// What only the first chunk has, each member with a comma in front.
    private var extras: [UInt8]
    /// How a chunk ends behind its choices.
    private let closing: [UInt8]
    private var events: [[UInt8]] = []

    /// - Throws: where a message has a part whose chunks are not known.
    static func of(_ reply: ReplyMembers, includeUsage: Bool) throws(ReplyObstacle) -> [[UInt8]] {
        var stream = CompletionEvents(reply, includeUsage: includeUsage)
        for (place, element) in try reply.elements("choices").enumerated() {
            try stream.choice(ReplyMembers(reply.text, element.lowerBound), place)
        }
        if includeUsage, reply["usage"] != nil {
            var event = EventBytes(stream.opening)
            event.add(",\"choices\":[],\"usage\":")
            event.add(reply.text, reply["usage"])
            event.end()
            stream.events.append(event.bytes)
        }
        stream.events.append(Array("data: [DONE]\n\n".utf8))
        return stream.events
    }

    private init(_ reply: ReplyMembers, includeUsage: Bool) {
        var opening = EventBytes(Array("data: {\"object\":\"chat.completion.chunk\"".utf8))
        var extras = EventBytes([])
        for entry in reply.entries {
            switch entry.name {
            case "object", "choices", "usage": break
            case "id", "created", "model", "service_tier", "system_fingerprint":
                opening.add(reply.text, member: entry)
            default: extras.add(reply.text, member: entry)
            }
        }
        self.opening = opening.bytes
        self.extras = extras.bytes
        closing = Array((includeUsage ? "],\"usage\":null}\n\n" : "]}\n\n").utf8)
    }

    private mutating func choice(_ choice: ReplyMembers, _ place: Int) throws(ReplyObstacle) {
        let message = try choice.object("message")
        let place = Place(index: choice.count("index") ?? place, hasLogprobs: choice["logprobs"] != nil)
        let tokens = try Token.all(of: message, choice)
        let role = try ChatDeltas.role(message)
        // Probabilities that cannot be told token by token come whole with the first chunk.
        emit(role, place, logprobs: tokens == nil ? choice["logprobs"].map { choice.text.bytes($0) } : nil)
        for name in ["reasoning_content", "reasoning"] { texts(message, name, place) }
        if let tokens {
            for token in tokens {
                emit(ChatDeltas.text("content", token.text), place, logprobs: token.logprobs)
            }
        } else {
            texts(message, "content", place)
        }
        if message.has("tool_calls") {
            for (number, element) in try message.elements("tool_calls").enumerated() {
                let call = try ReplyMembers(message.text, element.lowerBound)
                for delta in try ChatDeltas.call(call, number) { emit(delta, place) }
            }
        }
        var last = EventBytes([])
        for entry in choice.entries {
            if ["index", "message", "logprobs", "finish_reason"].contains(entry.name) { continue }
            last.add(choice.text, member: entry)
        }
        emit(
            ReplyJSON.emptyObject, place, finish: choice["finish_reason"].map { choice.text.bytes($0) },
            last.bytes)
    }

    private struct Place {
        let index: Int
        /// Whether chunks of this choice have a member `logprobs`.
        let hasLogprobs: Bool
    }

    private mutating func texts(_ message: ReplyMembers, _ name: String, _ place: Place) {
        guard let value = message[name], message.text.isString(value) else { return }
        for piece in TextPieces.cut(message.text, value) {
            emit(ChatDeltas.text(name, Array(message.text.slice(piece)).quoted), place)
        }
    }

    /// One chunk; `more` are members of the choice with a comma in front of each.
    private mutating func emit(
        _ delta: [UInt8], _ place: Place, logprobs: [UInt8]? = nil, finish: [UInt8]? = nil,
        _ more: [UInt8] = []
    ) {
        var event = EventBytes(opening)
        event.add(extras)
        extras = []
        event.add(",\"choices\":[{\"index\":")
        event.add(place.index)
        event.add(",\"delta\":")
        event.add(delta)
        if place.hasLogprobs {
            event.add(",\"logprobs\":")
            event.add(logprobs ?? ReplyJSON.null)
        }
        event.add(",\"finish_reason\":")
        event.add(finish ?? ReplyJSON.null)
        event.add(more)
        event.add("}")
        event.add(closing)
        events.append(event.bytes)
    }
}

extension CompletionEvents {
    /// A token of a choice's text with the `logprobs` of its chunk.
    fileprivate struct Token {
        /// As a JSON string.
        let text: [UInt8]
        let logprobs: [UInt8]

        /// Nil where a choice has no probabilities, or they do not spell its text.
        static func all(of message: ReplyMembers, _ choice: ReplyMembers) throws(ReplyObstacle) -> [Token]? {
            guard choice.has("logprobs"), let content = message["content"], message.text.isString(content)
            else {
                return nil
            }
            let lists = try choice.object("logprobs")
            guard lists.has("content"),
                lists.entries.allSatisfy({ $0.name == "content" || !lists.has($0.name) })
            else { return nil }
            let entries = try lists.elements("content")
            guard let tokens = TextPieces.tokens(choice.text, content, entries) else { return nil }
            return zip(tokens, entries).map { token, entry in
                let list = ReplyJSON.array([choice.text.bytes(entry)])
                return Token(
                    text: choice.text.bytes(token), logprobs: lists.bytes(replacing: ["content": list]))
            }
        }
    }
}
