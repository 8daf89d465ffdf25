extension JSONBytes {
    /// Over one value of any kind, checked whole; `depth` is the nesting it already stands in.
    ///
    /// Which containers are open is kept as one bit each (1: object), so nesting costs no recursion.
    func skipValue(_ start: Int, depth outer: Int = 0) throws(JSONFault) -> Int {
        var open = OpenContainers(depth: outer)
        var i = start
        values: while true {
            let c = byte(at: i)
            switch c {
            case 0x22: i = try skipString(i)
            case 0x7B, 0x5B:
                guard open.depth < Self.maxDepth else { throw JSONFault(.lessNesting, at: i) }
                open.push(isObject: c == 0x7B)
                i = skipSpace(i &+ 1)
                // `]` and `}` are two above `[` and `{`.
                if byte(at: i) != c &+ 2 {
                    if c == 0x7B {
                        i = try skipName(i, orElse: .nameOrBrace)
                    } else {
                        try checkFirstElement(i)
                    }
                    continue values
                }
                open.pop()
                i &+= 1
            case 0x2D, 0x30...0x39: i = try skipNumber(i)
            default:
                guard let end = try skipLiteral(i) else { throw JSONFault(.value, at: i) }
                i = end
            }
            while open.depth != outer {
                i = skipSpace(i)
                let c = byte(at: i)
                if c == 0x2C {
                    i = skipSpace(i &+ 1)
                    if open.isObject { i = try skipName(i, orElse: .name) }
                    continue values
                }
                guard c == (open.isObject ? 0x7D : 0x5D) else {
                    throw JSONFault(open.isObject ? .commaOrBrace : .commaOrBracket, at: i)
                }
                open.pop()
                i &+= 1
            }
            return i
        }
    }

    /// The kinds of the containers around a place; at most 512 of them.
    private struct OpenContainers {
        private(set) var depth: Int
        /// The innermost ones, at most 64, the very innermost in the lowest bit; 1 is an object.
        private var kinds: UInt64 = 0
        /// `kinds` as it was when the depth passed 0, 64, 128 and so on.
        private var outer = InlineArray<8, UInt64>(repeating: 0)

        @inline(__always)
        init(depth: Int) { self.depth = depth }

        @inline(__always)
        var isObject: Bool { kinds & 1 != 0 }

        /// The depth must be below 512.
        @inline(__always)
        mutating func push(isObject: Bool) {
            if depth & 63 == 0 { outer[depth >> 6] = kinds }
            kinds = kinds << 1 | (isObject ? 1 : 0)
            depth &+= 1
        }

        @inline(__always)
        mutating func pop() {
            depth &-= 1
            kinds = depth & 63 == 0 ? outer[depth >> 6] : kinds >> 1
        }
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
