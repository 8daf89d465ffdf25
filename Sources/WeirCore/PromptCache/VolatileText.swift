/// Text that changes from request to request by its nature: dates, random tokens, counters.
///
/// A token is a run of ASCII letters and digits, joined by `-`, `_`, `:`, `.`, `/` or `+`. One with a digit,
/// and the English name of a month or a day of the week, is masked in the hash below; two texts that differ
/// while their masked hashes agree differ in such tokens only.
enum VolatileText {
    /// Hashes of one text, made in one pass over it.
    struct Hashes: Equatable {
        /// Without any whitespace, JSON's `\n`, `\r` and `\t` included.
        var letters: UInt32
        /// Without whitespace, and with one mark in place of each masked token.
        var masked: UInt32
    }

    static func hashes(of text: UnsafeRawBufferPointer) -> Hashes {
        var letters = WordHash()
        var masked = WordHash()
        var i = 0
        while i < text.count {
            let c = text[i]
            if isTokenByte(c) {
                let end = tokenEnd(text, i)
                let token = UnsafeRawBufferPointer(rebasing: text[i..<end])
                let isMasked = hasDigit(token) || CalendarName(token) != nil
                if isMasked { masked.add(1) }
                for byte in token {
                    letters.add(byte)
                    if !isMasked { masked.add(byte) }
                }
                i = end
            } else {
                let width = spaceWidth(text, i)
                if width > 0 {
                    i += width
                } else {
                    letters.add(c)
                    masked.add(c)
                    i += 1
                    // The letter of an escape belongs to the escape, not to the token behind it.
                    if c == 0x5C, i < text.count {
                        letters.add(text[i])
                        masked.add(text[i])
                        i += 1
                    }
                }
            }
        }
        return Hashes(letters: letters.result, masked: masked.result)
    }

    /// The first thing in the window that looks as if it changed by its nature, and its offset in the text.
    ///
    /// Times are looked for first, then dates, names of days, random tokens and numbers; the tokens at the
    /// window's edges count whole.
    static func find(
        in text: UnsafeRawBufferPointer, window: Range<Int>
    ) -> (kind: PromptChange.Kind, offset: Int)? {
        let window = window.clamped(to: 0..<text.count)
        var i = window.lowerBound
        // Back to the start of a token that reaches into the window, by no more than any token of interest.
        while i > 0, window.lowerBound - i < 64, isTokenByte(text[i - 1]) || isJoint(text[i - 1]) { i -= 1 }
        var found: (look: VolatileToken.Look, offset: Int)?
        var previous: VolatileToken?
        while i < window.upperBound {
            guard isTokenByte(text[i]) else {
                i += text[i] == 0x5C ? 2 : 1
                continue
            }
            let end = tokenEnd(text, i)
            let token = VolatileToken(
                UnsafeRawBufferPointer(rebasing: text[i..<end]), at: i, after: previous)
            if let look = token.look, look < found?.look ?? .none { found = (look, i) }
            // "21 November": the number became a date by what followed it.
            if token.isMonth, let number = previous, number.isDayOrYear, .date < found?.look ?? .none {
                found = (.date, number.offset)
            }
            previous = token
            i = end
        }
        return found.flatMap { found in found.look.kind.map { ($0, found.offset) } }
    }

    // MARK: Tokens

    static func isTokenByte(_ c: UInt8) -> Bool { isDigit(c) || isLetter(c) }

    static func isDigit(_ c: UInt8) -> Bool { c &- 0x30 < 10 }

    static func isLetter(_ c: UInt8) -> Bool { (c | 0x20) &- 0x61 < 26 }

    static func isJoint(_ c: UInt8) -> Bool {
        switch c {
        case 0x2D, 0x5F, 0x3A, 0x2E, 0x2F, 0x2B: true
        default: false
        }
    }

    /// The end of the token at `start`; a joint at its very end is no part of it.
    private static func tokenEnd(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int {
        var i = start
        while i < text.count {
            if isTokenByte(text[i]) {
                i += 1
            } else if isJoint(text[i]), i + 1 < text.count, isTokenByte(text[i + 1]) {
                i += 2
            } else {
                break
            }
        }
        return i
    }

    private static func hasDigit(_ token: UnsafeRawBufferPointer) -> Bool {
        for byte in token where isDigit(byte) { return true }
        return false
    }

    /// Bytes of whitespace at an offset: 1, 2 for a JSON escape of one, 0 for none.
    private static func spaceWidth(_ text: UnsafeRawBufferPointer, _ i: Int) -> Int {
        switch text[i] {
        case 0x20, 0x0A, 0x0D, 0x09: return 1
        case 0x5C where i + 1 < text.count:
            let next = text[i + 1]
            return next == 0x6E || next == 0x72 || next == 0x74 ? 2 : 0
        default: return 0
        }
    }
}

/// A running hash of bytes, eight at a step.
private struct WordHash {
    private var state: UInt64 = 0x6A09_E667_F3BC_C909
    private var word: UInt64 = 0
    private var count: UInt64 = 0

    @inline(__always)
    mutating func add(_ byte: UInt8) {
        word = word << 8 | UInt64(byte)
        count &+= 1
        if count & 7 == 0 { mix() }
    }

    private mutating func mix() {
        let product = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        state = product.high ^ product.low &+ word
    }

    var result: UInt32 {
        var end = self
        end.word = word ^ (count << 56)
        end.mix()
        return UInt32(truncatingIfNeeded: end.state ^ end.state >> 32)
    }
}
