/// What was seen of one message while it was written.
struct MessageNotes {
    enum Role { case user, assistant, system, tool, other }

    var role = Role.other
    var hasRole = false
    var hasType = false
    /// Which of the open members is `content`, and where its value stands.
    var content: (member: Int, value: Range<Int>)?
    var isString = false
    /// Parts of the content; a string counts as a text.
    var texts = 0
    var others = 0
    var hasToolResult = false
    /// A text part says more than its text.
    var hasExtras = false

    var hasTextsAlone: Bool { others == 0 && !hasExtras }
    /// True for a list of one text part that says nothing but its text.
    var isPlainText: Bool { !isString && texts == 1 && hasTextsAlone }
}

extension CacheReader {
    mutating func readMessages(_ start: Int) throws(CacheObstacle) -> Int {
        guard text.byte(at: start) == 0x5B else { return try canonical.value(start) }
        var isLeading = version != nil
        return try readElements(start) { (reader, value) throws(CacheObstacle) in
            if let end = try reader.knownPart(.message, value, isFollowed: true) { return end }
            guard let end = reader.endOfEarlier(value) else { return try reader.readListed(value, &isLeading) }
            return try reader.shortened(.message, value, to: end) { (reader) throws(CacheObstacle) in
                try reader.readListed(value, &isLeading)
            }
        }
    }

    /// Behind the message at `start`, where another one follows that may be told by its hash: the last one
    /// may hold the question.
    private func endOfEarlier(_ start: Int) -> Int? {
        guard known != nil, version == nil, let end = end(of: start) else { return nil }
        return isFollowed(end) ? end : nil
    }

    private mutating func readListed(_ start: Int, _ isLeading: inout Bool) throws(CacheObstacle) -> Int {
        var notes = MessageNotes()
        canonical.mark = nil
        let end = try readMessage(start, &notes, isLeading)
        isLeading = isLeading && notes.role == .system
        last = notes
        let isQuestion = notes.role == .user && notes.texts == 1 && notes.others == 0
        question = isQuestion ? canonical.mark : nil
        canonical.mark = nil
        return end
    }

    /// `input` of a Responses request; a string is written as what it stands for.
    mutating func readInput(_ start: Int) throws(CacheObstacle) -> Int {
        guard text.byte(at: start) == 0x22 else { return try readMessages(start) }
        try write(#"[{"content":"#)
        let written = canonical.count
        let end = try canonical.string(start)
        question = written + 1..<canonical.count - 1
        try write(#","role":"user"}]"#)
        var notes = MessageNotes()
        notes.role = .user
        notes.texts = 1
        last = notes
        return end
    }

    private mutating func write(_ literal: StaticString) throws(CacheObstacle) {
        try canonical.checkRoom(literal.utf8CodeUnitCount)
        for k in 0..<literal.utf8CodeUnitCount { canonical.put(literal.utf8Start[k]) }
    }

    private mutating func readMessage(
        _ start: Int, _ notes: inout MessageNotes, _ isLeading: Bool
    ) throws(CacheObstacle) -> Int {
        guard text.byte(at: start) == 0x7B else { return try canonical.value(start) }
        var object = try canonical.begin(isObject: true)
        var seen: UInt64 = 0
        let end = try readMembers(start, index.message, &object, &seen) {
            (reader, _, value) throws(CacheObstacle) in try reader.readMessageMember(value, &notes)
        }
        if notes.isPlainText, endpoint == .messages || endpoint == .chatCompletions && notes.role == .user,
            let content = notes.content, let mark = canonical.mark
        {
            let string = mark.lowerBound - 1..<mark.upperBound + 1
            canonical.mark = content.value.lowerBound + 1..<content.value.lowerBound + string.count - 1
            replace(content, with: string)
        } else if isLeading, notes.role == .system, notes.hasTextsAlone, let content = notes.content {
            canonical.out[content.value.lowerBound] = 0x76
            canonical.mark = nil
            replace(content, with: content.value.lowerBound..<content.value.lowerBound + 1)
        }
        if endpoint == .responses, !notes.hasRole, !notes.hasType { note(.serverHeldPrompt) }
        try canonical.end(object)
        return end
    }

    private mutating func readMessageMember(
        _ start: Int, _ notes: inout MessageNotes
    ) throws(CacheObstacle) -> Int {
        let name = canonical.last
        let written = canonical.count
        if name.isWord("content") {
            let member = canonical.members.count - 1
            let end = try readContent(start, &notes)
            notes.content = (member, written..<canonical.count)
            return end
        }
        let isRole = name.isWord("role")
        let isType = name.isWord("type")
        let end = try canonical.value(start)
        let value = canonical.written(from: written)
        if isRole {
            notes.hasRole = true
            notes.role = Self.role(value)
        } else if isType, endpoint == .responses {
            notes.hasType = true
            if Self.isResult(value) { notes.hasToolResult = true }
        }
        return end
    }

    private mutating func readContent(_ start: Int, _ notes: inout MessageNotes) throws(CacheObstacle) -> Int
    {
        switch text.byte(at: start) {
        case 0x22:
            let written = canonical.count
            let end = try canonical.string(start)
            canonical.mark = written + 1..<canonical.count - 1
            notes.isString = true
            notes.texts = 1
            return end
        case 0x5B:
            var seen = notes
            defer { notes = seen }
            return try readElements(start) { (reader, value) throws(CacheObstacle) in
                try reader.readPart(value, depth: 0, &seen)
            }
        default: return try canonical.value(start)
        }
    }

    /// Puts bytes of the content's own value in its place; what follows in the message moves up.
    private mutating func replace(_ content: (member: Int, value: Range<Int>), with bytes: Range<Int>) {
        let out = canonical.out
        let end = content.value.lowerBound + bytes.count
        (out + content.value.lowerBound).update(from: out + bytes.lowerBound, count: bytes.count)
        (out + end).update(
            from: out + content.value.upperBound, count: canonical.count - content.value.upperBound)
        let removed = content.value.upperBound - end
        for k in content.member + 1..<canonical.members.count { canonical.members[k].start -= removed }
        canonical.count -= removed
    }

    private static func role(_ value: UnsafeBufferPointer<UInt8>) -> MessageNotes.Role {
        if value.isWord(#""user""#) { return .user }
        if value.isWord(#""assistant""#) { return .assistant }
        if value.isWord(#""system""#) || value.isWord(#""developer""#) { return .system }
        return value.isWord(#""tool""#) || value.isWord(#""function""#) ? .tool : .other
    }

    /// True for a part or an item of that type: what a tool brought.
    static func isResult(_ type: UnsafeBufferPointer<UInt8>) -> Bool {
        if type.isWord(#""tool_result""#) { return true }
        return type.count > 8 && type[type.count - 8] == 0x5F
            && type.suffix(7).elementsEqual(#"output""#.utf8)
    }
}
