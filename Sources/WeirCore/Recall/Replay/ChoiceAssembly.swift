/// One choice of a Chat stream.
struct ChoiceAssembly: Sendable {
    let index: Int
    /// What stands beside the message: `logprobs`, `finish_reason`, and what a provider adds.
    private var object = RawObject()
    /// The message; a member that grows has an empty value here to keep its place.
    private var message = RawObject()
    /// Texts that grow, by name, escapes as they came.
    private var texts: [String: [UInt8]] = [:]
    private var calls: [CallAssembly] = []
    private var functionCall: FunctionAssembly?
    private var annotations: [[UInt8]] = []
    /// Lists of `logprobs` by name, in the order they came; nil for those that were only ever null.
    private var logprobs: [(name: String, values: [[UInt8]]?)] = []

    init(index: Int) { self.index = index }

    mutating func read(_ choice: ReplyMembers) throws(ReplyObstacle) {
        let text = choice.text
        for entry in choice.entries {
            switch entry.name {
            case "index": break
            case "delta":
                if text.isNull(entry.value) { continue }
                try readDelta(try ReplyMembers(text, entry.value.lowerBound))
            case "logprobs":
                if object["logprobs"] == nil { object["logprobs"] = ReplyJSON.null }
                if text.isNull(entry.value) { continue }
                try readLogprobs(try ReplyMembers(text, entry.value.lowerBound))
            default: try object.mergeSame(entry.name, text, entry.value)
            }
        }
    }

    /// The choice as the plain reply has it.
    func bytes() throws(ReplyObstacle) -> [UInt8] {
        var whole = RawObject()
        whole["index"] = Array(String(index).utf8)
        whole["message"] = try messageBytes()
        for member in object.members { whole[member.name] = member.value }
        if !logprobs.isEmpty {
            var lists = RawObject()
            for list in logprobs {
                lists[list.name] = list.values.map { ReplyJSON.array($0) } ?? ReplyJSON.null
            }
            whole["logprobs"] = lists.bytes
        }
        return whole.bytes
    }

    private func messageBytes() throws(ReplyObstacle) -> [UInt8] {
        var message = message
        if message["role"] == nil { message["role"] = Array(#""assistant""#.utf8) }
        if message["content"] == nil { message["content"] = ReplyJSON.null }
        for (name, text) in texts { message[name] = text.quoted }
        if let functionCall { message["function_call"] = try functionCall.bytes() }
        if !annotations.isEmpty { message["annotations"] = ReplyJSON.array(annotations) }
        if !calls.isEmpty {
            var values: [[UInt8]] = []
            for (place, call) in calls.sorted(by: { $0.index < $1.index }).enumerated() {
                guard call.index == place else { throw .contradiction("tool_calls.index") }
                values.append(try call.bytes())
            }
            message["tool_calls"] = ReplyJSON.array(values)
        }
        return message.bytes
    }

    private mutating func readDelta(_ delta: ReplyMembers) throws(ReplyObstacle) {
        let text = delta.text
        for entry in delta.entries {
            let isNull = text.isNull(entry.value)
            switch entry.name {
            case "role": try message.mergeSame("role", text, entry.value)
            case "content", "refusal", "reasoning", "reasoning_content":
                try append(entry, text)
            case "tool_calls":
                if message["tool_calls"] == nil { message["tool_calls"] = text.bytes(entry.value) }
                if isNull { continue }
                for element in try text.elementRanges(entry.value) {
                    try readCall(try ReplyMembers(text, element.lowerBound))
                }
            case "function_call":
                if message["function_call"] == nil { message["function_call"] = text.bytes(entry.value) }
                if isNull { continue }
                if functionCall == nil { functionCall = FunctionAssembly(growing: "arguments") }
                try functionCall?.read(try ReplyMembers(text, entry.value.lowerBound))
            case "annotations":
                if message["annotations"] == nil { message["annotations"] = text.bytes(entry.value) }
                if isNull { continue }
                annotations += try text.elementRanges(entry.value).map { text.bytes($0) }
            default:
                guard text.isBlank(entry.value) else { throw .unknownPart("delta." + entry.name) }
                if message[entry.name] == nil { message[entry.name] = text.bytes(entry.value) }
            }
        }
    }

    /// A text stays null until a string comes.
    private mutating func append(_ entry: ReplyMembers.Entry, _ text: JSONBytes) throws(ReplyObstacle) {
        if message[entry.name] == nil { message[entry.name] = ReplyJSON.null }
        if text.isNull(entry.value) { return }
        guard text.isString(entry.value) else { throw .unknownPart("delta." + entry.name) }
        texts[entry.name, default: []].append(contentsOf: text.inside(entry.value))
    }

    private mutating func readCall(_ fragment: ReplyMembers) throws(ReplyObstacle) {
        guard let index = fragment.count("index"), index < CallAssembly.maxCalls else {
            throw .contradiction("tool_calls.index")
        }
        if let place = calls.lastIndex(where: { $0.index == index }) {
            try calls[place].read(fragment)
        } else {
            var new = CallAssembly(index: index)
            try new.read(fragment)
            calls.append(new)
        }
    }

    private mutating func readLogprobs(_ lists: ReplyMembers) throws(ReplyObstacle) {
        for entry in lists.entries {
            let place: Int
            if let known = logprobs.firstIndex(where: { $0.name == entry.name }) {
                place = known
            } else {
                place = logprobs.count
                logprobs.append((entry.name, nil))
            }
            if lists.text.isNull(entry.value) { continue }
            let values = try lists.text.elementRanges(entry.value).map { lists.text.bytes($0) }
            logprobs[place].values = (logprobs[place].values ?? []) + values
        }
    }
}
