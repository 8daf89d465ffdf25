extension SignedBlocks {
    /// Reads the signed blocks of a request whose facts were read from the same bytes.
    ///
    /// One pass over `messages` or `input`; nothing is decoded but signatures with escapes. `nil` where there
    /// are none, where the shape is none that providers take, and in other dialects.
    package static func read(
        _ facts: RequestFacts, _ bytes: UnsafeRawBufferPointer, dialect: Dialect
    ) -> SignedBlocks? {
        let list: Range<Int>?
        switch dialect {
        case .anthropic: list = facts.messagesRange
        case .responses: list = facts.inputRange
        case .chat, .gemini: list = nil
        }
        guard let list, list.upperBound <= bytes.count, let text = JSONBytes(bytes),
            text.byte(at: list.lowerBound) == 0x5B
        else { return nil }
        var reader = SignedBlockReader(text: text, dialect: dialect)
        do throws(JSONFault) {
            try reader.read(list.lowerBound)
        } catch {
            return nil
        }
        return reader.found.hashes.isEmpty ? nil : reader.found
    }
}

/// The pass that makes `SignedBlocks`.
private struct SignedBlockReader {
    let text: JSONBytes
    var found: SignedBlocks
    /// End of the element read last, in the list of messages or items.
    private var itemEnd: Int?

    init(text: JSONBytes, dialect: Dialect) {
        self.text = text
        found = SignedBlocks(dialect: dialect)
    }

    mutating func read(_ list: Int) throws(JSONFault) {
        _ = try text.elements(list) { (value) throws(JSONFault) in
            noteAfter(value)
            let end: Int
            if text.byte(at: value) != 0x7B {
                end = try text.skipCheckedValue(value)
            } else if found.dialect == .anthropic {
                end = try readMessage(value)
            } else {
                end = try readItem(value)
            }
            itemEnd = end
            found.itemCount += 1
            return end
        }
    }

    /// Tells the element read last, if it is of use, where the next one starts.
    private mutating func noteAfter(_ start: Int) {
        let last = found.itemCount - 1
        if found.dialect == .anthropic {
            let message = found.messages.count - 1
            if message >= 0, found.messages[message].place.index == last {
                found.messages[message].place.after = start
            }
        } else {
            let item = found.places.count - 1
            if item >= 0, found.places[item].index == last { found.places[item].after = start }
        }
    }

    private mutating func add(_ place: ListPlace, _ hash: UInt64) throws(JSONFault) {
        guard found.places.count < SignedBlocks.maxBlocks else {
            // Only that it is thrown counts: none of the blocks is read.
            throw JSONFault(.endOfText, at: place.range.lowerBound)
        }
        found.places.append(place)
        found.hashes.append(hash)
    }

    // MARK: Responses

    private mutating func readItem(_ start: Int) throws(JSONFault) -> Int {
        var isReasoning = false
        var signature: Range<Int>?
        var id: Range<Int>?
        let end = try text.members(start) { (name, value) throws(JSONFault) in
            let end = try text.skipCheckedValue(value)
            switch SignedField(name, in: text) {
            case .type: isReasoning = text.isString(value..<end, "reasoning")
            case .encryptedContent: signature = text.byte(at: value) == 0x22 ? value..<end : nil
            case .id: id = text.byte(at: value) == 0x22 ? value..<end : nil
            case .role, .content, .signature, .data, nil: break
            }
            return end
        }
        // Without its content an item is known by its identifier, which the provider looks up.
        if isReasoning, let hash = (signature ?? id).map(text.textHash) {
            let place = ListPlace(index: found.itemCount, range: start..<end, before: itemEnd)
            try add(place, hash)
        }
        return end
    }

    // MARK: Anthropic

    private mutating func readMessage(_ start: Int) throws(JSONFault) -> Int {
        let first = found.places.count
        var role = SpokenBy.other
        var content = MessageContent()
        let end = try text.members(start) { (name, value) throws(JSONFault) in
            switch SignedField(name, in: text) {
            case .content:
                // Of a member that comes twice the last one counts.
                forget(from: first)
                content = MessageContent()
                guard text.byte(at: value) == 0x5B else { return try text.skipCheckedValue(value) }
                let end = try readContent(value, &content)
                content.range = value..<end
                return end
            case .role:
                let end = try text.skipCheckedValue(value)
                role = SpokenBy(value..<end, in: text)
                return end
            case .type, .signature, .data, .encryptedContent, .id, nil:
                return try text.skipCheckedValue(value)
            }
        }
        finish(start..<end, role, content, from: first)
        return end
    }

