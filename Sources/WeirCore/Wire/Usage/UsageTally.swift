/// What the meters of all dialects write down while a reply goes by.
struct UsageTally: Sendable {
    /// How far the figures in `usage` can be trusted.
    enum Standing: Sendable {
        /// None came.
        case missing
        /// Input is right, output is a placeholder (Anthropic's `message_start`).
        case opening
        /// All are right up to the moment they came.
        case snapshot
        /// The provider's last word.
        case final
    }

    var usage = Usage()
    var standing = Standing.missing
    /// Bytes of text, arguments and thinking in the deltas so far, escapes resolved.
    var outputTextBytes = 0
    /// `outputTextBytes` when the last snapshot came.
    private var reportedTextBytes = 0
    var sawTerminalEvent = false
    var sawErrorEvent = false
    var servedModel: String?

    /// Writes down figures that have just come; a last word is not taken back.
    mutating func report(_ standing: Standing) {
        reportedTextBytes = outputTextBytes
        if self.standing != .final { self.standing = standing }
    }

    /// The stream came to its regular end; a snapshot that no output followed was the last word.
    mutating func end() {
        sawTerminalEvent = true
        if standing == .snapshot, reportedTextBytes == outputTextBytes { standing = .final }
    }

    var source: UsageSource {
        switch standing {
        case .final: .provider
        case .opening, .snapshot: .estimated
        case .missing: outputTextBytes > 0 || !usage.isEmpty ? .estimated : .none
        }
    }

    /// Puts an estimate where the provider's last word did not come: four bytes of output text to a token.
    mutating func estimate() {
        switch standing {
        case .final: return
        case .missing where outputTextBytes == 0: return
        case .missing: usage.output = Self.tokens(outputTextBytes)
        case .opening: usage.output = max(usage.output ?? 0, Self.tokens(outputTextBytes))
        case .snapshot: usage.output = (usage.output ?? 0) + Self.tokens(outputTextBytes - reportedTextBytes)
        }
        usage.isEstimated = true
    }

    private static func tokens(_ bytes: Int) -> Int { (bytes + 3) / 4 }

    /// Takes the name of the model when the string at `offset` is the first one that is not empty.
    mutating func takeModel(_ text: JSONBytes, _ offset: Int) {
        guard servedModel == nil, let name = text.stringValue(offset), !name.isEmpty else { return }
        servedModel = name
    }

    /// Adds the string at `offset`, if one stands there; returns the offset behind the value.
    @inline(__always)
    mutating func countString(_ text: JSONBytes, _ offset: Int) throws(JSONFault) -> Int {
        guard text.byte(at: offset) == 0x22 else { return try text.skipValue(offset) }
        let end = try text.skipString(offset)
        outputTextBytes &+= text.decodedCount(offset..<end)
        return end
    }
}

extension JSONBytes {
    /// The string at `offset`; `nil` when something else stands there.
    func stringValue(_ offset: Int) -> String? {
        guard byte(at: offset) == 0x22, let end = try? skipString(offset) else { return nil }
        return string(offset..<end)
    }

    /// The count at `offset`, as `JSONValue.count` has it; `nil` when no count stands there.
    func count(_ offset: Int) -> Int? {
        var number = 0
        var i = offset
        while i < offset &+ 12, byte(at: i) &- 0x30 < 10 {
            number = number &* 10 &+ Int(byte(at: i) &- 0x30)
            i &+= 1
        }
        // Nearly all counts end here; what is longer or spelled otherwise is read exactly.
        let next = byte(at: i)
        if i > offset, next == 0x2C || next == 0x7D { return number }
        return tree(offset)?.count
    }

    /// The value at `offset` as a tree, for the small objects that carry usage.
    func tree(_ offset: Int) -> JSONValue? {
        try? value(offset, maxDepth: JSONValue.usualMaxDepth).value
    }

    /// True unless null, false, 0, or an empty string, array or object stands at `offset`.
    func isTruthy(_ offset: Int) -> Bool {
        switch byte(at: offset) {
        case 0x6E, 0x66: false
        case 0x30: byte(at: offset + 1) == 0x2E
        case 0x22: byte(at: offset + 1) != 0x22
        case 0x7B: byte(at: skipSpace(offset + 1)) != 0x7D
        case 0x5B: byte(at: skipSpace(offset + 1)) != 0x5D
        default: offset < count
        }
    }

    /// Where the last `usage` object begins in a text whose middle is missing.
    ///
    /// Inside a string the quotes would be escaped, so `"usage"` with a colon and `{` behind it is the
    /// member.
    func lastUsage() -> Int? {
        var i = count - 7
        while i > 0 {
            i -= 1
            guard byte(at: i) == 0x22, byte(at: i + 1) == 0x75, string(i..<i + 7, isExactly: "usage"),
                i == 0 || byte(at: i - 1) != 0x5C
            else { continue }
            let colon = skipSpace(i + 7)
            let value = skipSpace(colon + 1)
            guard byte(at: colon) == 0x3A, byte(at: value) == 0x7B else { continue }
            if (try? skipValue(value)) != nil { return value }
        }
        return nil
    }
}

extension JSONValue {
    /// A count of tokens or requests: a whole number from 0 to 10¹², as no real figure is larger.
    var count: Int? {
        guard let int, int >= 0, int <= 1_000_000_000_000 else { return nil }
        return int
    }
}
