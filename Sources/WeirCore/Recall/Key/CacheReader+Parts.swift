// Parts of messages, system prompts and tools.
extension CacheReader {
    /// Parts lie in parts (a tool's result, a document's content); in deeper ones a marker counts as content.
    private static let maxPartDepth = 3

    /// Writes one part and notes in `notes` what it is.
    mutating func readPart(
        _ start: Int, depth: Int, _ notes: inout MessageNotes
    ) throws(CacheObstacle) -> Int {
        guard text.byte(at: start) == 0x7B else {
            notes.others += 1
            return try canonical.value(start)
        }
        var object = try canonical.begin(isObject: true)
        var part = PartNotes()
        var seen: UInt64 = 0
        let end = try readMembers(start, index.part, &object, &seen) {
            (reader, _, value) throws(CacheObstacle) in try reader.readPartMember(value, depth, &part)
        }
        if part.isText, part.hasText {
            notes.texts += 1
            if canonical.members.count - object.first != 2 { notes.hasExtras = true }
        } else if part.isResult {
            notes.hasToolResult = true
            notes.others += 1
        } else {
            notes.others += 1
        }
        try canonical.end(object)
        return end
    }

    private struct PartNotes {
        var isText = false
        var isResult = false
        /// `text` is a string.
        var hasText = false
    }

    private mutating func readPartMember(
        _ start: Int, _ depth: Int, _ part: inout PartNotes
    ) throws(CacheObstacle) -> Int {
        let name = canonical.last
        let written = canonical.count
        switch name.count {
        case 4 where name.isWord("type"):
            let end = try canonical.value(start)
            let type = canonical.written(from: written)
            part.isText = type.isWord(#""text""#) || type.isWord(#""input_text""#)
            part.isResult = !part.isText && Self.isResult(type)
            return end
        case 4 where name.isWord("text") && text.byte(at: start) == 0x22:
            let end = try canonical.string(start)
            part.hasText = true
            if depth == 0 { canonical.mark = written + 1..<canonical.count - 1 }
            return end
        case 7 where name.isWord("content") && endpoint == .messages && depth < Self.maxPartDepth:
            return try readNestedParts(start, depth + 1)
        case 6
        where name.isWord("source") && endpoint == .messages && text.byte(at: start) == 0x7B:
            return try readSource(start, depth)
        default: return try canonical.value(start)
        }
    }

    private mutating func readNestedParts(_ start: Int, _ depth: Int) throws(CacheObstacle) -> Int {
        guard text.byte(at: start) == 0x5B else { return try canonical.value(start) }
        var nested = MessageNotes()
        return try readElements(start) { (reader, value) throws(CacheObstacle) in
            try reader.readPart(value, depth: depth, &nested)
        }
    }

    /// The source of a document, which may be a list of parts.
    private mutating func readSource(_ start: Int, _ depth: Int) throws(CacheObstacle) -> Int {
        var object = try canonical.begin(isObject: true)
        var seen: UInt64 = 0
        let end = try readMembers(start, CacheFieldIndex.empty.part, &object, &seen) {
            (reader, _, value) throws(CacheObstacle) in
            let isContent = reader.canonical.last.isWord("content") && depth < Self.maxPartDepth
            return isContent
                ? try reader.readNestedParts(value, depth + 1) : try reader.canonical.value(value)
        }
        try canonical.end(object)
        return end
    }

    // MARK: - System

    /// Writes `system` or `instructions`; `v` for a text that a version stands for.
    mutating func readSystem(_ start: Int) throws(CacheObstacle) -> Int {
        let written = canonical.count
        let mark = canonical.mark
        defer { canonical.mark = mark }
        var isText = true
        var end = start
        switch text.byte(at: start) {
        case 0x22:
            end = try shortened(.system, start) { (reader) throws(CacheObstacle) in
                let end = try reader.canonical.string(start)
                if reader.isAttribution(written + 1..<reader.canonical.count - 1) {
                    reader.canonical.count = written
                    reader.canonical.put(0x5B)
                    reader.canonical.put(0x5D)
                }
                return end
            }
        case 0x5B:
            var isFirst = true
            end = try readElements(start) { (reader, value) throws(CacheObstacle) in
                defer { isFirst = false }
                return try reader.shortened(.system, value) { (reader) throws(CacheObstacle) in
                    try reader.readSystemPart(value, isFirst, &isText)
                }
            }
        default:
            isText = false
            end = try canonical.value(start)
        }
        if version != nil, isText {
            canonical.count = written
            canonical.put(0x76)
        }
        return end
    }

    private mutating func readSystemPart(
        _ start: Int, _ isFirst: Bool, _ isText: inout Bool
    ) throws(CacheObstacle) -> Int {
        let written = canonical.count
        var notes = MessageNotes()
        canonical.mark = nil
        let end = try readPart(start, depth: 0, &notes)
        isText = isText && notes.hasTextsAlone
        if isFirst, notes.isPlainText, let mark = canonical.mark, isAttribution(mark) {
            canonical.count = written
        }
        return end
    }

    /// Sees whether a text is Claude Code's attribution line, which the provider strips: only pairs of a name
    /// that begins with `cc` and a short word, so that no instruction can hide in it.
    private func isAttribution(_ range: Range<Int>) -> Bool {
        guard endpoint == .messages, range.count <= 512 else { return false }
        var line = UnsafeBufferPointer(rebasing: canonical.written(from: 0)[range])[...]
        let head = "x-anthropic-billing-header:".utf8
        guard line.starts(with: head) else { return false }
        line = line.dropFirst(head.count)
        while true {
            line = line.drop { $0 == 0x20 }
            if line.isEmpty { return true }
            let name = line.prefix { $0 == 0x5F || $0 >= 0x61 && $0 <= 0x7A }
            guard name.starts(with: "cc".utf8), line.dropFirst(name.count).first == 0x3D else { return false }
            line = line.dropFirst(name.count + 1)
            let word = line.prefix { $0 == 0x2E || $0 == 0x2D || $0 == 0x5F || $0.isLetterOrDigit }
            guard word.count <= 64, line.dropFirst(word.count).first == 0x3B else { return false }
            line = line.dropFirst(word.count + 1)
        }
    }

    // MARK: - Tools

    /// Writes `tools` or `functions`.
    mutating func readTools(_ start: Int) throws(CacheObstacle) -> Int {
        guard text.byte(at: start) == 0x5B else { return try canonical.value(start) }
        return try readElements(start) { (reader, value) throws(CacheObstacle) in
            reader.request.hasTools = true
            guard reader.text.byte(at: value) == 0x7B else { return try reader.canonical.value(value) }
            var object = try reader.canonical.begin(isObject: true)
            var seen: UInt64 = 0
            let end = try reader.readMembers(value, reader.index.tool, &object, &seen) {
                (reader, _, value) throws(CacheObstacle) in try reader.canonical.value(value)
            }
            try reader.canonical.end(object)
            return end
        }
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool { self &- 0x30 < 10 || self | 0x20 >= 0x61 && self | 0x20 <= 0x7A }
}