    private mutating func finish(
        _ range: Range<Int>, _ role: SpokenBy, _ content: MessageContent, from first: Int
    ) {
        switch role {
        case .assistant:
            if found.openTurn == nil { found.openTurn = found.itemCount }
            guard found.places.count > first else { return }
            let place = ListPlace(index: found.itemCount, range: range, before: itemEnd)
            found.messages.append(
                SignedBlocks.Message(
                    place: place, content: content.range, partCount: content.partCount,
                    blocks: first..<found.places.count))
        case .user:
            forget(from: first)
            if !content.hasToolResult { found.openTurn = nil }
        case .other: forget(from: first)
        }
    }

    private mutating func forget(from first: Int) {
        guard found.places.count > first else { return }
        found.places.removeSubrange(first...)
        found.hashes.removeSubrange(first...)
    }

    private mutating func readContent(
        _ start: Int, _ content: inout MessageContent
    ) throws(JSONFault) -> Int {
        var partEnd: Int?
        return try text.elements(start) { (value) throws(JSONFault) in
            let last = found.places.count - 1
            if content.lastIsSigned { found.places[last].after = value }
            let (end, kind, hash) = try readPart(value)
            content.lastIsSigned = kind == .signed
            if kind == .signed {
                try add(ListPlace(index: content.partCount, range: value..<end, before: partEnd), hash)
            } else if kind == .toolResult {
                content.hasToolResult = true
            }
            partEnd = end
            content.partCount += 1
            return end
        }
    }

    private func readPart(_ start: Int) throws(JSONFault) -> (end: Int, kind: PartKind, hash: UInt64) {
        guard text.byte(at: start) == 0x7B else { return (try text.skipCheckedValue(start), .other, 0) }
        var type: Range<Int>?
        var signature: Range<Int>?
        var data: Range<Int>?
        let end = try text.members(start) { (name, value) throws(JSONFault) in
            let end = try text.skipCheckedValue(value)
            switch SignedField(name, in: text) {
            case .type: type = value..<end
            case .signature: signature = text.byte(at: value) == 0x22 ? value..<end : nil
            case .data: data = text.byte(at: value) == 0x22 ? value..<end : nil
            case .role, .content, .encryptedContent, .id, nil: break
            }
            return end
        }
        guard let type else { return (end, .other, 0) }
        if text.isString(type, "tool_result") { return (end, .toolResult, 0) }
        let isThinking = text.isString(type, "thinking")
        guard isThinking || text.isString(type, "redacted_thinking") else { return (end, .other, 0) }
        let hash = (isThinking ? signature : data).map(text.textHash)
        return (end, .signed, hash ?? FastHash.hash64(of: ""))
    }
}

private enum PartKind { case signed, toolResult, other }

/// What was read of one message's content.
private struct MessageContent {
    var range = 0..<0
    var partCount = 0
    var hasToolResult = false
    var lastIsSigned = false
}

private enum SpokenBy {
    case user, assistant, other

    init(_ value: Range<Int>, in text: JSONBytes) {
        if text.isString(value, "assistant") {
            self = .assistant
        } else {
            self = text.isString(value, "user") ? .user : .other
        }
    }
}

/// Members of messages, blocks and items that are read.
private enum SignedField {
    case role, content, type, signature, data, encryptedContent, id

    /// `nil` for another name; `name` includes its quotes.
    @inline(__always)
    init?(_ name: Range<Int>, in text: JSONBytes) {
        switch name.count - 2 {
        case 2 where text.string(name, isExactly: "id"): self = .id
        case 4 where text.string(name, isExactly: "role"): self = .role
        case 4 where text.string(name, isExactly: "type"): self = .type
        case 4 where text.string(name, isExactly: "data"): self = .data
        case 7 where text.string(name, isExactly: "content"): self = .content
        case 9 where text.string(name, isExactly: "signature"): self = .signature
        case 17 where text.string(name, isExactly: "encrypted_content"): self = .encryptedContent
        default:
            guard text.hasEscape(name), name.count <= 2 + 17 * 6 else { return nil }
            switch text.string(name) {
            case "id": self = .id
            case "role": self = .role
            case "type": self = .type
            case "data": self = .data
            case "content": self = .content
            case "signature": self = .signature
            case "encrypted_content": self = .encryptedContent
            default: return nil
            }
        }
    }
}

extension JSONBytes {
    /// True when a value that was stepped over is a string with that text, however it is spelled.
    func isString(_ value: Range<Int>, _ word: StaticString) -> Bool {
        if string(value, isExactly: word) { return byte(at: value.lowerBound) == 0x22 }
        let length = word.utf8CodeUnitCount
        // Each byte takes up to six, `\u0000`.
        guard byte(at: value.lowerBound) == 0x22, value.count > length + 2, value.count <= 2 + 6 * length,
            hasEscape(value)
        else { return false }
        return decoded(value).elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: length))
    }
}
