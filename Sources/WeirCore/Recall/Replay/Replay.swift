/// Answers from an entry: a stored plain reply, once more, as the provider would send it anew.
package enum Replay {
    /// The body with an identifier and times of its own; everything else stays byte for byte.
    ///
    /// Only top-level members change: `id`, `created`, `created_at`, `completed_at`. No provider knows the
    /// new identifier, so nothing can go on from it by name (`previous_response_id`).
    package static func plain(_ body: [UInt8], endpoint: Endpoint, fresh: FreshIDs) -> [UInt8] {
        body.withUnsafeBytes { bytes in
            guard let reply = try? ReplyMembers(whole: bytes) else { return body }
            var out: [UInt8] = []
            out.reserveCapacity(body.count + 64)
            var copied = 0
            for entry in reply.entries {
                guard let value = newValue(entry, reply.text, endpoint, fresh) else { continue }
                out.append(contentsOf: bytes[copied..<entry.value.lowerBound])
                out += value
                copied = entry.value.upperBound
            }
            out.append(contentsOf: bytes[copied...])
            return out
        }
    }

    /// The body as the events of a stream, in order, each with its blank line; nil where a part of it has
    /// events that are not known, or the endpoint has no streams.
    ///
    /// `includeUsage` is what the request's `stream_options.include_usage` says; other dialects always tell
    /// usage.
    package static func events(
        _ body: [UInt8], endpoint: Endpoint, fresh: FreshIDs, includeUsage: Bool
    ) -> [[UInt8]]? {
        let flat = onOneLine(plain(body, endpoint: endpoint, fresh: fresh))
        return flat.withUnsafeBytes { bytes in
            do throws(ReplyObstacle) {
                let reply = try ReplyMembers(whole: bytes)
                switch endpoint {
                case .messages: return try MessageEvents.of(reply)
                case .chatCompletions: return try CompletionEvents.of(reply, includeUsage: includeUsage)
                case .responses: return try ResponseEvents.of(reply)
                case .embeddings, .countTokens, .models, .anthropicOther, .openAIOther, .raw: return nil
                }
            } catch {
                return nil
            }
        }
    }

    private static func newValue(
        _ entry: ReplyMembers.Entry, _ text: JSONBytes, _ endpoint: Endpoint, _ fresh: FreshIDs
    ) -> [UInt8]? {
        if entry.isNamed("id") {
            return text.isString(entry.value) ? fresh.id(for: endpoint).map(ReplyJSON.string) : nil
        }
        guard entry.isNamed("created") || entry.isNamed("created_at") || entry.isNamed("completed_at"),
            text.tree(entry.value.lowerBound)?.int != nil
        else { return nil }
        return ReplyJSON.number(fresh.seconds)
    }

    /// The text without white space between its tokens where it has line ends, which no event can hold.
    private static func onOneLine(_ body: [UInt8]) -> [UInt8] {
        guard body.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return body }
        var out: [UInt8] = []
        out.reserveCapacity(body.count)
        body.withUnsafeBytes { bytes in
            guard let text = JSONBytes(bytes) else { return }
            var i = 0
            while i < text.count {
                let c = text.byte(at: i)
                if c == 0x22, let end = try? text.skipString(i) {
                    out.append(contentsOf: text.slice(i..<end))
                    i = end
                } else {
                    if c > 0x20 { out.append(c) }
                    i += 1
                }
            }
        }
        return out
    }
}
