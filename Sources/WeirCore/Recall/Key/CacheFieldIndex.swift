/// The rows of one endpoint's table, found by place and name.
final class CacheFieldIndex: Sendable {
    let body: Rows
    let tool: Rows
    let message: Rows
    let part: Rows
    let promptCacheOptions: Rows

    init(_ table: [CacheField]) {
        func rows(_ place: CacheField.Place) -> Rows { Rows(table.filter { $0.place == place }) }
        body = rows(.body)
        tool = rows(.tool)
        message = rows(.message)
        part = rows(.part)
        promptCacheOptions = rows(.promptCacheOptions)
    }

    /// The rows of one place; at most 64, so that a set of them is one word.
    final class Rows: Sendable {
        /// Of each row the first eight bytes of its name, as `CanonicalText.Member` has them, and its length.
        private let names: [(key: UInt64, length: Int)]
        let fields: [CacheField]
        let shapes: [CacheField.Shape]
        /// One bit for each row that leaves no trace, and for each whose value may be an obstacle.
        private let leftOut: UInt64
        private let judged: UInt64
        /// One bit for each length that a name has, 63 for all longer ones.
        private let lengths: UInt64

        init(_ fields: [CacheField]) {
            let fields = Array(fields.prefix(64))
            self.fields = fields
            names = fields.map { (Self.key($0.name), $0.name.utf8.count) }
            shapes = fields.map(\.shape)
            func rows(_ isMeant: (CacheField.Treatment) -> Bool) -> UInt64 {
                fields.indices.reduce(0) { $0 | (isMeant(fields[$1].treatment) ? 1 << UInt64($1) : 0) }
            }
            leftOut = rows { $0.leavesOut }
            judged = rows { if case .notCacheable = $0 { true } else { false } }
            lengths = names.reduce(0) { $0 | 1 << UInt64(min(63, $1.length)) }
        }

        @inline(__always)
        func leavesOut(_ row: Int) -> Bool { leftOut &>> UInt64(row) & 1 != 0 }

        @inline(__always)
        func isJudged(_ row: Int) -> Bool { judged &>> UInt64(row) & 1 != 0 }

        /// Which row has the name of a member written to `out`; `nil` where none has.
        @inline(__always)
        func find(_ member: CanonicalText.Member, in out: UnsafePointer<UInt8>) -> Int? {
            guard lengths &>> UInt64(min(63, member.length)) & 1 != 0 else { return nil }
            return findSlowly(member, out)
        }

        private func findSlowly(_ member: CanonicalText.Member, _ out: UnsafePointer<UInt8>) -> Int? {
            names.indices.first {
                names[$0].key == member.key && names[$0].length == member.length
                    && (member.length <= 8 || hasSameRest($0, member, out))
            }
        }

        private func hasSameRest(
            _ row: Int, _ member: CanonicalText.Member, _ out: UnsafePointer<UInt8>
        ) -> Bool {
            let name = UnsafeBufferPointer(start: out + member.start + 1, count: member.length)
            return name.dropFirst(8).elementsEqual(fields[row].name.utf8.dropFirst(8))
        }

        private static func key(_ name: String) -> UInt64 {
            let first = name.utf8.prefix(8)
            let key = first.reduce(0) { $0 << 8 | UInt64($1) }
            return first.isEmpty ? 0 : key << UInt64(64 - 8 * first.count)
        }
    }

    static let empty = CacheFieldIndex([])
    private static let messages = CacheFieldIndex(CacheField.messages)
    private static let chat = CacheFieldIndex(CacheField.chat)
    private static let responses = CacheFieldIndex(CacheField.responses)
    private static let embeddings = CacheFieldIndex(CacheField.embeddings)

    /// `nil` where nothing is cached.
    static func of(_ endpoint: Endpoint) -> CacheFieldIndex? {
        switch endpoint {
        case .messages: messages
        case .chatCompletions: chat
        case .responses: responses
        case .embeddings: embeddings
        case .countTokens, .models, .anthropicOther, .openAIOther, .raw: nil
        }
    }
}

extension CacheField.When {
    /// Whether it holds for a value in its canonical form.
    func holds(for value: UnsafeBufferPointer<UInt8>) -> Bool {
        switch self {
        case .notNull: !value.isWord("null")
        case .isTrue: value.isWord("true")
        case .isNotFalse: !value.isWord("false")
        case .isZero: value.isWord("0") || value.isWord("-0")
        case .isFilled: value.count > 2 && (value[0] == 0x5B || value[0] == 0x7B)
        case .isOneOf(let words): words.contains { value.isString($0) }
        case .isNoneOf(let words): !words.contains { value.isString($0) }
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// True for exactly those bytes.
    @inline(__always)
    func isWord(_ word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        for k in 0..<count where self[k] != word.utf8Start[k] { return false }
        return true
    }

    /// True for a JSON string of that text, which needs no escapes; a text that ends in `*` is a prefix.
    fileprivate func isString(_ word: String) -> Bool {
        guard count >= 2, self[0] == 0x22, self[count - 1] == 0x22 else { return false }
        let text = self[1..<count - 1]
        if word.utf8.last == 0x2A { return text.starts(with: word.utf8.dropLast()) }
        return word.utf8.count == text.count && text.elementsEqual(word.utf8)
    }
}
