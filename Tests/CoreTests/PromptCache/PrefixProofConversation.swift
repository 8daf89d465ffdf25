/// A conversation as a client sends it turn by turn, from a seed: tools, system prompt, messages of all
/// shapes.
///
/// What was sent once is sent again byte for byte, except that the client moves its own markers, with which a
/// text may turn from a string into a list and back.
struct RandomConversation {
    /// How the client marks.
    enum Style: CaseIterable { case none, codingAgent, lastTwo, automatic, nested, systemOnly }

    let style: Style
    private(set) var random: RandomJSON
    private let isWide: Bool
    private let hasSystem: Bool
    private let hasTools: Bool
    /// Lifetimes of the markers on the system prompt and on messages.
    private let lifetimes: (String, String)
    private let order: Int
    private var tools: [Part] = []
    private var system = Message()
    private var messages: [Message] = []
    private var turns = 0

    init(seed: Int, style: Style) {
        self.style = style
        random = RandomJSON(seed: UInt64(seed))
        isWide = random.next(below: 3) == 0
        hasSystem = random.next(below: 5) > 0 || style == .systemOnly
        hasTools = random.next(below: 3) > 0 || style == .lastTwo
        let long = #"{"type":"ephemeral","ttl":"1h"}"#
        let short = [#"{"type":"ephemeral"}"#, #"{ "ttl" : "5m", "type" : "ephemeral" }"#][
            random.next(below: 2)]
        lifetimes = [(long, long), (long, short), (short, short)][random.next(below: 3)]
        order = random.next(below: 3)
        if hasTools { tools = (0..<1 + random.next(below: 2)).map { tool($0) } }
        system = systemPrompt()
    }

    /// Adds what the client sends next: the model's reply, unless it is the first turn, and something new.
    mutating func advance() {
        let calls =
            turns == 0
            ? 0 : isWide && random.next(below: 2) == 0 ? 8 + random.next(below: 20) : random.next(below: 4)
        if turns > 0 { addReply(calls) }
        addUser(calls)
        if random.next(below: 6) == 0 { addSystemMessage() }
        turns += 1
    }

