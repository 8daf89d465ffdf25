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
        var resets = InlineArray<4, Int>(repeating: -1)
        var isEmpty = true
        for index in head.fields.indices where head.fields[index].kind == .rateLimit {
            let field = head.fields[index]
            guard let (scope, figure) = RateLimitName.read(head.bytes[field.name]) else { continue }
            if figure == .reset {
                resets[scope.rawValue] = index
                continue
            }
            guard let number = head.bytes[field.value].leadingWholeNumber() else { continue }
            isEmpty = false
            limits.with(scope) { if figure == .limit { $0.limit = number } else { $0.remaining = number } }
        }
        if isEmpty { return nil }
        for scope in RateLimitName.Scope.allCases where resets[scope.rawValue] >= 0 {
            limits.with(scope) { limit in
                guard limit.isLow else { return }
                limit.reset = ResetTime.read(head.bytes[head.fields[resets[scope.rawValue]].value], now: now)
            }
        }
        return limits
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

/// What the name of a rate-limit field says.
enum RateLimitName {
    enum Scope: Int, CaseIterable { case requests, tokens, inputTokens, outputTokens }
    enum Figure { case limit, remaining, reset }

    /// True for the names whose fields tell of a provider's limits; whole families, known members or not.
    @inline(__always)
    static func isMember(_ name: ArraySlice<UInt8>) -> Bool {
        switch name.first.map(\.foldedCase) {
        case UInt8(ascii: "x"): name.count >= 12 && name.prefix(12).equalsIgnoringCase("x-ratelimit-")
        case UInt8(ascii: "a"):
            name.count >= 15
                && (name.prefix(20).equalsIgnoringCase("anthropic-ratelimit-")
                    || name.prefix(19).equalsIgnoringCase("anthropic-priority-")
                    || name.prefix(15).equalsIgnoringCase("anthropic-fast-"))
        default: false
        }
    }

    /// `nil` for a member of the families that tells of something else.
    static func read(_ name: ArraySlice<UInt8>) -> (Scope, Figure)? {
        guard let first = name.first else { return nil }
        if first.foldedCase == UInt8(ascii: "x") { return readOpenAI(name.dropFirst(12)) }
        guard name.count > 20, name.prefix(20).equalsIgnoringCase("anthropic-ratelimit-") else { return nil }
        return readAnthropic(name.dropFirst(20))
    }

    /// "input-tokens-remaining".
    private static func readAnthropic(_ rest: ArraySlice<UInt8>) -> (Scope, Figure)? {
        guard let dash = rest.lastIndex(of: UInt8(ascii: "-")), let figure = figure(rest[(dash + 1)...])
        else { return nil }
        let scope = rest[..<dash]
        if scope.equalsIgnoringCase("requests") { return (.requests, figure) }
        if scope.equalsIgnoringCase("tokens") { return (.tokens, figure) }
        if scope.equalsIgnoringCase("input-tokens") { return (.inputTokens, figure) }
        return scope.equalsIgnoringCase("output-tokens") ? (.outputTokens, figure) : nil
    }

    /// "remaining-tokens", "remaining-req-minute", or "remaining" alone, which counts requests.
    private static func readOpenAI(_ rest: ArraySlice<UInt8>) -> (Scope, Figure)? {
        let dash = rest.firstIndex(of: UInt8(ascii: "-")) ?? rest.endIndex
        guard let figure = figure(rest[..<dash]) else { return nil }
        let scope = rest[dash...].dropFirst()
        if scope.isEmpty || scope.equalsIgnoringCase("requests") { return (.requests, figure) }
        if scope.equalsIgnoringCase("tokens") { return (.tokens, figure) }
        for word: StaticString in ["req-minute", "requests-minute", "requests-day"]
        where scope.equalsIgnoringCase(word) { return (.requests, figure) }
        if scope.equalsIgnoringCase("tokens-minute") { return (.tokens, figure) }
        if scope.equalsIgnoringCase("tokens-prompt") { return (.inputTokens, figure) }
        return scope.equalsIgnoringCase("tokens-generated") ? (.outputTokens, figure) : nil
    }

    private static func figure(_ word: ArraySlice<UInt8>) -> Figure? {
        if word.equalsIgnoringCase("limit") { return .limit }
        if word.equalsIgnoringCase("remaining") { return .remaining }
        return word.equalsIgnoringCase("reset") ? .reset : nil
    }
}
