/// The pass that makes a `CacheRequest`: walks the parts of a prompt that it knows and copies the rest.
struct CacheReader {
    var canonical: CanonicalText
    let index: CacheFieldIndex
    let endpoint: Endpoint
    let version: String?
    /// `nil` to write long parts as they are.
    let known: KnownParts?
    /// Where the tools stand, if that is known.
    var tools: Range<Int>?
    var request = CacheRequest()
    /// Of the message that was read last.
    var last: MessageNotes?
    /// Where its text stands, while the body's members are in the caller's order.
    var question: Range<Int>?

    init(
        _ canonical: CanonicalText, _ index: CacheFieldIndex, _ endpoint: Endpoint, _ version: String?,
        _ known: KnownParts?
    ) {
        self.canonical = canonical
        self.index = index
        self.endpoint = endpoint
        self.version = version
        self.known = known
    }

    var text: JSONBytes { canonical.text }

    mutating func readBody() throws(CacheObstacle) -> CacheRequest {
        let start = text.skipSpace(text.hasMark ? 3 : 0)
        guard text.byte(at: start) == 0x7B else { throw .malformed }
        var object = try canonical.begin(isObject: true)
        var seen: UInt64 = 0
        let end = try readMembers(start, index.body, &object, &seen) {
            (reader, row, value) throws(CacheObstacle) in
            guard let row else { return try reader.canonical.value(value) }
            return try reader.read(reader.index.body.shapes[row], value)
        }
        guard text.skipSpace(end) == text.count else { throw .malformed }
        for (row, field) in index.body.fields.enumerated() where seen >> UInt64(row) & 1 == 0 {
            if case .notCacheable(.isNotFalse, let obstacle) = field.treatment { note(obstacle) }
        }
        try finish(object)
        return request
    }

    /// The first one counts.
    mutating func note(_ obstacle: CacheObstacle) {
        if request.notCacheable == nil { request.notCacheable = obstacle }
    }

    private mutating func read(_ shape: CacheField.Shape, _ start: Int) throws(CacheObstacle) -> Int {
        switch shape {
        case .plain, .promptCacheOptions: return try canonical.value(start)
        case .system: return try readSystem(start)
        case .messages: return try readMessages(start)
        case .input: return try readInput(start)
        case .tools:
            let end = tools?.lowerBound == start ? tools?.upperBound : nil
            return try shortened(.tools, start, to: end) { (reader) throws(CacheObstacle) in
                try reader.readTools(start)
            }
        case .temperature:
            let written = canonical.count
            let end = try canonical.value(start)
            noteTemperature(canonical.written(from: written))
            return end
        }
    }

    /// Decided by the spelling: a number too small for a `Double` is not 0.
    private mutating func noteTemperature(_ number: UnsafeBufferPointer<UInt8>) {
        request.isDeterministic = CacheField.When.isZero.holds(for: number)
        guard let first = number.first, first == 0x2D || first &- 0x30 < 10, number.count <= 64 else {
            return
        }
        request.temperature = Double(String(decoding: number, as: UTF8.self))
    }

    /// Writes the members of the object at `start` up to its `}`, and the comma behind each.
    ///
    /// `read` gets the row of the name, or `nil`, and the offset of the value, and writes it. What the table
    /// ignores leaves no trace. `seen` gets a bit for each row that was met.
    @inline(__always)
    mutating func readMembers(
        _ start: Int, _ rows: CacheFieldIndex.Rows, _ object: inout CanonicalText.Object,
        _ seen: inout UInt64,
        _ read: (inout CacheReader, Int?, Int) throws(CacheObstacle) -> Int
    ) throws(CacheObstacle) -> Int {
        var i = text.skipSpace(start &+ 1)
        if text.byte(at: i) == 0x7D { return i &+ 1 }
        while true {
            let (before, written) = (object, canonical.count)
            let value = try canonical.name(i, in: &object)
            let row = canonical.members.last.flatMap { rows.find($0, in: canonical.out) }
            if let row {
                if seen >> UInt64(row) & 1 != 0 { throw .duplicateMember }
                seen |= 1 << UInt64(row)
            }
            if let row, rows.leavesOut(row) {
                i = try leaveOut(value, rows.shapes[row])
                canonical.members.removeLast()
                canonical.count = written
                object = before
            } else {
                let start = canonical.count
                i = try read(&self, row, value)
                if let row, rows.isJudged(row) { judge(rows, row, canonical.written(from: start)) }
                canonical.put(0x2C)
            }
            i = text.skipSpace(i)
            let c = text.byte(at: i)
            if c == 0x7D { return i &+ 1 }
            guard c == 0x2C else { throw .malformed }
            i = text.skipSpace(i &+ 1)
        }
    }

    @inline(never)
    private mutating func judge(
        _ rows: CacheFieldIndex.Rows, _ row: Int, _ value: UnsafeBufferPointer<UInt8>
    ) {
        guard case .notCacheable(let when, let obstacle) = rows.fields[row].treatment else { return }
        if when.holds(for: value) { note(obstacle) }
    }

    /// Over a value that is not written; looks into the one kind that can hold an obstacle.
    private mutating func leaveOut(_ start: Int, _ shape: CacheField.Shape) throws(CacheObstacle) -> Int {
        guard shape == .promptCacheOptions, text.byte(at: start) == 0x7B else {
            guard let end = try? text.skipCheckedValue(start) else { throw .malformed }
            return end
        }
        var object = try canonical.begin(isObject: true)
        var seen: UInt64 = 0
        let end = try readMembers(start, index.promptCacheOptions, &object, &seen) {
            (reader, _, value) throws(CacheObstacle) in try reader.canonical.value(value)
        }
        try canonical.end(object)
        return end
    }

    /// Writes the elements of the array at `start`; one that writes nothing is left out.
    @inline(__always)
    mutating func readElements(
        _ start: Int, _ read: (inout CacheReader, Int) throws(CacheObstacle) -> Int
    ) throws(CacheObstacle) -> Int {
        let list = try canonical.begin(isObject: false)
        var i = text.skipSpace(start &+ 1)
        if text.byte(at: i) != 0x5D {
            while true {
                let written = canonical.count
                i = text.skipSpace(try read(&self, i))
                if canonical.count != written {
                    try canonical.checkRoom(1)
                    canonical.put(0x2C)
                }
                let c = text.byte(at: i)
                if c == 0x5D { break }
                guard c == 0x2C else { throw .malformed }
                i = text.skipSpace(i &+ 1)
            }
        }
        try canonical.end(list)
        return i &+ 1
    }
}

extension CacheField.Treatment {
    /// True where the member is not in the canonical form.
    var leavesOut: Bool {
        switch self {
        case .ignored, .inKeyAsServed: true
        case .inKey, .notCacheable: false
        }
    }
}
