/// Writes the canonical form of a JSON text: one spelling for all texts of the same meaning.
///
/// - White space is dropped; members are in the order of their names' bytes (see `Member`).
/// - A string has raw UTF-8 for everything but `"`, `\` and control characters, which have their shortest
///   escape, and halves of surrogate pairs, which stay `\udxxx`.
/// - A number is `digits` or `digits e exponent` without zeros at either end of the digits; whole numbers of
///   up to six digits are written out. -0 is not 0, so that nothing rests on what a parser makes of it.
///
/// Why two different values never share a form: each token is replaced by another JSON spelling of the same
/// token, members only change places, and equal names in one object end the writing. So the form is a JSON
/// text of the same value again, and a JSON text has one value. What its users write besides JSON (`v` for a
/// replaced text) begins no JSON value.
///
/// Strings never grow and numbers less than double with the comma behind them, so an output of twice the
/// text suffices; each token checks for its room all the same.
struct CanonicalText {
    let text: JSONBytes
    /// At least `capacity` bytes; belongs to the caller.
    let out: UnsafeMutablePointer<UInt8>
    let capacity: Int
    /// Bytes written.
    var count = 0
    /// Of the objects that are open, the outermost first.
    var members: [Member]
    /// A range of the output that moves along when members around it change places.
    var mark: Range<Int>?
    /// Bytes that may still be moved to bring members into order.
    var movable: Int
    var scratch: [UInt8]
    private var depth = 0
    private var open: [Object]

    /// Members of all open objects together.
    static let maxMembers = 16_384
    /// Bytes that every token may need beyond what it checks for.
    static let slack = 48

    /// - Parameter memory: lends its lists until `giveBack`.
    init(_ text: JSONBytes, out: UnsafeMutablePointer<UInt8>, capacity: Int, memory: CanonicalMemory) {
        self.text = text
        self.out = out
        self.capacity = capacity
        // Unsorted members around members move a byte once for each level; schemas have about eight.
        movable = text.count * 8 + 1 << 20
        members = memory.members.take()
        open = memory.open.take()
        scratch = []
        swap(&scratch, &memory.scratch)
    }

    /// Returns the lists, when all is read.
    mutating func giveBack(to memory: CanonicalMemory) {
        memory.members.giveBack(&members)
        memory.open.giveBack(&open)
        if scratch.count <= CanonicalMemory.mostScratch { swap(&scratch, &memory.scratch) }
    }

    /// A member of an open object; its bytes go on to the next member, with a comma at the end.
    ///
    /// Members are ordered by the bytes of their names between the quotes, spelled canonically.
    struct Member {
        /// The first eight bytes of the name, the first in the highest bits, zeros behind its end.
        let key: UInt64
        /// Of the opening quote.
        var start: Int
        /// Of the name.
        let length: Int
        /// Of the whole member; set when its object is closed.
        var size = 0
    }

    /// An object or array that is open.
    struct Object {
        /// Of its members; -1 for an array.
        let first: Int
        /// Offset behind `{` or `[`.
        let start: Int
        var isSorted = true
    }

    var last: UnsafeBufferPointer<UInt8> {
        guard let member = members.last else { return UnsafeBufferPointer(start: out, count: 0) }
        return UnsafeBufferPointer(start: out + member.start + 1, count: member.length)
    }

    /// What was written from `start` on.
    func written(from start: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: out + start, count: count - start)
    }

    /// The room for one byte is part of the slack of the token before.
    @inline(__always)
    mutating func put(_ byte: UInt8) {
        out[count] = byte
        count &+= 1
    }

    @inline(__always)
    func checkRoom(_ bytes: Int) throws(CacheObstacle) {
        guard count &+ bytes &+ Self.slack <= capacity else { throw .tooComplex }
    }

    @inline(__always)
    mutating func begin(isObject: Bool) throws(CacheObstacle) -> Object {
        guard depth < JSONBytes.maxDepth else { throw .nesting }
        try checkRoom(2)
        depth &+= 1
        put(isObject ? 0x7B : 0x5B)
        return Object(first: isObject ? members.count : -1, start: count)
    }

    /// Every member and element must have its comma by now.
    @inline(__always)
    mutating func end(_ object: Object) throws(CacheObstacle) {
        depth &-= 1
        let isObject = object.first >= 0
        if isObject {
            if !object.isSorted { try sort(object) }
            members.removeLast(members.count &- object.first)
        }
        if count == object.start { put(0x2C) }
        out[count &- 1] = isObject ? 0x7D : 0x5D
    }

    /// Over a name, its colon and the space around it, to its value.
    @inline(__always)
    mutating func name(_ start: Int, in object: inout Object) throws(CacheObstacle) -> Int {
        guard text.byte(at: start) == 0x22 else { throw .malformed }
        let written = count
        let colon = text.skipSpace(try string(start))
        guard text.byte(at: colon) == 0x3A else { throw .malformed }
        try note(written, in: &object)
        put(0x3A)
        return text.skipSpace(colon &+ 1)
    }

    @inline(__always)
    private mutating func note(_ start: Int, in object: inout Object) throws(CacheObstacle) {
        guard members.count < Self.maxMembers else { throw .tooComplex }
        let length = count &- start &- 2
        // The slack lets eight bytes be read from any place that was written.
        let word = UnsafeRawPointer(out + start + 1).loadUnaligned(as: UInt64.self).bigEndian
        let key = length >= 8 ? word : length == 0 ? 0 : word & (~0 << UInt64(64 &- 8 &* length))
        let member = Member(key: key, start: start, length: length)
        if let before = members.last, members.count > object.first, before.key >= key {
            if Self.isBefore(member, before, out) {
                object.isSorted = false
            } else if !Self.isBefore(before, member, out) {
                throw .duplicateMember
            }
        }
        members.append(member)
    }

    /// Writes one value of any kind; returns the offset behind it.
    mutating func value(_ start: Int) throws(CacheObstacle) -> Int {
        var i = start
        let outer = open.count
        values: while true {
            let c = text.byte(at: i)
            switch c {
            case 0x22: i = try string(i)
            case 0x7B, 0x5B:
                var object = try begin(isObject: c == 0x7B)
                i = text.skipSpace(i &+ 1)
                if text.byte(at: i) != c &+ 2 {
                    if c == 0x7B { i = try name(i, in: &object) }
                    open.append(object)
                    continue values
                }
                try end(object)
                i &+= 1
            case 0x2D, 0x30...0x39: i = try number(i)
            default: i = try literal(i)
            }
            while open.count > outer {
                i = text.skipSpace(i)
                try checkRoom(1)
                put(0x2C)
                let c = text.byte(at: i)
                var object = open[open.count &- 1]
                let isObject = object.first >= 0
                if c == 0x2C {
                    i = text.skipSpace(i &+ 1)
                    if isObject {
                        i = try name(i, in: &object)
                        open[open.count &- 1].isSorted = object.isSorted
                    }
                    continue values
                }
                guard c == (isObject ? 0x7D : 0x5D) else { throw .malformed }
                open.removeLast()
                try end(object)
                i &+= 1
            }
            return i
        }
    }

    private mutating func literal(_ start: Int) throws(CacheObstacle) -> Int {
        guard let found = try? text.skipLiteral(start) else { throw .malformed }
        try checkRoom(8)
        for i in start..<found { put(text.byte(at: i)) }
        return found
    }
}
