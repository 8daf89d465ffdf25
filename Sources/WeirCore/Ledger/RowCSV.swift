/// Rows as CSV (RFC 4180): one line a request, of its attempts the number, the kinds and the credential
/// that served it; what is not known is an empty field.
///
/// A saving that there is none of is an empty field too: only JSON tells the two apart.
package enum RowCSV {
    /// Names of the columns, without a line break.
    package static let header = [
        "sequence", "id", "state", "reason", "received_at", "first_byte_after", "settled_after", "overhead",
        "caller", "project", "endpoint", "requested_model", "served_model", "provider", "is_stream", "status",
        "cost_usd", "usage_source", "input_tokens", "cache_read_tokens", "cache_write_short_tokens",
        "cache_write_long_tokens", "output_tokens", "reasoning_tokens", "web_searches", "service_tier",
        "session",
        "agent", "parent_agent", "tags", "user_agent", "bytes_in", "bytes_out", "system_hash", "tools_hash",
        "splices", "attempts", "attempt_kinds", "credential", "prefix", "caller_markers", "marks",
        "cache_decision", "change_kind", "change_path", "change_cost_usd",
    ].joined(separator: ",") + responseCacheColumns.map { ",\($0)" }.joined() + savingColumns

    /// Behind all others, one column a source: "saved_prompt_cache_usd".
    private static var savingColumns: String {
        Saving.Source.allCases.map { ",saved_\($0.rawValue)_usd" }.joined()
    }

    /// A row's fields in the order of `header`, without a line break.
    package static func line(_ row: Row) -> String {
        var line = CSVLine()
        line.add("\(row.sequence)")
        line.add(row.id)
        line.add(row.state.rawValue)
        line.add(row.reason?.rawValue)
        line.add(row.receivedAt)
        line.add(row.firstByteAfter)
        line.add(row.settledAfter)
        line.add(row.overhead)
        line.add(row.caller)
        line.add(row.project)
        line.add(row.endpoint.rawValue)
        line.add(row.requestedModel)
        line.add(row.servedModel)
        line.add(row.provider)
        line.add(row.isStream ? "true" : "false")
        line.add(Int64(row.status))
        line.add(row.cost?.description)
        line.add(row.usageSource.rawValue)
        for count in [
            row.usage.input, row.usage.cacheRead, row.usage.cacheWriteShort, row.usage.cacheWriteLong,
            row.usage.output, row.usage.reasoning, row.usage.webSearches,
        ] { line.add(count.map(Int64.init)) }
        line.add(row.usage.serviceTier)
        line.add(row.session)
        line.add(row.agent)
        line.add(row.parentAgent)
        line.add(row.tags)
        line.add(row.userAgent)
        line.add(row.bytesIn)
        line.add(row.bytesOut)
        line.add(row.systemHash.map(RowJSON.hexadecimal))
        line.add(row.toolsHash.map(RowJSON.hexadecimal))
        line.add(row.splices)
        line.add(Int64(row.attempts.count))
        line.add(row.attempts.isEmpty ? nil : row.attempts.map(\.kind.rawValue).joined(separator: "+"))
        line.add(row.servingAttempt?.credential)
        let figures = row.promptCache
        line.add(figures?.prefix.rawValue)
        line.add(figures.map { Int64($0.callerMarkers) })
        line.add(figures?.marks)
        line.add(figures?.decision.rawValue)
        line.add(figures?.change?.kind.rawValue)
        line.add(figures?.change?.path)
        line.add(figures?.changeCost?.description)
        line.add(row.responseCache)
        for source in Saving.Source.allCases {
            line.add(row.savings.first { $0.source == source }?.amount?.description)
        }
        return line.text
    }
}

/// Builds one line of CSV.
struct CSVLine {
    private(set) var text = ""
    private var isFirst = true

    mutating func add(_ number: Int64?) { add(number.map { "\($0)" }) }

    mutating func add(_ field: String?) {
        if !isFirst { text += "," }
        isFirst = false
        guard let field else { return }
        let needsQuotes = field.unicodeScalars.contains { [",", "\"", "\n", "\r"].contains($0) }
        guard needsQuotes else {
            text += field
            return
        }
        text += "\""
        for scalar in field.unicodeScalars {
            if scalar == "\"" { text += "\"" }
            text.unicodeScalars.append(scalar)
        }
        text += "\""
    }
}
