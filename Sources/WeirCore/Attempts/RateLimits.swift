/// What a reply's head tells of its credential's limits.
package struct RateLimits: Sendable, Equatable {
    /// One limit; `nil` where the head does not say.
    package struct Limit: Sendable, Equatable {
        package var limit: Int?
        package var remaining: Int?
        /// When it is full again, microseconds since 1970; read only where under a tenth is left.
        package var reset: Int64?

        package init(limit: Int? = nil, remaining: Int? = nil, reset: Int64? = nil) {
            self.limit = limit
            self.remaining = remaining
            self.reset = reset
        }

        /// Under a tenth is left; also where only what is left is told, and that is nothing.
        var isLow: Bool {
            guard let remaining else { return false }
            return remaining <= 0 || remaining * 10 < limit ?? 0
        }
    }

    package var requests = Limit()
    /// Input and output together.
    package var tokens = Limit()
    package var inputTokens = Limit()
    package var outputTokens = Limit()

    package init() {}

    /// Reads the fields that the head's parser marked; `nil` where none of them tells anything.
    ///
    /// Anthropic's `anthropic-ratelimit-*`, and `x-ratelimit-*` in the forms of OpenAI, Groq, Mistral,
    /// Cerebras, Fireworks, Together and OpenRouter. What a name does not tell by its form is left alone.
    package static func read(_ head: ReplyHead, now: Int64) -> RateLimits? {
        var limits = RateLimits()
        var isEmpty = true
        head.bytes.withUnsafeBufferPointer { bytes in
            for field in head.fields where field.kind == .rateLimit {
                let name = UnsafeBufferPointer(rebasing: bytes[field.name])
                guard !RateLimitName.mayBeReset(name), let (scope, figure) = RateLimitName.read(name),
                    let number = wholeNumber(bytes[field.value])
                else { continue }
                isEmpty = false
                limits.with(scope) {
                    if figure == .limit { $0.limit = number } else { $0.remaining = number }
                }
            }
        }
        if isEmpty { return nil }
        if limits.isLow { limits.readResets(head, now: now) }
        return limits
    }

    private var isLow: Bool { requests.isLow || tokens.isLow || inputTokens.isLow || outputTokens.isLow }

    /// Reads when the limits that are low are full again; the last field of a scope counts.
    private mutating func readResets(_ head: ReplyHead, now: Int64) {
        for field in head.fields where field.kind == .rateLimit {
            let name = head.bytes[field.name].withUnsafeBufferPointer { RateLimitName.read($0) }
            guard let (scope, figure) = name, figure == .reset else { continue }
            with(scope) { limit in
                guard limit.isLow else { return }
                limit.reset = ResetTime.read(head.bytes[field.value], now: now)
            }
        }
    }

    /// The whole number before a decimal point or the end; `nil` for anything else.
    @inline(__always)
    private static func wholeNumber(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        let text = UnsafeBufferPointer(rebasing: text)
        if let number = text.wholeNumber() { return number }
        return text.firstIndex(of: UInt8(ascii: ".")).flatMap { text[..<$0].wholeNumber() }
    }

    /// When the limits that are used up are full again; `nil` where none is, or the head does not say when.
    package var usedUpUntil: Int64? {
        [requests, tokens, inputTokens, outputTokens].compactMap { limit -> Int64? in
            guard let remaining = limit.remaining, remaining <= 0 else { return nil }
            return limit.reset
        }.max()
    }

    @inline(__always)
    private mutating func with(_ scope: RateLimitName.Scope, _ body: (inout Limit) -> Void) {
        switch scope {
        case .requests: body(&requests)
        case .tokens: body(&tokens)
        case .inputTokens: body(&inputTokens)
        case .outputTokens: body(&outputTokens)
        }
    }
}
