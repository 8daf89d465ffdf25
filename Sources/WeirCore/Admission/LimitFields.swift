extension LimitFigures {
    /// The header fields that tell them, in the names and forms of the caller's dialect.
    ///
    /// Anthropic: `anthropic-ratelimit-{requests,tokens}-{limit,remaining,reset}`, the reset as a time (RFC
    /// 3339) at which nothing is used, rounded up to a second. OpenAI and everything else:
    /// `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, the reset as the time until then ("6m0s").
    package func fields(_ dialect: Dialect, now: Int64) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        forEach(dialect, now) { name, value in fields.append((name: "\(name)", value: value.text)) }
        return fields
    }

    /// Bytes that `writeLines` may need.
    package static let mostBytes = 512

    /// Writes the same as lines of a head, each with its line end, and returns how many bytes they are.
    ///
    /// - Parameter out: of `mostBytes` or more; with less nothing is written.
    package func writeLines(_ dialect: Dialect, now: Int64, to out: UnsafeMutableRawBufferPointer) -> Int {
        guard out.count >= Self.mostBytes, let base = out.baseAddress else { return 0 }
        var at = 0
        func put(_ byte: UInt8) {
            base.storeBytes(of: byte, toByteOffset: at, as: UInt8.self)
            at += 1
        }
        forEach(dialect, now) { name, value in
            (base + at).copyMemory(from: name.utf8Start, byteCount: name.utf8CodeUnitCount)
            at += name.utf8CodeUnitCount
            put(0x3A)
            put(0x20)
            switch value {
            case .text(let text): for byte in text.utf8 { put(byte) }
            case .number(let number):
                let end = at + Self.digits(of: number)
                var (place, rest) = (end, number)
                repeat {
                    place -= 1
                    base.storeBytes(of: UInt8(48 + rest % 10), toByteOffset: place, as: UInt8.self)
                    rest /= 10
                } while place > at
                at = end
            }
            put(0x0D)
            put(0x0A)
        }
        return at
    }

    private enum Value {
        case number(UInt)
        /// Of at most 24 bytes.
        case text(String)

        var text: String {
            switch self {
            case .number(let number): String(number)
            case .text(let text): text
            }
        }
    }

    @inline(__always)
    private func forEach(_ dialect: Dialect, _ now: Int64, _ body: (StaticString, Value) -> Void) {
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
        func tell(_ names: Names, _ figure: Figure) {
            body(names.limit, .number(UInt(max(0, figure.limit))))
            body(names.remaining, .number(UInt(max(0, figure.remaining))))
            body(names.reset, .text(reset(figure)))
        }
        if let requests { tell(isAnthropic ? Self.anthropicRequests : Self.openAIRequests, requests) }
        if let tokens { tell(isAnthropic ? Self.anthropicTokens : Self.openAITokens, tokens) }
    }

    private typealias Names = (limit: StaticString, remaining: StaticString, reset: StaticString)

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

    /// Digits of a number in decimal.
    private static func digits(of number: UInt) -> Int {
        var (count, rest) = (1, number)
        while rest >= 10 { (count, rest) = (count + 1, rest / 10) }
        return count
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
