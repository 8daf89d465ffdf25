internal import CWeirScan

// Steps over parts of a text that was read as JSON before: they find ends and check nothing. In another text
// they end somewhere inside it or throw.
extension JSONBytes {
    /// Over one string; `open` is its first quote.
    @inline(__always)
    func skipCheckedString(_ open: Int) throws(JSONFault) -> Int {
        var i = open &+ 1
        // Names, types and identifiers end within the first words.
        while i &+ 8 <= count, i < open &+ 17 {
            let w = word(at: i) ^ 0x2222_2222_2222_2222
            let quotes = (w &- 0x0101_0101_0101_0101) & ~w & 0x8080_8080_8080_8080
            if quotes != 0 {
                let quote = i &+ quotes.trailingZeroBitCount >> 3
                if byte(at: quote &- 1) != 0x5C || quote == open &+ 1 { return quote &+ 1 }
                return try skipCheckedStringEnd(open, quote)
            }
            i &+= 8
        }
        return try skipCheckedStringEnd(open, i)
    }

    /// Over the rest of a string, from quote to quote: the one behind an even number of backslashes ends it.
    ///
    /// Linear: the backslashes in front of one quote are never counted for another.
    @inline(never)
    private func skipCheckedStringEnd(_ open: Int, _ start: Int) throws(JSONFault) -> Int {
        var i = start
        while true {
            let quote = weir_quote(base.assumingMemoryBound(to: UInt8.self), i, count)
            guard quote < count else { throw JSONFault(.closingQuote, at: count) }
            var slash = quote
            while slash > open &+ 1, byte(at: slash &- 1) == 0x5C { slash &-= 1 }
            if (quote &- slash) & 1 == 0 { return quote &+ 1 }
            i = quote &+ 1
        }
    }

    /// Over one value of any kind.
    @inline(__always)
    func skipCheckedValue(_ start: Int) throws(JSONFault) -> Int {
        switch byte(at: start) {
        case 0x22: return try skipCheckedString(start)
        case 0x7B, 0x5B: return try skipCheckedContainer(start)
        default: return try skipValue(start)
        }
    }

    /// From string to string; what stands between them only opens and closes.
    @inline(never)
    private func skipCheckedContainer(_ start: Int) throws(JSONFault) -> Int {
        var i = start
        var depth = 0
        while i < count {
            switch byte(at: i) {
            case 0x22:
                i = try skipCheckedString(i)
                continue
            case 0x7B, 0x5B: depth &+= 1
            case 0x7D, 0x5D:
                depth &-= 1
                if depth == 0 { return i &+ 1 }
            default: break
            }
            i &+= 1
        }
        throw JSONFault(.commaOrBrace, at: count)
    }
}
