/// One level of an object: the names of its members and where their values stand.
struct ReplyMembers {
    /// Members an object may have to be looked into; a reply's objects have at most forty.
    static let maxCount = 128

    struct Entry {
        private let text: JSONBytes
        /// Where the name stands, with its quotes.
        private let nameRange: Range<Int>
        private let isEscaped: Bool
        /// Range of the value in the text.
        let value: Range<Int>

        init(_ text: JSONBytes, name: Range<Int>, value: Range<Int>) {
            self.text = text
            nameRange = name
            isEscaped = text.hasEscape(name)
            self.value = value
        }

        var name: String { text.string(nameRange) }

        func isNamed(_ word: String) -> Bool {
            if isEscaped { return name == word }
            var word = word
            return word.withUTF8 { text.inside(nameRange).hasSameBytes(as: UnsafeRawBufferPointer($0)) }
        }

        /// True where both have the same name, however it is spelled.
        func isNamed(like other: Entry) -> Bool {
            if isEscaped || other.isEscaped { return name == other.name }
            return text.inside(nameRange).hasSameBytes(as: text.inside(other.nameRange))
        }
    }

    let text: JSONBytes
    private(set) var entries: [Entry] = []
    /// Behind the object.
    private let end: Int

    /// Reads the object at `start`.
    ///
    /// - Throws: `notJSON`; `notReply` where no object stands; `contradiction` where a name comes twice, as
    ///   parsers differ in which of the values they take.
    init(_ text: JSONBytes, _ start: Int) throws(ReplyObstacle) {
        self.text = text
        guard text.byte(at: start) == 0x7B else { throw .notReply }
        var list: [Entry] = []
        list.reserveCapacity(8)
        var isTooLong = false
        do throws(JSONFault) {
            end = try text.members(start) { (name, value) throws(JSONFault) in
                let end = try text.skipValue(value, depth: 1)
                if list.count < Self.maxCount {
                    list.append(Entry(text, name: name, value: value..<end))
                } else {
                    isTooLong = true
                }
                return end
            }
        } catch { throw .notJSON }
        guard !isTooLong else { throw .unknownPart("members") }
        for i in list.indices {
            for j in 0..<i where list[i].isNamed(like: list[j]) { throw .contradiction(list[i].name) }
        }
        entries = list
    }

    /// Reads one whole text, which must be an object with nothing but white space around it.
    init(whole bytes: UnsafeRawBufferPointer) throws(ReplyObstacle) {
        guard let text = JSONBytes(bytes) else { throw .notJSON }
        try self.init(text, text.skipSpace(text.hasMark ? 3 : 0))
        guard text.skipSpace(end) == text.count else { throw .notJSON }
    }

    subscript(_ name: String) -> Range<Int>? { entries.first { $0.isNamed(name) }?.value }

    /// Where the member's value stands.
    ///
    /// - Throws: `notReply` when it is not there.
    func value(_ name: String) throws(ReplyObstacle) -> Range<Int> {
        guard let value = self[name] else { throw .notReply }
        return value
    }

    /// True where the member is there and neither null nor an empty string, array or object.
    func has(_ name: String) -> Bool { self[name].map { !text.isBlank($0) } ?? false }

    /// The member when it is a string.
    func string(_ name: String) -> String? { self[name].flatMap { text.stringValue($0.lowerBound) } }

    /// True where the member is that string.
    func has(_ name: String, saying word: StaticString) -> Bool {
        guard let value = self[name], text.isString(value) else { return false }
        return text.string(value, isExactly: word) || text.hasEscape(value) && string(name) == "\(word)"
    }

    /// The member when it is a whole number from 0.
    func count(_ name: String) -> Int? { self[name].flatMap { text.tree($0.lowerBound)?.count } }

    /// The member as an object.
    ///
    /// - Throws: `notReply` when it is none or not there.
    func object(_ name: String) throws(ReplyObstacle) -> ReplyMembers {
        guard let value = self[name] else { throw .notReply }
        return try ReplyMembers(text, value.lowerBound)
    }

    /// The elements of the member.
    ///
    /// - Throws: `notReply` when it is no array or not there.
    func elements(_ name: String) throws(ReplyObstacle) -> [Range<Int>] {
        guard let value = self[name] else { throw .notReply }
        return try text.elementRanges(value)
    }
}

extension JSONBytes {
    /// Where the elements of an array stand.
    func elementRanges(_ array: Range<Int>) throws(ReplyObstacle) -> [Range<Int>] {
        guard byte(at: array.lowerBound) == 0x5B else { throw .notReply }
        var list: [Range<Int>] = []
        do throws(JSONFault) {
            _ = try elements(array.lowerBound) { (value) throws(JSONFault) in
                let end = try skipValue(value, depth: 1)
                list.append(value..<end)
                return end
            }
        } catch { throw .notJSON }
        return list
    }

    /// True for null and for an empty string, array or object.
    func isBlank(_ value: Range<Int>) -> Bool {
        switch byte(at: value.lowerBound) {
        case 0x6E: true
        case 0x22: value.count == 2
        case 0x7B, 0x5B: skipSpace(value.lowerBound + 1) == value.upperBound - 1
        default: false
        }
    }

    func isNull(_ value: Range<Int>) -> Bool { byte(at: value.lowerBound) == 0x6E }
    func isString(_ value: Range<Int>) -> Bool { byte(at: value.lowerBound) == 0x22 }
    func isObject(_ value: Range<Int>) -> Bool { byte(at: value.lowerBound) == 0x7B }
    func isArray(_ value: Range<Int>) -> Bool { byte(at: value.lowerBound) == 0x5B }

    /// What stands between the quotes of a string, escapes as they are.
    func inside(_ string: Range<Int>) -> UnsafeRawBufferPointer {
        slice(string.lowerBound + 1..<string.upperBound - 1)
    }

    /// The bytes of a value as they are.
    func bytes(_ value: Range<Int>) -> [UInt8] { Array(slice(value)) }
}
