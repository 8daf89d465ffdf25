extension LimitFigures {
    /// The header fields that tell them, in the names and forms of the caller's dialect.
    ///
    /// Anthropic: `anthropic-ratelimit-{requests,tokens}-{limit,remaining,reset}`, the reset as a time (RFC
    /// 3339) at which nothing is used, rounded up to a second. OpenAI and everything else:
    /// `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, the reset as the time until then ("6m0s").
    package func fields(_ dialect: Dialect, now: Int64) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        add(to: &fields, dialect, now: now)
        return fields
    }

    /// Adds the same to others.
    package func add(to fields: inout [(name: String, value: String)], _ dialect: Dialect, now: Int64) {
        let isAnthropic = dialect == .anthropic
        // The time written last: mostly both buckets are full in the same second.
        var written: (second: Int64, text: String)?
        func reset(_ figure: Figure) -> String {
            guard isAnthropic else { return Self.span(figure.untilFull) }
            let second = (now + figure.untilFull + 999_999) / 1_000_000
            if let written, written.second == second { return written.text }
            let text = Timestamp.rfc3339(second * 1_000_000)
            written = (second, text)
            return text
        }
        if let requests {
            let names = isAnthropic ? Self.anthropicRequests : Self.openAIRequests
            Self.add(names, requests, reset(requests), &fields)
        }
        if let tokens {
            let names = isAnthropic ? Self.anthropicTokens : Self.openAITokens
            Self.add(names, tokens, reset(tokens), &fields)
        }
    }

    private typealias Names = (limit: String, remaining: String, reset: String)

    private static let anthropicRequests: Names = (
        "anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-reset"
    )
    private static let anthropicTokens: Names = (
        "anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-tokens-reset"
    )
    private static let openAIRequests: Names = (
        "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"
    )
    private static let openAITokens: Names = (
        "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"
    )

    private static func add(
        _ names: Names, _ figure: Figure, _ reset: String, _ fields: inout [(name: String, value: String)]
    ) {
        fields.append((name: names.limit, value: digits(figure.limit)))
        fields.append((name: names.remaining, value: digits(figure.remaining)))
        fields.append((name: names.reset, value: reset))
    }

    /// A number in decimal, at a third of what `String.init` takes; negative ones count as 0.
    private static func digits(_ number: Int) -> String {
        let number = UInt(max(0, number))
        var (count, bound) = (1, UInt(10))
        while count < 19, number >= bound { (count, bound) = (count + 1, bound * 10) }
        return String(unsafeUninitializedCapacity: count) { bytes in
            var rest = number
            for index in (0..<count).reversed() {
                bytes[index] = UInt8(48 + rest % 10)
                rest /= 10
            }
            return count
        }
    }

    /// Microseconds as OpenAI writes them, rounded up: "0s", "20ms", "17s", "6m0s", "1h0m0s".
    static func span(_ micros: Int64) -> String {
        if micros <= 0 { return "0s" }
        let milliseconds = (micros + 999) / 1000
        if milliseconds < 1000 { return "\(milliseconds)ms" }
        let seconds = (micros + 999_999) / 1_000_000
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3600 { return "\(seconds / 60)m\(seconds % 60)s" }
        return "\(seconds / 3600)h\(seconds / 60 % 60)m\(seconds % 60)s"
    }
}

extension LimitRefusal {
    /// `retry-after-ms`, in dialects whose clients read it: exact where `retry-after` is whole seconds.
    package func retryFields(_ dialect: Dialect) -> [(name: String, value: String)] {
        guard dialect != .anthropic else { return [] }
        return [(name: "retry-after-ms", value: String((retryAfter + 999) / 1000))]
    }
}
