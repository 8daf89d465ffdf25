extension ReplyCheck {
    /// Every choice must be whole: a caller who asked for three gets three.
    static func completion(_ reply: ReplyMembers) throws(ReplyObstacle) -> Bool {
        if let object = reply.string("object"), object != "chat.completion" { throw .notReply }
        let choices = try reply.elements("choices")
        if choices.isEmpty { throw .empty }
        var usesTools = false
        for element in choices {
            usesTools = try choice(ReplyMembers(reply.text, element.lowerBound)) || usesTools
        }
        return usesTools
    }

    private static func choice(_ choice: ReplyMembers) throws(ReplyObstacle) -> Bool {
        let reason = choice.string("finish_reason") ?? "none"
        guard ["stop", "tool_calls", "function_call"].contains(reason) else { throw .stopReason(reason) }
        if choice.has("error") { throw .errorReply }
        let message = try choice.object("message")
        if message.has("refusal") { throw .refusal }
        // Spoken replies are named by an identifier that one account can use, for an hour.
        if message.has("audio") { throw .boundToAccount("audio") }
        let calls = message.has("tool_calls") || message.has("function_call")
        guard calls || reason == "stop" else { throw .contradiction("finish_reason") }
        guard calls || message.has("content") else { throw .empty }
        return calls
    }

    /// A response that goes on from stored state, or belongs to a stored conversation, is not kept.
    static func response(_ reply: ReplyMembers) throws(ReplyObstacle) -> Bool {
        guard reply.has("object", saying: "response") else { throw .notReply }
        let status = reply.string("status") ?? "none"
        guard status == "completed" else { throw .stopReason(status) }
        if reply.has("incomplete_details") { throw .stopReason("incomplete") }
        for name in ["previous_response_id", "conversation"] where reply.has(name) {
            throw .boundToAccount(name)
        }
        if let value = reply["background"], reply.text.isTruthy(value.lowerBound) {
            throw .boundToAccount("background")
        }
        var says = false
        var calls = false
        for element in try reply.elements("output") {
            let item = try ReplyMembers(reply.text, element.lowerBound)
            if let status = item.string("status"), status != "completed" { throw .stopReason(status) }
            switch item.string("type") ?? "none" {
            case "message": says = try message(item) || says
            case "reasoning": break
            case "function_call", "custom_tool_call": calls = try call(item)
            case "local_shell_call", "apply_patch_call": calls = true
            case let type where type.hasSuffix("_call") || type.hasPrefix("mcp_"): throw .boundToAccount(type)
            case let type: throw .unknownPart(type)
            }
        }
        guard says || calls else { throw .empty }
        return calls
    }

    private static func call(_ item: ReplyMembers) throws(ReplyObstacle) -> Bool {
        if item.has("caller"), try !item.object("caller").has("type", saying: "direct") {
            throw .boundToAccount("caller")
        }
        guard item.string("call_id") != nil, item.string("name") != nil else { throw .notReply }
        return true
    }

    /// True where the message item has text; annotations that name a container's files bind it to one.
    private static func message(_ item: ReplyMembers) throws(ReplyObstacle) -> Bool {
        var says = false
        for element in try item.elements("content") {
            let part = try ReplyMembers(item.text, element.lowerBound)
            switch part.string("type") ?? "none" {
            case "output_text":
                says = try part.text("text") || says
                if part.has("annotations") { try checkAnnotations(part) }
            case "refusal": throw .refusal
            case let type: throw .unknownPart(type)
            }
        }
        return says
    }

    private static func checkAnnotations(_ part: ReplyMembers) throws(ReplyObstacle) {
        for element in try part.elements("annotations") {
            let annotation = try ReplyMembers(part.text, element.lowerBound)
            if annotation.has("container_id") { throw .boundToAccount("container_id") }
        }
    }
}
