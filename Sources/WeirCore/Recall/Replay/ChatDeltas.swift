/// What stands in the `delta` of a Chat chunk.
enum ChatDeltas {
    /// The first one: the role, texts that will grow as empty ones, and everything that comes whole.
    ///
    /// - Throws: where the content is a list, or the model declined.
    static func role(_ message: ReplyMembers) throws(ReplyObstacle) -> [UInt8] {
        var values: [String: [UInt8]?] = [:]
        if message.has("refusal") { throw .refusal }
        if let content = message["content"] {
            if message.text.isString(content) {
                values["content"] = ReplyJSON.emptyString
            } else if !message.text.isNull(content) {
                throw .unknownPart("content")
            }
        }
        for name in ["reasoning_content", "reasoning"] where message.has(name) {
            guard let value = message[name], message.text.isString(value) else { throw .unknownPart(name) }
            values.updateValue(nil, forKey: name)
        }
        if message.has("tool_calls") { values.updateValue(nil, forKey: "tool_calls") }
        return message.bytes(replacing: values)
    }

    /// `{"content":"…"}`; `text` is a JSON string.
    static func text(_ name: String, _ text: [UInt8]) -> [UInt8] {
        var delta = EventBytes(Array("{".utf8) + ReplyJSON.string(name))
        delta.add(":")
        delta.add(text)
        delta.add("}")
        return delta.bytes
    }

    /// A call: identifier, type and name first, then the arguments in pieces.
    static func call(_ call: ReplyMembers, _ number: Int) throws(ReplyObstacle) -> [[UInt8]] {
        let isCustom = call["custom"] != nil
        let (kind, growing) = isCustom ? ("custom", "input") : ("function", "arguments")
        let function = try call.object(kind)
        guard let arguments = function[growing], call.text.isString(arguments) else {
            throw .unknownPart("tool_calls." + growing)
        }
        let first = call.bytes(replacing: [
            "index": nil, kind: function.bytes(replacing: [growing: ReplyJSON.emptyString]),
        ])
        var delta = opening(number)
        delta.add(Array(first.dropFirst()))
        delta.add("]}")
        var deltas = [delta.bytes]
        for piece in TextPieces.cut(call.text, arguments) {
            var delta = opening(number)
            delta.add(isCustom ? "\"custom\":{\"input\":" : "\"function\":{\"arguments\":")
            delta.addQuoted(call.text, piece)
            delta.add("}}]}")
            deltas.append(delta.bytes)
        }
        return deltas
    }

    private static func opening(_ number: Int) -> EventBytes {
        var delta = EventBytes(Array("{\"tool_calls\":[{\"index\":".utf8))
        delta.add(number)
        delta.add(",")
        return delta
    }
}
