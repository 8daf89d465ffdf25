/// What the name of a rate-limit field says.
enum RateLimitName {
    enum Scope: Int, CaseIterable { case requests, tokens, inputTokens, outputTokens }
    enum Figure { case limit, remaining, reset }

    /// True for the names whose fields tell of a provider's limits; whole families, known members or not.
    @inline(__always)
    static func isMember(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard name.count >= 12 else { return false }
        switch name[0] | 0x20 {
        case UInt8(ascii: "x"): return FoldedName.begins(name, "x-ratelimit-")
        case UInt8(ascii: "a"):
            return FoldedName.begins(name, "anthropic-ratelimit-") || FoldedName.begins(name, "anthropic-priority-")
                || FoldedName.begins(name, "anthropic-fast-")
        default: return false
        }
    }

    /// False only for names that do not tell when a limit is full again: "…-reset", "x-ratelimit-reset…".
    @inline(__always)
    static func mayBeReset(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard name.count >= 17, let start = name.baseAddress else { return false }
        let isOpenAI = name[0] | 0x20 == UInt8(ascii: "x")
        let word = UnsafeBufferPointer(start: start + (isOpenAI ? 12 : name.count - 5), count: 5)
        return FoldedName.matches(word, "reset")
    }

    /// Reads a name of those families; `nil` for a member that tells of something else.
    static func read(_ name: UnsafeBufferPointer<UInt8>) -> (Scope, Figure)? {
        guard name.count >= 12 else { return nil }
        if name[0] | 0x20 == UInt8(ascii: "x") { return readOpenAI(name[12...]) }
        // Of the three families only this one has an "r" there.
        guard name.count > 20, name[10] | 0x20 == UInt8(ascii: "r") else { return nil }
        return readAnthropic(UnsafeBufferPointer(rebasing: name[20...]))
    }

    /// "input-tokens-remaining".
    private static func readAnthropic(_ rest: UnsafeBufferPointer<UInt8>) -> (Scope, Figure)? {
        // The figure's word is "remaining", or has five letters.
        let length = rest[rest.count - 1] | 0x20 == UInt8(ascii: "g") ? 9 : 5
        let dash = rest.count - length - 1
        guard dash >= 0, rest[dash] == UInt8(ascii: "-"), let figure = figure(rest[(dash + 1)...])
        else { return nil }
        let scope = UnsafeBufferPointer(rebasing: rest[..<dash])
        // One comparison each: all four differ in length.
        if FoldedName.matches(scope, "requests") { return (.requests, figure) }
        if FoldedName.matches(scope, "tokens") { return (.tokens, figure) }
        if FoldedName.matches(scope, "input-tokens") { return (.inputTokens, figure) }
        return FoldedName.matches(scope, "output-tokens") ? (.outputTokens, figure) : nil
    }

    /// "remaining-tokens", "remaining-req-minute", or "remaining" alone, which counts requests.
    private static func readOpenAI(_ rest: Slice<UnsafeBufferPointer<UInt8>>) -> (Scope, Figure)? {
        let dash = rest.firstIndex(of: UInt8(ascii: "-")) ?? rest.endIndex
        guard let figure = figure(rest[..<dash]) else { return nil }
        let scope = UnsafeBufferPointer(rebasing: rest[dash...].dropFirst())
        if scope.isEmpty || FoldedName.matches(scope, "requests") { return (.requests, figure) }
        if FoldedName.matches(scope, "tokens") { return (.tokens, figure) }
        if FoldedName.matches(scope, "req-minute") || FoldedName.matches(scope, "requests-minute")
            || FoldedName.matches(scope, "requests-day")
        {
            return (.requests, figure)
        }
        if FoldedName.matches(scope, "tokens-minute") { return (.tokens, figure) }
        if FoldedName.matches(scope, "tokens-prompt") { return (.inputTokens, figure) }
        return FoldedName.matches(scope, "tokens-generated") ? (.outputTokens, figure) : nil
    }

    @inline(__always)
    private static func figure(_ word: Slice<UnsafeBufferPointer<UInt8>>) -> Figure? {
        let word = UnsafeBufferPointer(rebasing: word)
        if FoldedName.matches(word, "limit") { return .limit }
        if FoldedName.matches(word, "remaining") { return .remaining }
        return FoldedName.matches(word, "reset") ? .reset : nil
    }
}
