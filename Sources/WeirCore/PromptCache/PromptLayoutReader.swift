/// The pass that makes a `PromptLayout`; throws where a shape is none that providers take.
struct PromptReader {
    let text: JSONBytes
    var layout: PromptLayout
    /// The hash of a text block in front of its text: what `"type":"text"` leaves.
    private let textStart: BlockHash
    /// Of the members of messages without blocks; goes into the next block.
    private var carried: UInt64 = 0

    var dialect: Dialect { layout.dialect }

    init(text: JSONBytes, dialect: Dialect) {
        self.text = text
        layout = PromptLayout(dialect: dialect)
        var hash = BlockHash()
        let type: StaticString = dialect == .responses ? #""input_text""# : #""text""#
        for word: StaticString in [#""type""#, type, #""text""#] {
            let bytes = UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
            if let word = JSONBytes(bytes) { hash.add(0..<bytes.count, of: word) }
        }
        textStart = hash
    }

    mutating func readTools(_ start: Int) throws(JSONFault) {
        guard try isList(start) else { return }
        var item = 0
        _ = try text.elements(start) { (value) throws(JSONFault) in
            let end = try readPart(value, .tools, item: item, part: 0)
            item &+= 1
            return end
        }
        seal(from: 0, role: .none)
    }

    mutating func readSystem(_ start: Int) throws(JSONFault) {
        let first = layout.blocks.count
        if text.byte(at: start) == 0x22 {
            _ = try readBareString(start, .system, item: 0)
        } else if try isList(start) {
            var item = 0
            _ = try text.elements(start) { (value) throws(JSONFault) in
                let end = try readPart(value, .system, item: item, part: 0)
                item &+= 1
                return end
            }
        }
        seal(from: first, role: .none)
        if layout.hasAttribution {
            layout.blocks[first].hash = BlockHash.attribution
            layout.blocks[first].isMarkable = false
        }
    }

    mutating func readMessages(_ start: Int) throws(JSONFault) {
        if dialect == .responses, text.byte(at: start) == 0x22 {
            let first = layout.blocks.count
            _ = try readBareString(start, .messages, item: 0)
            seal(from: first, role: .user)
            layout.messageCount = 1
            return
        }
        guard text.byte(at: start) == 0x5B else { throw JSONFault(.value, at: start) }
        _ = try text.elements(start) { (value) throws(JSONFault) in
            let end = try readMessage(value, item: layout.messageCount)
            layout.messageCount &+= 1
            return end
        }
    }

    /// True for an array, false for null; anything else is no list of blocks.
    private func isList(_ start: Int) throws(JSONFault) -> Bool {
        switch text.byte(at: start) {
        case 0x5B: return true
        case 0x6E: return false
        default: throw JSONFault(.value, at: start)
        }
    }

    /// Over one message, or one item of a Responses input.
    private mutating func readMessage(_ start: Int, item: Int) throws(JSONFault) -> Int {
        let first = layout.blocks.count
        var message = MessageMembers()
        let end = try text.members(start) { (name, value) throws(JSONFault) in
            let field = MessageField(name, in: text)
            if field == .content {
                // Of a member that comes twice the last one counts.
                if layout.blocks.count > first { layout.blocks.removeSubrange(first...) }
                layout.markers.removeAll { $0.block >= first }
                return try readContent(value, item: item)
            }
            let end = try text.skipCheckedValue(value)
            switch field {
            case .role: message.role = text.role(value..<end)
            case .type where dialect == .responses: message.addType(value..<end, in: text)
            case .toolCalls: message.add(name, value..<end, in: text, kind: .toolUse)
            case .marker where text.isMarkerName(name, in: dialect):
                if let ttl = text.markerTTL(value..<end) { addMarker(ttl, on: first, isNested: true) }
            case .type, .marker, .content, nil: message.add(name, value..<end, in: text)
            }
            return end
        }
        try finish(message, from: first, start..<end, item: item)
        return end
    }

    private mutating func finish(
        _ message: MessageMembers, from first: Int, _ range: Range<Int>, item: Int
    ) throws(JSONFault) {
        if layout.blocks.count == first {
            guard dialect != .anthropic else {
                if let others = message.others { carried = BlockHash.mix(carried, others) }
                return
            }
            var block = PromptBlock(level: .messages, kind: message.kind, range: range, hash: 0)
            block.item = item
            block.isWholeItem = true
            try append(block)
        }
        seal(from: first, role: message.role)
        if carried != 0 {
            layout.blocks[first].hash = BlockHash.mix(layout.blocks[first].hash, carried)
            carried = 0
        }
        if let others = message.others {
            let last = layout.blocks.count - 1
            layout.blocks[last].hash = BlockHash.mix(layout.blocks[last].hash, others)
        }
        if message.role == .assistant { layout.lastAssistantStart = first }
    }

    /// Over the content of a message; adds its blocks.
    private mutating func readContent(_ start: Int, item: Int) throws(JSONFault) -> Int {
        switch text.byte(at: start) {
        case 0x22: return try readBareString(start, .messages, item: item)
        case 0x5B:
            var part = 0
            return try text.elements(start) { (value) throws(JSONFault) in
                let end = try readPart(value, .messages, item: item, part: part)
                part &+= 1
                return end
            }
        case 0x6E where dialect != .anthropic: return try text.skipCheckedValue(start)
        default: throw JSONFault(.value, at: start)
        }
    }

    private mutating func readBareString(
        _ start: Int, _ level: PromptBlock.Level, item: Int
    ) throws(JSONFault) -> Int {
        let end = try text.skipCheckedString(start)
        var hash = textStart
        hash.add(start..<end, of: text)
        var block = PromptBlock(level: level, kind: .text, range: start..<end, hash: hash.value)
        block.item = item
        block.isBareString = true
        block.isMarkable = !text.isBlankString(start..<end)
        noteAttribution(start..<end, level, item)
        try append(block)
        return end
    }

    /// Sees whether a system block is Claude Code's attribution line, which providers strip.
    func isAttribution(_ string: Range<Int>) -> Bool {
        text.string(string, hasPrefix: "x-anthropic-billing-header:") && !text.hasEscape(string)
    }

    mutating func noteAttribution(_ string: Range<Int>, _ level: PromptBlock.Level, _ item: Int) {
        if level == .system, item == 0, isAttribution(string) { layout.hasAttribution = true }
    }

    mutating func append(_ block: PromptBlock) throws(JSONFault) {
        guard layout.blocks.count < PromptLayout.maxBlocks else {
            // Only that it is thrown counts: the request gets no layout.
            throw JSONFault(.endOfText, at: block.range.lowerBound)
        }
        layout.blocks.append(block)
    }

    mutating func addMarker(_ ttl: CacheTTL, on block: Int, isNested: Bool) {
        layout.callerMarkers &+= 1
        layout.lastMarkerTTL = ttl
        if layout.markers.count < PromptLayout.maxKnownMarkers {
            layout.markers.append(CallerMarker(block: block, ttl: ttl, isNested: isNested))
        }
    }

    /// Mixes level and role into the hashes of the blocks from `first` on.
    private mutating func seal(from first: Int, role: PromptBlock.Role) {
        for i in first..<layout.blocks.count {
            layout.blocks[i].role = role
            let place = UInt64(layout.blocks[i].level.rawValue) << 8 | UInt64(role.rawValue)
            layout.blocks[i].hash = BlockHash.mix(layout.blocks[i].hash, place &+ 1)
        }
    }
}

extension PromptLayout {
    /// Markers of the caller's whose places are kept; requests may have four.
    package static let maxKnownMarkers = 8
}
