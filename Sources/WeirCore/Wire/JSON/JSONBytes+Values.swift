extension JSONBytes {
    /// Over one value of any kind, checked whole; `depth` is the nesting it already stands in.
    ///
    /// Which containers are open is kept as one bit each (1: object), so nesting costs no recursion.
    func skipValue(_ start: Int, depth outer: Int = 0) throws(JSONFault) -> Int {
        var kinds = InlineArray<8, UInt64>(repeating: 0)
        var depth = outer
        var inObject = false
        var i = start
        values: while true {
            switch byte(at: i) {
            case 0x22: i = try skipString(i)
            case 0x7B, 0x5B:
                inObject = byte(at: i) == 0x7B
                guard depth < Self.maxDepth else { throw JSONFault(.lessNesting, at: i) }
                // depth < 512, so the word index is 0...7.
                let bit = UInt64(1) << UInt64(depth & 63)
                if inObject { kinds[depth >> 6] |= bit } else { kinds[depth >> 6] &= ~bit }
                depth &+= 1
                i = skipSpace(i &+ 1)
                if byte(at: i) != (inObject ? 0x7D : 0x5D) {
                    if inObject { i = try skipName(i, orElse: .nameOrBrace) }
                    else { try checkFirstElement(i) }
                    continue values
                }
                depth &-= 1
                inObject = depth > outer && isObject(kinds, depth &- 1)
                i &+= 1
            case 0x2D, 0x30...0x39: i = try skipNumber(i)
            default:
                guard let end = try skipLiteral(i) else { throw JSONFault(.value, at: i) }
                i = end
            }
            while true {
                if depth == outer { return i }
                i = skipSpace(i)
                let c = byte(at: i)
                if c == 0x2C {
                    i = skipSpace(i &+ 1)
                    if inObject { i = try skipName(i, orElse: .name) }
                    continue values
                }
                guard c == (inObject ? 0x7D : 0x5D) else {
                    throw JSONFault(inObject ? .commaOrBrace : .commaOrBracket, at: i)
                }
                depth &-= 1
                inObject = depth > outer && isObject(kinds, depth &- 1)
                i &+= 1
            }
        }
    }

    @inline(__always)
    private func isObject(_ kinds: borrowing InlineArray<8, UInt64>, _ level: Int) -> Bool {
        kinds[level >> 6] & (UInt64(1) << UInt64(level & 63)) != 0
    }

    /// After `[`: says "a value or ']'" where neither stands.
    @inline(__always)
    private func checkFirstElement(_ i: Int) throws(JSONFault) {
        switch byte(at: i) {
        case 0x22, 0x7B, 0x5B, 0x2D, 0x30...0x39, 0x74, 0x66, 0x6E: return
        default: throw JSONFault(.valueOrBracket, at: i)
        }
    }

    /// Over a member's name, its colon and the space around it, to its value.
    @inline(__always)
    private func skipName(_ start: Int, orElse expected: JSONFault.Expected) throws(JSONFault) -> Int {
        guard byte(at: start) == 0x22 else { throw JSONFault(expected, at: start) }
        let colon = skipSpace(try skipString(start))
        guard byte(at: colon) == 0x3A else { throw JSONFault(.colon, at: colon) }
        return skipSpace(colon &+ 1)
    }

    /// Calls `body` with each member of the object at `start`; returns the offset behind its `}`.
    ///
    /// `body` gets the name's range, quotes included, and the offset of its value, and must return the offset
    /// behind the value: by stepping over it with a function of this type.
    @inline(__always)
    func members(
        _ start: Int, _ body: (_ name: Range<Int>, _ value: Int) throws(JSONFault) -> Int
    ) throws(JSONFault) -> Int {
        guard byte(at: start) == 0x7B else { throw JSONFault(.object, at: start) }
        var i = skipSpace(start &+ 1)
        if byte(at: i) == 0x7D { return i &+ 1 }
        var expected = JSONFault.Expected.nameOrBrace
        while true {
            guard byte(at: i) == 0x22 else { throw JSONFault(expected, at: i) }
            let name = i..<(try skipString(i))
            let colon = skipSpace(name.upperBound)
            guard byte(at: colon) == 0x3A else { throw JSONFault(.colon, at: colon) }
            i = skipSpace(try body(name, skipSpace(colon &+ 1)))
            let c = byte(at: i)
            if c == 0x7D { return i &+ 1 }
            guard c == 0x2C else { throw JSONFault(.commaOrBrace, at: i) }
            i = skipSpace(i &+ 1)
            expected = .name
        }
    }

    /// Calls `body` with the offset of each element of the array at `start`, as `members` does.
    @inline(__always)
    func elements(_ start: Int, _ body: (_ value: Int) throws(JSONFault) -> Int) throws(JSONFault) -> Int {
        var i = skipSpace(start &+ 1)
        if byte(at: i) == 0x5D { return i &+ 1 }
        try checkFirstElement(i)
        while true {
            i = skipSpace(try body(i))
            let c = byte(at: i)
            if c == 0x5D { return i &+ 1 }
            guard c == 0x2C else { throw JSONFault(.commaOrBracket, at: i) }
            i = skipSpace(i &+ 1)
        }
    }
}

extension JSONBytes {
    /// Where the value of the first member of that name begins, in the object at `start`; reads no further.
    ///
    /// `nil` where there is none before the object ends or the grammar breaks. Spellings with escapes are not
    /// recognised: for texts that machines wrote.
    @inline(__always)
    func valueOffset(of word: StaticString, in start: Int) -> Int? {
        var i = skipSpace(start &+ 1)
        while byte(at: i) == 0x22 {
            guard let nameEnd = try? skipString(i) else { return nil }
            let colon = skipSpace(nameEnd)
            guard byte(at: colon) == 0x3A else { return nil }
            let value = skipSpace(colon &+ 1)
            if string(i..<nameEnd, isExactly: word) { return value }
            guard let end = try? skipValue(value, depth: 1) else { return nil }
            let comma = skipSpace(end)
            guard byte(at: comma) == 0x2C else { return nil }
            i = skipSpace(comma &+ 1)
        }
        return nil
    }

    /// `valueOffset` where an object stands there, else `nil`.
    @inline(__always)
    func objectOffset(of word: StaticString, in start: Int) -> Int? {
        guard let value = valueOffset(of: word, in: start), byte(at: value) == 0x7B else { return nil }
        return value
    }
}
