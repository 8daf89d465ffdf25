/// What the members of one block say of it.
private struct PartMembers {
    var kind = PromptBlock.Kind.other
    var hash = BlockHash()
    /// True where there is a `cache_control`, null included.
    var hasMarkerMember = false
    var marker: CacheTTL?
    var isDeferred = false
    /// The value of `text`.
    var textValue: Range<Int>?
}

extension PromptReader {
    /// Levels of lists inside a block in which markers are looked for; deeper ones count as plain content.
    private static var deepestList: Int { 8 }

    /// Over one block that is an object; adds it, and what markers stand in it.
    mutating func readPart(
        _ start: Int, _ level: PromptBlock.Level, item: Int, part: Int
    ) throws(JSONFault) -> Int {
        var members = PartMembers()
        if level == .tools { members.kind = .tool }
        let end = try text.members(start) { (name, value) throws(JSONFault) in
            try readMember(name, value, level, &members)
        }
        // A deferred tool is no part of the prompt; its definition comes with the reply that finds it.
        if members.isDeferred, level == .tools, dialect == .anthropic, members.marker == nil { return end }
        var block = PromptBlock(
            level: level, kind: members.kind, range: start..<end, hash: members.hash.value)
        block.item = item
        block.part = part
        block.marker = members.marker
        block.isMarkable = isMarkable(members)
        if let ttl = members.marker { addMarker(ttl, on: layout.blocks.count, isNested: false) }
        if level == .system, item == 0, let value = members.textValue { noteAttribution(value, level, item) }
        try append(block)
        return end
    }

    private mutating func readMember(
        _ name: Range<Int>, _ value: Int, _ level: PromptBlock.Level, _ members: inout PartMembers
    ) throws(JSONFault) -> Int {
        let field = PartField(name, in: text)
        if field == .marker, text.isMarkerName(name, in: dialect) {
            let end = try text.skipCheckedValue(value)
            members.hasMarkerMember = true
            members.marker = text.markerTTL(value..<end)
            return end
        }
        members.hash.add(name, of: text)
        if field == .content || field == .source, level == .messages {
            return try hashNested(value, into: &members.hash, depth: 0)
        }
        let end = try text.skipCheckedValue(value)
        members.hash.add(value..<end, of: text)
        switch field {
        case .type: if level != .tools { members.kind = text.kind(value..<end) }
        case .text: members.textValue = value..<end
        case .deferLoading: members.isDeferred = text.byte(at: value) != 0x66
        case .content, .source, .marker, nil: break
        }
        return end
    }

    private func isMarkable(_ members: PartMembers) -> Bool {
        if members.hasMarkerMember { return false }
        switch members.kind {
        case .tool: return !members.isDeferred
        case .text: return members.textValue.map { !text.isBlankString($0) } ?? false
        case .image, .document, .toolUse, .toolResult: return true
        case .thinking, .other: return false
        }
    }

    /// Over a value inside a block, hashing it without the markers in its lists and objects.
    private mutating func hashNested(
        _ start: Int, into hash: inout BlockHash, depth: Int
    ) throws(JSONFault) -> Int {
        if depth < Self.deepestList {
            switch text.byte(at: start) {
            case 0x5B:
                hash.add(0x5B)
                let end = try text.elements(start) { (value) throws(JSONFault) in
                    try hashNested(value, into: &hash, depth: depth + 1)
                }
                hash.add(0x5D)
                return end
            case 0x7B: return try hashNestedObject(start, into: &hash, depth: depth)
            default: break
            }
        }
        let end = try text.skipCheckedValue(start)
        hash.add(start..<end, of: text)
        return end
    }

    private mutating func hashNestedObject(
        _ start: Int, into hash: inout BlockHash, depth: Int
    ) throws(JSONFault) -> Int {
        var marker: CacheTTL?
        hash.add(0x7B)
        let end = try text.members(start) { (name, value) throws(JSONFault) in
            let field = PartField(name, in: text)
            if field == .marker, text.isMarkerName(name, in: dialect) {
                let end = try text.skipCheckedValue(value)
                marker = text.markerTTL(value..<end)
                return end
            }
            hash.add(name, of: text)
            if field == .content || field == .source {
                return try hashNested(value, into: &hash, depth: depth + 1)
            }
            let end = try text.skipCheckedValue(value)
            hash.add(value..<end, of: text)
            return end
        }
        hash.add(0x7D)
        if let marker { addMarker(marker, on: layout.blocks.count, isNested: true) }
        return end
    }
}
