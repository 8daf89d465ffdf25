extension NeedsReader {
    mutating func readTools(_ value: Range<Int>) throws(JSONFault) {
        guard text.byte(at: value.lowerBound) == 0x5B else { return }
        _ = try text.elements(value.lowerBound) { (element) throws(JSONFault) in
            let end = try text.skipCheckedValue(element)
            readTool(element..<end)
            return end
        }
    }

    private mutating func readTool(_ tool: Range<Int>) {
        needs.hasTools = true
        guard isObject(tool), let type = word("type", in: tool) else { return }
        let isCallers = type == "function" || type == "custom" && needs.dialect != .chat
        if !isCallers, needs.serverTools.count < 16 { needs.serverTools.append(String(type.prefix(64))) }
    }

    /// A word or a table; whatever is not known to leave the choice forces a tool.
    mutating func readToolChoice(_ value: Range<Int>) {
        let choice = isString(value) ? text.string(value) : word("type", in: value) ?? ""
        switch choice {
        case "auto", "none": needs.forcesTool = false
        case "allowed_tools": needs.forcesTool = word("mode", in: value) == "required"
        default: needs.forcesTool = true
        }
    }

    /// `text` of a Responses request: the form of the reply, and its verbosity.
    mutating func readTextOptions(_ value: Range<Int>) {
        guard isObject(value), let format = text.objectOffset(of: "format", in: value.lowerBound) else {
            return
        }
        needs.isStructured = word("type", at: format) != "text"
    }

    // MARK: - Values

    func isNull(_ value: Range<Int>) -> Bool { text.byte(at: value.lowerBound) == 0x6E }

    func isObject(_ value: Range<Int>) -> Bool { text.byte(at: value.lowerBound) == 0x7B }

    func isString(_ value: Range<Int>) -> Bool { text.byte(at: value.lowerBound) == 0x22 }

    /// True for the number 1, however it is spelled in at most 16 bytes.
    func isOne(_ value: Range<Int>) -> Bool {
        value.count <= 16 && JSONDecimal(String(decoding: text.slice(value), as: UTF8.self))?.int == 1
    }

    /// The text of a string member of the object in that range; `nil` for anything else.
    func word(_ name: StaticString, in object: Range<Int>) -> String? {
        isObject(object) ? word(name, at: object.lowerBound) : nil
    }

    /// The same of the object that begins there.
    func word(_ name: StaticString, at object: Int) -> String? {
        guard let value = text.valueOffset(of: name, in: object), text.byte(at: value) == 0x22,
            let end = try? text.skipString(value), end - value <= 130
        else { return nil }
        return text.string(value..<end)
    }
}
