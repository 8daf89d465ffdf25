/// An object that is being put together: members in order, each value as its bytes.
struct RawObject: Sendable {
    struct Member: Sendable {
        let name: String
        var value: [UInt8]
    }

    private(set) var members: [Member] = []

    init() {}

    /// Copies an object's members as they are.
    init(_ object: ReplyMembers) {
        members = object.entries.map { Member(name: $0.name, value: object.text.bytes($0.value)) }
    }

    /// A new name goes to the end; nil changes nothing.
    subscript(_ name: String) -> [UInt8]? {
        get { members.first { $0.name == name }?.value }
        set {
            guard let newValue else { return }
            if let place = members.firstIndex(where: { $0.name == name }) {
                members[place].value = newValue
            } else {
                members.append(Member(name: name, value: newValue))
            }
        }
    }

    /// Takes a value unless it is null and another one is there.
    mutating func merge(_ name: String, _ text: JSONBytes, _ value: Range<Int>) {
        if text.isNull(value), self[name] != nil { return }
        self[name] = text.bytes(value)
    }

    /// Takes a value that a stream tells once or repeats; blank ones make room for others.
    ///
    /// - Throws: `contradiction` where another one is there.
    mutating func mergeSame(_ name: String, _ text: JSONBytes, _ value: Range<Int>) throws(ReplyObstacle) {
        guard let old = self[name] else {
            self[name] = text.bytes(value)
            return
        }
        if text.isBlank(value) { return }
        if old.isBlankJSON {
            self[name] = text.bytes(value)
        } else if !text.slice(value).elementsEqual(old) {
            throw .contradiction(name)
        }
    }

    /// Appends it as JSON.
    func write(to out: inout [UInt8]) {
        out.append(UInt8(ascii: "{"))
        for (i, member) in members.enumerated() {
            if i > 0 { out.append(UInt8(ascii: ",")) }
            out.appendJSONString(member.name)
            out.append(UInt8(ascii: ":"))
            out += member.value
        }
        out.append(UInt8(ascii: "}"))
    }

    /// It as JSON.
    var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(members.reduce(2) { $0 + $1.value.count + $1.name.utf8.count + 4 })
        write(to: &out)
        return out
    }
}

extension [UInt8] {
    /// These bytes, which are the inside of a JSON string, between quotes.
    var quoted: [UInt8] { [UInt8(ascii: "\"")] + self + [UInt8(ascii: "\"")] }

    /// True for null and for an empty string, array or object.
    var isBlankJSON: Bool {
        withUnsafeBytes { bytes in JSONBytes(bytes).map { $0.isBlank(0..<bytes.count) } ?? true }
    }
}

/// Small JSON values as bytes.
enum ReplyJSON {
    static let null = Array("null".utf8)
    static let emptyString = Array(#""""#.utf8)
    static let emptyArray = Array("[]".utf8)
    static let emptyObject = Array("{}".utf8)

    static func number(_ number: Int64) -> [UInt8] { Array(String(number).utf8) }

    static func string(_ text: String) -> [UInt8] {
        var out: [UInt8] = []
        out.appendJSONString(text)
        return out
    }

    /// A text of any bytes as a JSON string.
    static func string(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        var out = [UInt8(ascii: "\"")]
        out.reserveCapacity(text.count + text.count / 8 + 2)
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                out.append(UInt8(ascii: "\\"))
                out.append(byte)
            case 0..<0x20:
                out.append(contentsOf: byte < 0x10 ? "\\u000".utf8 : "\\u00".utf8)
                out.append(contentsOf: String(byte, radix: 16).utf8)
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
        return out
    }

    static func array(_ values: [[UInt8]]) -> [UInt8] {
        var out = [UInt8(ascii: "[")]
        for (i, value) in values.enumerated() {
            if i > 0 { out.append(UInt8(ascii: ",")) }
            out += value
        }
        out.append(UInt8(ascii: "]"))
        return out
    }
}