    /// The request's body for this turn; without a name for it the system prompt is the first message.
    mutating func body(_ names: (system: String, messages: String)) -> String {
        var shown = messages
        var prompt = system
        var member = ""
        mark(&prompt, &shown, &member)
        var list = shown.map(\.text).joined(separator: ",") + random.gap()
        if hasSystem, names.system.isEmpty {
            list = #"{"role":"developer","content":"# + prompt.content + "}," + list
        }
        var parts = [#""model" :"alias""#, "\"\(names.messages)\":\(random.gap())[\(list)]"]
        if hasSystem, !names.system.isEmpty { parts.append("\"\(names.system)\":" + prompt.content) }
        if hasTools {
            parts.append("\"tools\":[" + tools.map { $0.text($0.marker) }.joined(separator: ",") + "]")
        }
        if order == 1 { parts.reverse() }
        parts.append(#""thinking":{"type":"adaptive"},"unknown":[{"cache_control":5}],"stream":true"#)
        if !member.isEmpty { parts.append(member) }
        return random.gap() + "{" + parts.joined(separator: random.gap() + "," + random.gap()) + "}"
    }

    private func mark(_ prompt: inout Message, _ shown: inout [Message], _ member: inout String) {
        switch style {
        case .none: return
        case .automatic: member = #""cache_control":"# + lifetimes.1
        case .systemOnly: prompt.markLast(lifetimes.0)
        case .codingAgent:
            prompt.markLast(lifetimes.0)
            if let last = shown.lastIndex(where: \.isMarkable) { shown[last].markLast(lifetimes.1) }
        case .lastTwo:
            prompt.markLast(lifetimes.0)
            for index in shown.indices.filter({ shown[$0].isUser && shown[$0].isMarkable }).suffix(2) {
                shown[index].markLast(lifetimes.1)
            }
        case .nested:
            if let last = shown.lastIndex(where: { $0.parts.contains(where: \.hasNestedPlace) }) {
                shown[last].markNested(lifetimes.1)
            }
        }
    }
}

extension RandomConversation {
    private mutating func tool(_ index: Int) -> Part {
        var part = Part(
            members: [
                random.gap() + #""name" :"tool\#(index)""#, #""description":"# + random.quoted(),
                #""input_schema":{"type":"object","properties":{"cache_control":{ "type":"string"}}}"#,
            ])
        if random.next(below: 4) == 0 {
            part.members.append(#""defer_loading":true"#)
        } else if style == .lastTwo, order > 0, index == 0 {
            part.marker = lifetimes.0
        }
        return part
    }

    private mutating func systemPrompt() -> Message {
        var message = Message()
        message.isBare = random.next(below: 2) == 0
        message.parts = [textPart(#"You are \"Weir\"."#)]
        if random.next(below: 2) == 0 {
            message.isBare = false
            message.parts.insert(
                Part(members: [#""type":"text""#, #""text":"x-anthropic-billing-header: 1""#]), at: 0)
        }
        return message
    }

    private mutating func textPart(_ text: String) -> Part {
        let space = random.gap()
        var part = Part(members: [space + #""type":"# + space + #""text""#, #""text":"\#(text)""#])
        part.bare = text
        part.canMark = text.contains { !" \\nrt".contains($0) }
        part.markerPlace = random.next(below: 3)
        return part
    }

    private mutating func addReply(_ calls: Int) {
        var message = Message()
        message.head = random.gap() + #"{"role":"assistant","content":"# + random.gap()
        if random.next(below: 3) == 0 {
            message.parts.append(
                Part(members: [#""type":"thinking""#, #""thinking":"","signature":"c2ln""#]))
        }
        if calls == 0 || random.next(below: 2) == 0 {
            message.parts.append(textPart("I " + random.characters()))
        }
        for call in 0..<calls {
            var part = Part(members: [
                #""type":"tool_use""#, #""id":"t\#(turns).\#(call)","name":"n""#,
                #""input":{"cache_control":{"type":"ephemeral"},"a":"# + random.quoted() + "}",
            ])
            part.canMark = true
            message.parts.append(part)
        }
        messages.append(message)
    }

    private mutating func addUser(_ calls: Int) {
        var message = Message()
        message.isUser = true
        message.head = random.gap() + #"{ "content":"# + random.gap()
        message.tail = random.gap() + #","role":"user"}"#
        message.parts = (0..<calls).map { result($0) }
        if calls == 0 || random.next(below: 4) == 0 { message.parts.append(textPart(random.characters())) }
        if random.next(below: 8) == 0 {
            var image = Part(members: [#""type":"image""#, #""source":{"type":"base64","data":"aGk="}"#])
            image.canMark = true
            message.parts.append(image)
        }
        message.isBare = random.next(below: 2) == 0
        messages.append(message)
    }

    private mutating func result(_ call: Int) -> Part {
        var part = Part(members: [
            #""tool_use_id":"t\#(turns).\#(call)""#, random.gap() + #""type":"tool_result""#,
        ])
        switch random.next(below: 4) {
        case 0:
            part.members.append(#""content":[{"type":"text","text":"# + random.quoted() + "§}]")
            part.hasNestedPlace = true
        case 1:
            part.members.append(#""content":[{"type":"tool_reference","tool_name":"x"}],"is_error":false"#)
        default: part.members.append(#""content":"# + random.gap() + random.quoted())
        }
        part.canMark = true
        part.markerPlace = random.next(below: 4)
        return part
    }

    private mutating func addSystemMessage() {
        var message = Message()
        message.head = random.gap() + #"{"role":"system","output_config":{"effort":"low"},"content":"#
        if random.next(below: 2) == 0 { message.parts = [textPart("mind " + random.characters())] }
        messages.append(message)
    }
}

extension RandomJSON {
    /// What may stand between two tokens.
    mutating func gap() -> String { ["", "", "", " ", "\n  ", "\t"][next(below: 6)] }

    /// The inside of a JSON string, with all that confuses readers.
    mutating func characters() -> String {
        let pieces = [
            "a", "word ", #"\""#, #"\\"#, #"\n"#, #"\u00e9"#, "é", "😀", #"\ud83d\ude00"#, "{}[],:", #"\\\""#,
            #"\"cache_control\":{\"type\":\"ephemeral\"}"#, #"\/"#, String(repeating: "long ", count: 12),
        ]
        return (0..<next(below: 5)).map { _ in pieces[next(below: pieces.count)] }.joined()
    }

    mutating func quoted() -> String { "\"" + characters() + "\"" }
}
