/// A row as JSON, the form of `weir ledger export`, `GET /weir/v1/requests/{id}` and the dead letters.
///
/// Members carry the names of the ledger's columns; times are microseconds, costs decimal dollars without
/// rounding, hashes 16 hexadecimal digits. What is not known is `null`, never 0.
package enum RowJSON {
    /// One line, no spaces, no line break at its end.
    package static func text(_ row: Row) -> String {
        var out = JSONLine()
        out.begin()
        out.member("sequence", "\(row.sequence)")
        out.text("id", row.id)
        out.text("state", row.state.rawValue)
        out.text("reason", row.reason?.rawValue)
        out.number("received_at", row.receivedAt)
        out.number("first_byte_after", row.firstByteAfter)
        out.number("settled_after", row.settledAfter)
        out.number("overhead", row.overhead)
        out.text("caller", row.caller)
        out.text("project", row.project)
        out.text("endpoint", row.endpoint.rawValue)
        out.text("requested_model", row.requestedModel)
        out.text("served_model", row.servedModel)
        out.text("provider", row.provider)
        out.flag("is_stream", row.isStream)
        out.number("status", Int64(row.status))
        out.usage(row.usage, source: row.usageSource, cost: row.cost)
        out.text("session", row.session)
        out.text("agent", row.agent)
        out.text("parent_agent", row.parentAgent)
        out.text("tags", row.tags)
        out.text("user_agent", row.userAgent)
        out.number("bytes_in", row.bytesIn)
        out.number("bytes_out", row.bytesOut)
        out.text("system_hash", row.systemHash.map(hexadecimal))
        out.text("tools_hash", row.toolsHash.map(hexadecimal))
        out.text("splices", row.splices)
        out.flag("had_duplicate_members", row.hadDuplicateMembers)
        out.promptCache(row.promptCache)
        out.responseCache(row.responseCache)
        out.list("savings", row.savings) { $0.saving($1) }
        out.list("attempts", row.attempts) { $0.attempt($1) }
        out.end()
        return out.result
    }

    /// A JSON string, with its quotation marks.
    package static func quoted(_ text: String) -> String {
        var out = JSONLine()
        out.string(text)
        return out.result
    }

    package static func hexadecimal(_ hash: UInt64) -> String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// Builds one JSON value without a detour through a tree.
struct JSONLine {
    private(set) var result = ""
    private var isFirst = true

    mutating func begin() {
        result += "{"
        isFirst = true
    }

    mutating func end() {
        result += "}"
        isFirst = false
    }

    mutating func member(_ name: String, _ value: String) {
        if !isFirst { result += "," }
        isFirst = false
        result += "\"\(name)\":\(value)"
    }

    mutating func number(_ name: String, _ value: Int64?) { member(name, value.map { "\($0)" } ?? "null") }

    mutating func number(_ name: String, _ value: Int?) { number(name, value.map(Int64.init)) }

    mutating func flag(_ name: String, _ value: Bool) { member(name, value ? "true" : "false") }

    mutating func money(_ name: String, _ value: Money?) { member(name, value?.description ?? "null") }

    mutating func text(_ name: String, _ value: String?) {
        guard let value else { return member(name, "null") }
        member(name, "")
        string(value)
    }

    mutating func list<Element>(
        _ name: String, _ elements: [Element], _ write: (inout JSONLine, Element) -> Void
    ) {
        member(name, "[")
        for (index, element) in elements.enumerated() {
            if index > 0 { result += "," }
            write(&self, element)
        }
        result += "]"
    }

    mutating func string(_ text: String) {
        result += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        result += "\""
    }

    mutating func attempt(_ attempt: Row.Attempt) {
        begin()
        number("number", attempt.number)
        text("kind", attempt.kind.rawValue)
        text("provider", attempt.provider)
        text("model", attempt.model)
        text("credential", attempt.credential)
        number("started_after", attempt.startedAfter)
        number("head_after", attempt.headAfter)
        number("ended_after", attempt.endedAfter)
        number("status", attempt.status)
        text("reason", attempt.reason?.rawValue)
        text("upstream_request_id", attempt.upstreamRequestID)
        flag("reused_connection", attempt.reusedConnection)
        number("parked", attempt.parked)
        usage(attempt.usage, source: attempt.usageSource, cost: attempt.cost)
        end()
    }

    mutating func usage(_ usage: Usage, source: UsageSource, cost: Money?) {
        money("cost_usd", cost)
        text("usage_source", source.rawValue)
        member("usage", "")
        begin()
        number("input_tokens", usage.input)
        number("cache_read_tokens", usage.cacheRead)
        number("cache_write_short_tokens", usage.cacheWriteShort)
        number("cache_write_long_tokens", usage.cacheWriteLong)
        number("output_tokens", usage.output)
        number("reasoning_tokens", usage.reasoning)
        number("web_searches", usage.webSearches)
        text("service_tier", usage.serviceTier)
        text("speed", usage.speed)
        text("inference_geo", usage.inferenceGeo)
        money("stated_cost_usd", usage.statedCost)
        flag("is_estimated", usage.isEstimated)
        list("parts", usage.parts) { $0.part($1) }
        end()
    }

    private mutating func part(_ part: Usage.Part) {
        begin()
        text("model", part.model)
        number("input_tokens", part.input)
        number("cache_read_tokens", part.cacheRead)
        number("cache_write_short_tokens", part.cacheWriteShort)
        number("cache_write_long_tokens", part.cacheWriteLong)
        number("output_tokens", part.output)
        end()
    }
}
