/// A Chat completion from its chunks.
struct CompletionAssembly: Sendable {
    /// Choices a completion may have; OpenAI's limit.
    private static let maxChoices = 128

    /// What stands beside the choices, in the order it came.
    private var top = RawObject()
    private var usage: [UInt8]?
    private var choices: [ChoiceAssembly] = []
    private var hasEnded = false

    mutating func read(_ event: SSEEvent) throws(ReplyObstacle) {
        guard !hasEnded else { throw .contradiction("data behind [DONE]") }
        if event.data.isExactly("[DONE]") {
            hasEnded = true
            return
        }
        let chunk = try ReplyMembers(whole: event.data)
        if chunk.has("error") { throw .errorReply }
        for entry in chunk.entries {
            switch entry.name {
            case "choices":
                for element in try chunk.text.elementRanges(entry.value) {
                    try readChoice(try ReplyMembers(chunk.text, element.lowerBound))
                }
                if top["choices"] == nil { top["choices"] = [] }
            case "usage": if chunk.text.isObject(entry.value) { usage = chunk.text.bytes(entry.value) }
            case "object":
                guard chunk.string("object") == "chat.completion.chunk" || chunk.text.isBlank(entry.value)
                else { throw .notReply }
                top["object"] = Array(#""chat.completion""#.utf8)
            // Random letters against an eavesdropper who counts bytes.
            case "obfuscation", "error": break
            // The clock of a provider may go on between chunks; Azure's first chunk has 0.
            case "created": if top["created"].map({ $0 == [0x30] }) ?? true { take(entry, chunk.text) }
            // The tier asked for at first, the one served at last; counters that grow.
            case "service_tier", "system_fingerprint", "x_groq":
                top.merge(entry.name, chunk.text, entry.value)
            default: try top.mergeSame(entry.name, chunk.text, entry.value)
            }
        }
    }

    /// The whole completion.
    func body() throws(ReplyObstacle) -> [UInt8] {
        guard hasEnded else { throw .noEnd }
        guard let usage = usage ?? groqUsage else { throw .noUsage }
        var top = top
        let ordered = choices.sorted { $0.index < $1.index }
        var values: [[UInt8]] = []
        for (place, choice) in ordered.enumerated() {
            guard choice.index == place else { throw .contradiction("choices.index") }
            values.append(try choice.bytes())
        }
        top["choices"] = ReplyJSON.array(values)
        top["usage"] = usage
        return top.bytes
    }

    /// Groq tells usage beside its request's identifier instead.
    private var groqUsage: [UInt8]? {
        top["x_groq"]?.withUnsafeBytes { bytes in
            guard let text = JSONBytes(bytes), let groq = try? ReplyMembers(text, 0),
                let usage = groq["usage"], text.isObject(usage)
            else { return nil }
            return text.bytes(usage)
        }
    }

    private mutating func take(_ entry: ReplyMembers.Entry, _ text: JSONBytes) {
        top[entry.name] = text.bytes(entry.value)
    }

    private mutating func readChoice(_ choice: ReplyMembers) throws(ReplyObstacle) {
        guard let index = choice.count("index"), index < Self.maxChoices else {
            throw .contradiction("choices.index")
        }
        if let place = choices.firstIndex(where: { $0.index == index }) {
            try choices[place].read(choice)
        } else {
            var new = ChoiceAssembly(index: index)
            try new.read(choice)
            choices.append(new)
        }
    }
}
