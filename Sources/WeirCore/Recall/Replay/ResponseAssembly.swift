/// An OpenAI response from its events: the last one holds it whole.
///
/// Deltas are not read. The items that were done on the way must be those of the whole response, as some
/// servers in front of a provider send it without them.
struct ResponseAssembly: Sendable {
    /// What an item is known by.
    private struct Item: Sendable, Equatable {
        let type: String?
        let id: String?
        let call: String?

        init(_ item: ReplyMembers) {
            type = item.string("type")
            id = item.string("id")
            call = item.string("call_id")
        }
    }

    /// Items that are done, by their places.
    private var done: [Int: Item] = [:]
    private var response: [UInt8]?

    mutating func read(_ event: SSEEvent) throws(ReplyObstacle) {
        if event.data.isExactly("[DONE]") {
            if response == nil { throw .noEnd }
            return
        }
        let data = try ReplyMembers(whole: event.data)
        guard let type = data.string("type") else { throw data.has("error") ? .errorReply : .notReply }
        guard event.name.isEmpty || event.name.elementsEqual(type.utf8) else { throw .contradiction("type") }
        guard response == nil else { throw .contradiction(type) }
        switch type {
        case "response.completed": try take(data)
        case "response.failed", "error": throw .errorReply
        case "response.incomplete", "response.cancelled":
            throw .stopReason(String(type.dropFirst("response.".count)))
        case "response.output_item.done":
            guard let index = data.count("output_index") else { throw .notReply }
            done[index] = Item(try data.object("item"))
        case "keepalive": break
        // What the last event will say once more.
        case _ where type.hasPrefix("response."): break
        default: throw .unknownPart(type)
        }
    }

    /// The whole response.
    func body() throws(ReplyObstacle) -> [UInt8] {
        guard let response else { throw .noEnd }
        return response
    }

    private mutating func take(_ data: ReplyMembers) throws(ReplyObstacle) {
        guard let range = data["response"] else { throw .notReply }
        let whole = try data.object("response")
        let items = try whole.elements("output")
        guard done.isEmpty || done.count == items.count else { throw .contradiction("output") }
        for (index, item) in done {
            guard items.indices.contains(index),
                Item(try ReplyMembers(data.text, items[index].lowerBound)) == item
            else { throw .contradiction("output") }
        }
        response = data.text.bytes(range)
    }
}
