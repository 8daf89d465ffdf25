/// A small fast generator (SplitMix64); same seed, same numbers.
struct SplitMix: RandomNumberGenerator, Sendable {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number in 0..<1.
    mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}

/// Makes answers: words with accents, other scripts and emoji, so that split characters happen.
enum Text {
    /// Text of exactly `tokens` tokens by the estimator, cut at a Unicode scalar.
    static func answer(tokens: Int, seed: UInt64) -> [UInt8] {
        let limit = tokens * 4
        var out: [UInt8] = []
        guard limit > 0 else { return out }
        out.reserveCapacity(limit + 32)
        var random = SplitMix(seed: seed)
        while out.count < limit {
            let number = random.next()
            if !out.isEmpty { out.append(UInt8(ascii: number >> 40 & 15 == 0 ? "\n" : " ")) }
            out.append(contentsOf: words[Int(truncatingIfNeeded: number & 0xFFFF) % words.count])
        }
        return Array(out[..<boundary(of: out[...], atMost: limit)])
    }

    /// Text cut into pieces of one token each: at most 4 bytes, at scalar borders, never empty.
    static func nextPiece(of text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard text.count > 4 else { return text }
        let end = boundary(of: text, atMost: 4)
        return text[text.startIndex..<(text.startIndex + end)]
    }

    /// The longest scalar-aligned prefix of at most `limit` bytes, in bytes.
    static func boundary(of text: ArraySlice<UInt8>, atMost limit: Int) -> Int {
        guard text.count > limit else { return text.count }
        var end = limit
        while end > 0, text[text.startIndex + end] & 0xC0 == 0x80 { end -= 1 }
        return end == 0 ? limit : end
    }

    /// True when the bytes of `word` occur in the text; no normalisation, and so cheap on long prompts.
    static func contains(_ text: String, _ word: String) -> Bool {
        offset(of: Array(word.utf8), in: text.utf8) != nil
    }

    /// Where the bytes of `word` begin in `text`, in bytes; `nil` when they do not occur or are none.
    static func offset(of word: [UInt8], in text: some Collection<UInt8>) -> Int? {
        let found = text.withContiguousStorageIfAvailable { text -> Int? in
            guard let first = word.first, text.count >= word.count else { return nil }
            for at in 0...(text.count - word.count) where text[at] == first {
                if word.indices.allSatisfy({ text[at + $0] == word[$0] }) { return at }
            }
            return nil
        }
        return found ?? nil
    }

    /// Up to `count` characters of an alphabet that ids are made of.
    static func identifier(_ prefix: String, seed: UInt64, count: Int = 24) -> String {
        var random = SplitMix(seed: seed)
        var out = Array(prefix.utf8)
        var bits: UInt64 = 0
        for index in 0..<count {
            if index % 10 == 0 { bits = random.next() }
            out.append(alphabet[Int(truncatingIfNeeded: bits & 63) % alphabet.count])
            bits >>= 6
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)

    private static let words: [[UInt8]] = """
        the a of to and in is that it for as with on at by from this which be are or an was but not \
        water river weir stream flow gate level bank rain spring source delta current depth channel \
        answer model token prompt request reply cache prefix ledger cost price budget route provider \
        small large quick slow steady bright quiet clear careful exact honest plain simple useful \
        naïve café façade Zürich señor smörgås Ångström déjà élève coöperate œuvre \
        Ω λ π → ≈ ∞ “quoted” ‘single’ … — € £ \
        вода река поток 日本語 水の流れ 水门 河流 한국어 물 العربية नदी ไทย \
        🙂 🌊 🚰 🐟 👩‍💻 👨‍👩‍👧‍👦 🏳️‍🌈 👍🏽 𝛑 𠜎 \
        "why?" path\\to {json} <b>&amp;</b> 42 3.14 100%
        """.split(separator: " ").map { Array($0.utf8) }
}
