/// OpenAI's implicit prompt cache: earlier prefixes of 1,024 tokens and more, in steps of 128.
///
/// A prefix is the canonical bytes of tools and messages; 4 bytes are a token, so a step is 512 bytes.
struct PrefixBook: Sendable {
    static let minimum = 1_024
    static let step = 128
    /// Prefixes kept; the oldest goes first.
    static let limit = 200_000
    /// Seconds an unused prefix lives; the guide says 5 to 10 minutes.
    static let lifetime: Double = 600

    private var expiry: [Digest: Double] = [:]
    private var order: [Digest] = []
    private var dropped = 0

    /// Fingerprints of the prefixes of 1,024, 1,152, … tokens.
    static func digests(of prompt: [UInt8], scope: String) -> [Digest] {
        var digest = Digest(seed: 0x4F41)
        digest.add(scope)
        var digests: [Digest] = []
        var start = 0
        var end = minimum * 4
        while end <= prompt.count {
            digest.add(prompt[start..<end])
            digests.append(digest)
            start = end
            end += step * 4
        }
        return digests
    }

    /// Tokens of the longest live prefix; 0 when there is none.
    func cachedTokens(_ digests: [Digest], now: Double) -> Int {
        guard let index = digests.lastIndex(where: { (expiry[$0] ?? 0) > now }) else { return 0 }
        return Self.minimum + index * Self.step
    }

    mutating func commit(_ digests: [Digest], now: Double) {
        for digest in digests {
            if expiry.updateValue(now + Self.lifetime, forKey: digest) == nil { order.append(digest) }
        }
        while order.count - dropped > Self.limit {
            expiry.removeValue(forKey: order[dropped])
            dropped += 1
        }
        guard dropped > Self.limit else { return }
        order.removeFirst(dropped)
        dropped = 0
    }
}
