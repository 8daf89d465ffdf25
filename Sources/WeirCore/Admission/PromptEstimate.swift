/// How many tokens of a caller's prompts will count, learned from those before.
///
/// Four bytes are taken as a token. Of an agent's long prompts most is read from a cache and does not count,
/// and images have far more bytes than tokens; so the guess is scaled by what counted of the last million
/// tokens so guessed. At first, that is all.
package struct PromptEstimate: Sendable, Equatable {
    /// Least share of a guess, as a divisor: so a prompt that no cache holds is at most this much more.
    package static let leastShare = 8
    private static let window = 1 << 20
    private static let beginning = 1 << 13
    private static let bytesPerToken = 4
    /// Largest number of tokens in a guess, so that products never overflow.
    private static let most = 1 << 40

    private var guessed = beginning
    private var counted = beginning

    package init() {}

    /// The guess of a prompt by its size alone; at least 1.
    package static func tokens(ofBytes bytes: Int) -> Int { max(1, bytes / bytesPerToken) }

    /// What of a guess will count; at least 1.
    package func scaled(_ guess: Int) -> Int {
        let guess = min(guess, Self.most)
        return max(1, guess / Self.leastShare, min(guess * counted / guessed, guess * 2))
    }

    /// Learns what counted of a prompt that was guessed.
    package mutating func learn(guess: Int, counted amount: Int) {
        guessed += min(max(0, guess), Self.window)
        counted += min(max(0, amount), Self.window)
        while guessed > Self.window || counted > 2 * Self.window {
            guessed = max(1, guessed / 2)
            counted /= 2
        }
    }
}

extension Usage {
    /// Input tokens that count against limits: all but those read from a cache, as providers count.
    package var limitedInput: Int {
        guard parts.isEmpty else {
            return parts.reduce(0) {
                $0 + Self.sane($1.input) + Self.sane($1.cacheWriteShort) + Self.sane($1.cacheWriteLong)
            }
        }
        return Self.sane(input) + Self.sane(cacheWriteShort) + Self.sane(cacheWriteLong)
    }

    /// Output tokens, all of which count.
    package var limitedOutput: Int {
        parts.isEmpty ? Self.sane(output) : parts.reduce(0) { $0 + Self.sane($1.output) }
    }
}

extension RequestFacts {
    /// Bytes of the members that are prompt, white space and JSON's own signs included.
    package var promptBytes: Int {
        (systemRange?.count ?? 0) + (toolsRange?.count ?? 0) + (messagesRange?.count ?? 0)
            + (inputRange?.count ?? 0) + (instructionsRange?.count ?? 0)
    }
}
