/// Replaces `${NAME}`, `${NAME:-default}` and `${file:/path}` in a scalar; `$${` stands for `${`.
struct Interpolation {
    let environment: [String: String]
    let readFile: (String) throws -> String

    /// The text with everything replaced, or what is wrong with it.
    func apply(_ text: String) -> Result<String, ValueFault> {
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                result += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                let inside = rest.dropFirst(2).prefix { $0 != "}" }
                rest = rest.dropFirst(2 + inside.count)
                guard rest.first == "}" else {
                    return .failure(
                        ValueFault(
                            "has a ${ without its }",
                            write: #""${NAME}", or "$${" for the characters themselves"#))
                }
                rest = rest.dropFirst()
                switch value(inside) {
                case .success(let value): result += value
                case .failure(let fault): return .failure(fault)
                }
            } else {
                result.append("$")
                rest = rest.dropFirst()
            }
        }
        return .success(result + rest)
    }

    private func value(_ inside: Substring) -> Result<String, ValueFault> {
        if inside.hasPrefix("file:") { return contents(String(inside.dropFirst("file:".count))) }
        let name = inside.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        let tail = inside.dropFirst(name.count)
        guard !name.isEmpty, name.first?.isNumber == false, tail.isEmpty || tail.hasPrefix(":-") else {
            return .failure(
                ValueFault(
                    "has a ${…} that is neither a variable nor a file",
                    write: #""${NAME}", "${NAME:-default}" or "${file:/path}""#))
        }
        let value = environment[String(name)] ?? ""
        if !value.isEmpty { return .success(value) }
        if !tail.isEmpty { return .success(String(tail.dropFirst(2))) }
        if environment[String(name)] != nil { return .success("") }
        return .failure(
            ValueFault(
                "needs the environment variable \(name), which is not set",
                write: #""${\#(name):-default}", or set \#(name) where Weir starts"#))
    }

    private func contents(_ path: String) -> Result<String, ValueFault> {
        guard let text = try? readFile(path) else {
            return .failure(
                ValueFault(
                    "names the file \(path), which cannot be read", write: "the path of a file Weir may read")
            )
        }
        let start = text.drop { $0.isWhitespace }
        return .success(String(start.prefix(start.count - start.reversed().prefix { $0.isWhitespace }.count)))
    }
}
