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

    /// Bytes that `writeLines` may need: six lines of a name, a value of at most 24, and four marks.
    package static let mostBytes = 512

    /// Writes the same as lines of a head, each with its line end, and returns how many bytes they are.
    ///
    /// - Parameter out: of `mostBytes` or more; with less nothing is written.
    package func writeLines(_ dialect: Dialect, now: Int64, to out: UnsafeMutableRawBufferPointer) -> Int {
        guard out.count >= Self.mostBytes, let base = out.baseAddress else { return 0 }
        var at = base
        forEach(dialect, now) { name, value in
            at.copyMemory(from: name.utf8Start, byteCount: name.utf8CodeUnitCount)
            at += name.utf8CodeUnitCount
            at.storeBytes(of: UInt16(0x203A).littleEndian, as: UInt16.self)
            at += 2
            at += value.write(to: at)
            at.storeBytes(of: UInt16(0x0A0D).littleEndian, as: UInt16.self)
            at += 2
        }
        return at - base
    }

    private enum Value {
        case number(Int)
        /// A second since 1970, as a time.
        case moment(Int64)
        /// Microseconds, as a span of time.
        case span(Int64)

        var text: String {
            switch self {
            case .number(let number): String(number)
            case .moment(let second): Timestamp.rfc3339(second * 1_000_000)
            case .span(let micros): LimitFigures.span(micros)
            }
        }

        @inline(__always)
        func write(to out: UnsafeMutableRawPointer) -> Int {
            switch self {
            case .number(let number): return DecimalText.write(UInt(max(0, number)), to: out)
            case .moment(let second): return Timestamp.writeRFC3339(second: second, to: out)
            case .span(let micros):
                var count = 0
                for byte in LimitFigures.span(micros).utf8.prefix(24) {
                    out.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
                    count += 1
                }
                return count
            }
        }
    }

    @inline(__always)
    private func forEach(_ dialect: Dialect, _ now: Int64, _ body: (StaticString, Value) -> Void) {
        let isAnthropic = dialect == .anthropic
        func tell(_ names: Names, _ figure: Figure) {
            body(names.limit, .number(max(0, figure.limit)))
            body(names.remaining, .number(max(0, figure.remaining)))
            let reset: Value =
                isAnthropic
                ? .moment((now + figure.untilFull + 999_999) / 1_000_000) : .span(figure.untilFull)
            body(names.reset, reset)
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
