/// Whether a plain reply may be kept as an entry.
///
/// Kept are replies that are whole, succeeded, stopped for a normal reason, say something and mean the same
/// to whoever gets them within a scope. What is not known is not kept. Deliberately kept:
/// - Signed thinking (`signature`, `redacted_thinking`) and encrypted reasoning. A signature stays valid at
///   the provider that minted it, and the scope of an entry never reaches another organisation's callers;
///   where a later turn goes elsewhere, such blocks are parked as in any other transcript.
/// - Calls of the caller's own tools, reported by `usesTools` for a policy to decide. Their identifiers stay
///   as they were: two hits of one entry carry the same ones.
package enum ReplyCheck: Sendable, Equatable {
    /// `usesTools` is true where the caller is asked to run a tool.
    case complete(usesTools: Bool)
    case refused(ReplyObstacle)

    /// Judges the body of a reply whose status was 2xx.
    package static func check(_ body: UnsafeRawBufferPointer, endpoint: Endpoint) -> ReplyCheck {
        do throws(ReplyObstacle) {
            let reply = try ReplyMembers(whole: body)
            guard !reply.has("error"), !reply.has("type", saying: "error") else { throw .errorReply }
            switch endpoint {
            case .messages: return .complete(usesTools: try message(reply))
            case .chatCompletions: return .complete(usesTools: try completion(reply))
            case .responses: return .complete(usesTools: try response(reply))
            case .embeddings:
                try checkVectors(reply)
                return .complete(usesTools: false)
            case .countTokens, .models, .anthropicOther, .openAIOther, .raw: throw .endpoint
            }
        } catch {
            return .refused(error)
        }
    }

    /// Judges the body of a reply whose status was 2xx.
    package static func check(_ body: [UInt8], endpoint: Endpoint) -> ReplyCheck {
        body.withUnsafeBytes { check($0, endpoint: endpoint) }
    }

    /// `container` and `thread` are state that one account holds.
    private static func message(_ reply: ReplyMembers) throws(ReplyObstacle) -> Bool {
        guard reply.has("type", saying: "message"), reply.has("role", saying: "assistant") else { throw .notReply }
        for name in ["container", "thread"] where reply.has(name) { throw .boundToAccount(name) }
        let reason = reply.string("stop_reason") ?? "none"
        guard ["end_turn", "stop_sequence", "tool_use"].contains(reason) else { throw .stopReason(reason) }
        var says = false
        var calls = false
        for element in try reply.elements("content") {
            let block = try ReplyMembers(reply.text, element.lowerBound)
            switch block.string("type") ?? "none" {
            case "text": says = try block.text("text") || says
            case "thinking", "redacted_thinking": break
            case "tool_use":
                try checkCall(block)
                calls = true
            case let type where isServed(type): throw .boundToAccount(type)
            case let type: throw .unknownPart(type)
            }
        }
        guard calls || reason != "tool_use" else { throw .contradiction("stop_reason") }
        guard says || calls else { throw .empty }
        return calls
    }

    /// A call by the model itself; one that code in a container made is of use only beside that container.
    private static func checkCall(_ block: ReplyMembers) throws(ReplyObstacle) {
        if block.has("caller"), try !block.object("caller").has("type", saying: "direct") {
            throw .boundToAccount("caller")
        }
        guard block.string("id") != nil, block.string("name") != nil else { throw .notReply }
        _ = try block.object("input")
    }

    /// True for blocks of tools that the provider runs.
    private static func isServed(_ type: String) -> Bool {
        type.hasSuffix("_tool_result") || type.hasPrefix("mcp_")
            || type == "server_tool_use" || type == "container_upload"
    }

    private static func checkVectors(_ reply: ReplyMembers) throws(ReplyObstacle) {
        let vectors = try reply.elements("data")
        for element in vectors {
            guard try ReplyMembers(reply.text, element.lowerBound).has("embedding") else { throw .empty }
        }
        if vectors.isEmpty { throw .empty }
    }
}

extension ReplyMembers {
    /// True where the member is a string with something in it.
    ///
    /// - Throws: `notReply` when it is no string.
    func text(_ name: String) throws(ReplyObstacle) -> Bool {
        guard let value = self[name], text.isString(value) else { throw .notReply }
        return value.count > 2
    }
}
