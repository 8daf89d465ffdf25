/// Bytes of one event being written: literals, and values of a text as they stand there.
struct EventBytes {
    private(set) var bytes: [UInt8] = []

    init(_ beginning: [UInt8]) { bytes = beginning }

    /// An event with a name, up to the inside of its data: `event: x`, `data: {"type":"x"`.
    init(named name: StaticString) {
        bytes.reserveCapacity(256)
        add("event: ")
        add(name)
        add("\ndata: {\"type\":\"")
        add(name)
        add("\"")
    }

    mutating func add(_ literal: StaticString) {
        literal.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ more: [UInt8]) { bytes.append(contentsOf: more) }

    mutating func add(_ label: StaticString, _ value: [UInt8]) {
        add(label)
        add(value)
    }

    mutating func add(_ label: StaticString, _ number: Int) {
        add(label)
        add(number)
    }

    /// A value as it stands; null where there is none.
    mutating func add(_ text: JSONBytes, _ value: Range<Int>?) {
        if let value { bytes.append(contentsOf: text.slice(value)) } else { add(ReplyJSON.null) }
    }

    /// A member as it stands, with a comma in front.
    mutating func add(_ text: JSONBytes, member: ReplyMembers.Entry) {
        bytes.append(UInt8(ascii: ","))
        bytes.appendJSONString(member.name)
        bytes.append(UInt8(ascii: ":"))
        add(text, member.value)
    }

    mutating func add(_ number: Int) { bytes.append(contentsOf: String(number).utf8) }

    /// A range inside of a string as a string of its own.
    mutating func addQuoted(_ text: JSONBytes, _ piece: Range<Int>) {
        bytes.append(UInt8(ascii: "\""))
        add(text, piece)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Ends the object and the event.
    mutating func end() { add("}\n\n") }
}

extension ReplyMembers {
    /// Writes the object with some values replaced; a nil value leaves the member out.
    func write(to out: inout [UInt8], replacing: [String: [UInt8]?]) {
        out.append(UInt8(ascii: "{"))
        var isFirst = true
        for entry in entries {
            let value = replacing[entry.name]
            if case .some(.none) = value { continue }
            if !isFirst { out.append(UInt8(ascii: ",")) }
            isFirst = false
            out.appendJSONString(entry.name)
            out.append(UInt8(ascii: ":"))
            if case .some(.some(let bytes)) = value {
                out += bytes
            } else {
                out.append(contentsOf: text.slice(entry.value))
            }
        }
        out.append(UInt8(ascii: "}"))
    }

    /// The object with some values replaced; a nil value leaves the member out.
    func bytes(replacing: [String: [UInt8]?]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(512)
        write(to: &out, replacing: replacing)
        return out
    }
}
