/// Where the text of a JSON string is cut into deltas.
enum TextPieces {
    /// Longest piece in bytes as written, unless one character alone is longer.
    static let maxBytes = 96

    /// Ranges of the pieces, without quotes; none for an empty string.
    ///
    /// Cut between characters: never inside of an escape, a pair of surrogates or a UTF-8 sequence.
    static func cut(_ text: JSONBytes, _ string: Range<Int>, maxBytes: Int = maxBytes) -> [Range<Int>] {
        let end = string.upperBound - 1
        var start = string.lowerBound + 1
        var pieces: [Range<Int>] = []
        pieces.reserveCapacity((end - start) / maxBytes + 1)
        var i = start
        while i < end {
            let next = min(end, i + width(text, i, end))
            if next - start > maxBytes, i > start {
                pieces.append(start..<i)
                start = i
            }
            i = next
        }
        if start < end { pieces.append(start..<end) }
        return pieces
    }

    /// Bytes of the character at `i`.
    private static func width(_ text: JSONBytes, _ i: Int, _ end: Int) -> Int {
        let c = text.byte(at: i)
        if c == 0x5C {
            guard text.byte(at: i + 1) == 0x75 else { return 2 }
            let isHigh = text.byte(at: i + 2) | 0x20 == 0x64 && "89abAB".utf8.contains(text.byte(at: i + 3))
            return isHigh && text.byte(at: i + 6) == 0x5C && text.byte(at: i + 7) == 0x75 ? 12 : 6
        }
        if c < 0x80 { return 1 }
        var width = 1
        while i + width < end, text.byte(at: i + width) & 0xC0 == 0x80, width < 4 { width += 1 }
        return width
    }

    /// The tokens that make up a text, one for each entry of its `logprobs`, with their quotes.
    ///
    /// Nil where they do not spell the text: tokens that end inside a character are written otherwise.
    static func tokens(_ text: JSONBytes, _ string: Range<Int>, _ logprobs: [Range<Int>]) -> [Range<Int>]? {
        var tokens: [Range<Int>] = []
        var spelled: [UInt8] = []
        for entry in logprobs {
            guard let entry = try? ReplyMembers(text, entry.lowerBound), let token = entry["token"],
                text.isString(token)
            else { return nil }
            tokens.append(token)
            spelled += text.decoded(token)
        }
        return spelled == text.decoded(string) ? tokens : nil
    }
}
