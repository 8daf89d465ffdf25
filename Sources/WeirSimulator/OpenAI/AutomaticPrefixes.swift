/// The prefixes of one prompt that OpenAI's cache tells apart, on the machine that serves it.
///
/// A prefix is the canonical bytes of tools, instructions and messages; 4 bytes are a token.
struct AutomaticPrefixes: Sendable {
    /// A prefix that the request marks itself; it ends exactly there, not at a step.
    struct Point: Sendable {
        let digest: Digest
        let tokens: Int
        let lifetime: Int
    }

    /// The prefixes of 1,024, 1,152, … tokens.
    let steps: [Digest]
    /// Marked prefixes of at least 1,024 tokens, in prompt order; no more than matching looks at.
    let points: [Point]

    /// Tokens of the longest prefix that ends at a step; 0 when the prompt is too short for one.
    var stepped: Int { steps.isEmpty ? 0 : Self.tokens(step: steps.count - 1) }

    /// Tokens of one of `steps`.
    static func tokens(step: Int) -> Int { AutomaticCache.minimum + step * AutomaticCache.step }

    /// Bytes at the beginning of a prompt by which it is routed: 256 tokens.
    private static let routed = 1_024

    /// Which machine a prompt goes to first: its beginning, with the key where there is one.
    static func home(_ prompt: [UInt8], _ terms: OpenAICacheTerms, scope: String) -> Digest {
        var home = Digest(seed: 0x4F41)
        home.add(scope)
        home.add(prompt.prefix(routed))
        home.add(terms.key ?? "")
        return home
    }

    init(_ prompt: [UInt8], _ terms: OpenAICacheTerms, machine: Digest) {
        var steps: [Digest] = []
        var digest = machine
        var start = 0
        var end = AutomaticCache.minimum * 4
        while end <= prompt.count {
            digest.add(prompt[start..<end])
            steps.append(digest)
            start = end
            end += AutomaticCache.step * 4
        }
        self.steps = steps
        points = terms.breakpoints.suffix(AutomaticCache.matched).compactMap { point in
            let tokens = point.end / 4
            guard tokens >= AutomaticCache.minimum, point.end <= prompt.count else { return nil }
            let step = (tokens - AutomaticCache.minimum) / AutomaticCache.step
            guard steps.indices.contains(step) else { return nil }
            var digest = steps[step]
            digest.add(prompt[(Self.tokens(step: step) * 4)..<point.end])
            digest.add("breakpoint")
            return Point(digest: digest, tokens: tokens, lifetime: point.lifetime)
        }
    }
}
