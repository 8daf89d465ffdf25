@testable import WeirSimulator

/// A conversation as its client sends it, request by request; every text in it follows from the seed.
struct SessionScript {
    var model = "claude-sonnet-5-5"
    /// Definitions as they stand in the body.
    var tools: [Out] = []
    /// `nil` for a request without the member.
    var system: Out?
    var messages: [Out] = []
    var members: [(String, Out)] = []
    private var random: SplitMix
    private var calls = 0

    init(seed: UInt64) { random = SplitMix(seed: seed) }

    /// The request at this point of the conversation.
    var body: [UInt8] {
        var all: [(String, Out)] = [("model", .string(model)), ("max_tokens", 1_024)]
        all.append(("messages", .array(messages)))
        if let system { all.append(("system", system)) }
        if !tools.isEmpty { all.append(("tools", .array(tools))) }
        return Out.object(all + members).bytes
    }

    /// Text that occurs nowhere else.
    mutating func text(_ tokens: Int) -> Out { .text(Text.answer(tokens: tokens, seed: random.next())) }

    /// A number from the range, drawn from the seed.
    mutating func number(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(random.next() % UInt64(range.count))
    }

    /// A tool definition of about that many tokens.
    mutating func tool(_ name: String, tokens: Int, isDeferred: Bool = false) -> Out {
        let parameters: Out = ["command": ["type": "string", "description": text(20)]]
        let schema: Out = ["type": "object", "properties": parameters, "required": ["command"]]
        var members: [(String, Out)] = [("name", .string(name)), ("description", text(max(1, tokens - 60)))]
        if isDeferred { members.append(("defer_loading", true)) }
        return .object(members + [("input_schema", schema)])
    }

    static func text(_ text: Out, isMarked: Bool = false) -> Out {
        .object([("type", "text"), ("text", text)] + mark(isMarked))
    }

    static func mark(_ isMarked: Bool) -> [(String, Out)] {
        isMarked ? [("cache_control", ["type": "ephemeral"])] : []
    }

    /// The reply that calls `width` tools at once, and their results, as messages.
    mutating func round(width: Int, resultTokens: ClosedRange<Int>, isThinking: Bool = false) -> [Out] {
        var reply: [Out] = []
        if isThinking {
            let signature = Text.identifier("ErUB", seed: random.next(), count: 120)
            reply.append(["type": "thinking", "thinking": "", "signature": .string(signature)])
        }
        reply.append(Self.text(text(number(10...60))))
        var results: [Out] = []
        for _ in 0..<width {
            calls += 1
            let id = Out.string("toolu_\(calls)")
            let input: Out = ["command": text(number(5...20))]
            reply.append(["type": "tool_use", "id": id, "name": "tool0", "input": input])
            results.append(["tool_use_id": id, "type": "tool_result", "content": text(number(resultTokens))])
        }
        return [
            ["role": "assistant", "content": .array(reply)], ["role": "user", "content": .array(results)],
        ]
    }
}

extension SessionScript {
    /// A coding agent on a plain SDK, which marks nothing; tools and system prompt are 25,000 tokens.
    static func agent(seed: UInt64, model: String = "claude-sonnet-5-5") -> SessionScript {
        var script = SessionScript(seed: seed)
        script.model = model
        script.tools = (0..<12).map { script.tool("tool\($0)", tokens: 1_000) }
        script.system = script.text(13_000)
        script.messages = [["role": "user", "content": script.text(200)]]
        return script
    }

    /// One question, never asked again.
    static func oneShot(
        seed: UInt64, system: Out? = nil, tools: [Out] = [], tokens: Int = 2_000
    ) -> SessionScript {
        var script = SessionScript(seed: seed)
        script.system = system
        script.tools = tools
        script.messages = [["role": "user", "content": script.text(tokens)]]
        return script
    }
}

/// A session of Claude Code, which marks two system blocks and the last message.
struct CodingSession {
    private var script: SessionScript
    /// What each message holds, without its marker.
    private var turns: [(role: String, blocks: [Out], members: [(String, Out)])] = []
    private var inserted = 0

    init(seed: UInt64) {
        script = SessionScript(seed: seed)
        script.tools = (0..<12).map { script.tool("tool\($0)", tokens: 700) }
        script.system = .array([
            SessionScript.text("x-anthropic-billing-header: cc_version=2.1.329.e41; cc_entrypoint=sdk-cli;"),
            SessionScript.text(
                "You are a Claude agent, built on Anthropic's Claude Agent SDK.", isMarked: true),
            SessionScript.text(script.text(1_800), isMarked: true),
        ])
        script.members = [
            ("thinking", ["type": "adaptive", "display": "omitted"]),
            ("output_config", ["effort": "medium"]), ("stream", true),
        ]
        let reminder = SessionScript.text(script.text(400))
        turns.append(("user", [reminder, SessionScript.text(script.text(60))], []))
        turns.append(("system", [], [("output_config", ["effort": "medium"])]))
    }

    /// The agent's reply with that many calls, and their results.
    mutating func work(width: Int, resultTokens: ClosedRange<Int> = 150...600) {
        for message in script.round(width: width, resultTokens: resultTokens, isThinking: true) {
            guard case .object(let members) = message, members.count == 2,
                case .string(let role) = members[0].1, case .array(let blocks) = members[1].1
            else { continue }
            turns.append((role, blocks, []))
        }
    }

    /// The agent's last words, and what the user wants next.
    mutating func ask() {
        turns.append(("assistant", [SessionScript.text(script.text(80))], []))
        turns.append(("user", [SessionScript.text(script.text(40))], []))
    }

    /// A reminder of the client's own, in the middle of the conversation.
    mutating func remind() { turns.append(("system", [SessionScript.text(script.text(50))], [])) }

    /// A tool that was found on the way stands in the list from now on, in the order of the names.
    mutating func discoverTool() {
        inserted += 1
        script.tools.insert(
            script.tool("tool5-found\(inserted)", tokens: 300, isDeferred: true), at: 6)
    }

    /// The request now: markers on two system blocks and the end of the last message that has a block.
    var body: [UInt8] {
        var script = script
        let last = turns.lastIndex { !$0.blocks.isEmpty }
        script.messages = turns.enumerated().map { index, turn in
            var blocks = turn.blocks
            if index == last, case .object(let members)? = blocks.last {
                blocks[blocks.count - 1] = .object(members + SessionScript.mark(true))
            }
            return .object(
                [("role", .string(turn.role)), ("content", Self.content(blocks, isLast: index == last))]
                    + turn.members)
        }
        return script.body
    }

    /// A message with one text is a list while it is marked, a string before and after.
    private static func content(_ blocks: [Out], isLast: Bool) -> Out {
        guard !isLast, blocks.count == 1, case .object(let members)? = blocks.first,
            case .string("text")? = members.first?.1, members.count == 2
        else { return .array(blocks) }
        return members[1].1
    }
}
