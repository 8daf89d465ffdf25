package import WeirCore

/// What the pieces of a streamed reply tell: is it whole, and was it held back on its way.
package enum StreamVerdict {
    /// Pieces closer together than this count as one arrival.
    package static let gap = Duration.milliseconds(5)
    /// A whole reply quicker than this says nothing about buffering.
    package static let tooQuick = Duration.milliseconds(40)

    /// Whether all events came, up to the surface's last one.
    package static func completion(_ reply: ProbeReply, endpoint: Endpoint) -> (Finding.Verdict, String) {
        let type = reply.field("content-type") ?? "none"
        guard type.lowercased().hasPrefix("text/event-stream") else {
            return (.fail, "The reply's content-type is \(type), not text/event-stream; \"stream\": true was lost.")
        }
        var tally = Tally(endpoint: endpoint)
        var scanner = SSEScanner()
        reply.body.withUnsafeBytes { scanner.push($0, into: &tally) { $0.read($1) } }
        scanner.finish(into: &tally) { $0.read($1) }
        if let error = tally.error { return (.fail, "The stream has an error event: \(error)") }
        guard tally.endsWell else {
            return (
                .fail,
                "\(tally.events) events and no \(lastEvent(endpoint)); the stream was cut before its end."
            )
        }
        return (.pass, "\(tally.events) events, \(lastEvent(endpoint)) last")
    }

    /// Whether the pieces came as they were made, seen from the gaps between them.
    package static func buffering(_ arrivals: [ProbeReply.Arrival]) -> (Finding.Verdict, String) {
        guard let first = arrivals.first, let last = arrivals.last else {
            return (.fail, "The reply has no body.")
        }
        var moments = 1
        for (earlier, later) in zip(arrivals, arrivals.dropFirst()) where later.at - earlier.at >= gap {
            moments += 1
        }
        let spread = last.at - first.at
        let shown = "first bytes after \(first.at.wholeMilliseconds) ms, last after \(last.at.wholeMilliseconds) ms"
        if moments >= 2 && spread * 10 >= last.at {
            return (.pass, "\(moments) arrivals, \(shown)")
        }
        if last.at < tooQuick { return (.skip, "Too quick to tell (\(last.at.wholeMilliseconds) ms in all).") }
        let remedy = "Something on the way holds the stream back; turn its buffering off (nginx: proxy_buffering off)."
        return (.fail, "\(moments == 1 ? "Everything came at once" : "\(moments) arrivals"), \(shown). \(remedy)")
    }

    private static func lastEvent(_ endpoint: Endpoint) -> String {
        switch endpoint {
        case .messages, .countTokens, .anthropicOther: "message_stop"
        case .responses: "response.completed"
        case .chatCompletions, .embeddings, .models, .openAIOther, .raw: "[DONE]"
        }
    }

    /// Counts events and remembers how the stream ended.
    private struct Tally {
        let endpoint: Endpoint
        var events = 0
        var endsWell = false
        var error: String?

        mutating func read(_ event: SSEEvent) {
            guard !event.data.isEmpty else { return }
            events += 1
            let data = String(decoding: event.data, as: UTF8.self)
            if data == "[DONE]" {
                endsWell = endpoint.dialect != .anthropic && endpoint != .responses
                return
            }
            let value = try? JSONValue(data)
            let type = value?["type"]?.string ?? ""
            let problem = value?["error"].flatMap { $0.isNull ? nil : $0 }
            if type == "error" || (endpoint.dialect == .chat && problem != nil) {
                error = error ?? String((problem?["message"]?.string ?? value?["message"]?.string ?? data).prefix(200))
            }
            switch endpoint.dialect {
            case .anthropic: endsWell = type == "message_stop"
            // A reply cut by its token limit ends with response.incomplete, which is a regular end as well.
            case .responses: endsWell = type == "response.completed" || type == "response.incomplete"
            case .chat, .gemini, nil: endsWell = false
            }
        }
    }
}
