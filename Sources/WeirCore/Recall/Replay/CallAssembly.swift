/// One tool call of a Chat stream: identifier, type and name come once, the arguments grow.
struct CallAssembly: Sendable {
    /// Calls a choice may make.
    static let maxCalls = 256

    let index: Int
    private var object = RawObject()
    private var function = FunctionAssembly(growing: "arguments")
    private var custom = FunctionAssembly(growing: "input")

    init(index: Int) { self.index = index }

    mutating func read(_ fragment: ReplyMembers) throws(ReplyObstacle) {
        let text = fragment.text
        for entry in fragment.entries {
            switch entry.name {
            case "index": break
            case "function", "custom":
                if text.isNull(entry.value) { continue }
                let part = try ReplyMembers(text, entry.value.lowerBound)
                if entry.name == "function" { try function.read(part) } else { try custom.read(part) }
                if object[entry.name] == nil { object[entry.name] = [] }
            default: try object.mergeSame(entry.name, text, entry.value)
            }
        }
    }

    /// The call as the plain reply has it, without its number.
    func bytes() throws(ReplyObstacle) -> [UInt8] {
        var object = object
        guard let id = object["id"], !id.isBlankJSON else { throw .contradiction("tool_calls.id") }
        let isFunction = object["function"] != nil
        guard isFunction != (object["custom"] != nil) else { throw .contradiction("tool_calls") }
        if object["type"]?.isBlankJSON ?? true {
            object["type"] = Array((isFunction ? #""function""# : #""custom""#).utf8)
        }
        if isFunction {
            object["function"] = try function.bytes()
        } else {
            object["custom"] = try custom.bytes()
        }
        return object.bytes
    }
}

/// Name and growing arguments of a call.
struct FunctionAssembly: Sendable {
    private let growing: String
    private var object = RawObject()
    private var text: [UInt8] = []

    /// `growing` is the member whose pieces are joined.
    init(growing: String) { self.growing = growing }

    mutating func read(_ part: ReplyMembers) throws(ReplyObstacle) {
        for entry in part.entries {
            if entry.name != growing {
                try object.mergeSame(entry.name, part.text, entry.value)
            } else if part.text.isString(entry.value) {
                text.append(contentsOf: part.text.inside(entry.value))
            } else if !part.text.isNull(entry.value) {
                throw .unknownPart("tool_calls." + growing)
            }
        }
    }

    func bytes() throws(ReplyObstacle) -> [UInt8] {
        guard let name = object["name"], !name.isBlankJSON else { throw .contradiction("tool_calls.name") }
        var object = object
        object[growing] = text.quoted
        return object.bytes
    }
}
