// Long parts stand for themselves by their hash.
extension CacheReader {
    /// Writes the part at `start` as `write` does, and in place of a long one `h` and the hash of what was written.
    ///
    /// Whether it is long is up to its canonical form alone, so that no spelling has a key of its own.
    @inline(__always)
    mutating func shortened(
        _ kind: KnownParts.Kind, _ start: Int, to end: Int? = nil,
        _ write: (inout CacheReader) throws(CacheObstacle) -> Int
    ) throws(CacheObstacle) -> Int {
        guard let known, version == nil else { return try write(&self) }
        if end == nil, let end = try knownPart(kind, start) { return end }
        if let end = end ?? self.end(of: start), end &- start >= known.least,
            let part = known.find(text.slice(start..<end), kind, endpoint)
        {
            try put(part)
            return end
        }
        let written = canonical.count
        let end = try write(&self)
        let form = canonical.written(from: written)
        guard form.count >= known.least, request.notCacheable == nil else { return end }
        let hash = known.hash(UnsafeRawBufferPointer(form))
        let hasTools = kind == .tools && request.hasTools
        let part = KnownParts.Part(hash: hash, hasTools: hasTools)
        known.keep(text.slice(start..<end), kind, endpoint, part)
        canonical.count = written
        try put(hash)
        return end
    }

    /// Writes the hash of a known part that stands at `start`, found by how it begins; `nil`, and nothing written,
    /// where none is, or where an element must follow and none does.
    mutating func knownPart(
        _ kind: KnownParts.Kind, _ start: Int, isFollowed mustBeFollowed: Bool = false
    ) throws(CacheObstacle) -> Int? {
        guard let known, version == nil,
            let (part, count) = known.find(at: text.slice(start..<text.count), kind, endpoint),
            !mustBeFollowed || isFollowed(start &+ count)
        else { return nil }
        try put(part)
        return start &+ count
    }

    /// True where another element stands behind the one that ends at `end`.
    func isFollowed(_ end: Int) -> Bool { text.byte(at: text.skipSpace(end)) == 0x2C }

    /// Behind the value at `start`.
    func end(of start: Int) -> Int? { try? text.skipCheckedValue(start) }

    private mutating func put(_ part: KnownParts.Part) throws(CacheObstacle) {
        request.hasTools = request.hasTools || part.hasTools
        try put(part.hash)
    }

    private mutating func put(_ hash: CacheKey) throws(CacheObstacle) {
        try canonical.checkRoom(40)
        canonical.put(0x68)
        hash.write(to: canonical.out + canonical.count)
        canonical.count &+= 32
    }
}
