/// What is wrong with a value.
struct ValueFault: Error, Equatable {
    /// End of the sentence that begins with the value: "has no unit".
    let found: String
    /// What to write instead; `nil` takes the type's example.
    let write: String?
    /// True where the value may be, or hold, a secret.
    var hidesValue = false

    init(_ found: String, write: String? = nil, hidesValue: Bool = false) {
        self.found = found
        self.write = write
        self.hidesValue = hidesValue
    }

    /// How a message names the value: in quotes and cut, or not at all where it may be a key.
    func subject(_ text: String) -> String {
        hidesValue || Self.looksLikeKey(text) ? "the value" : "\"\(text.prefix(100))\""
    }

    /// A long run of letters and digits, as keys are that somebody put in the wrong place.
    private static func looksLikeKey(_ text: String) -> Bool {
        text.utf8.count >= 16 && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
            && text.contains { $0.isNumber } && text.contains { $0.isLetter }
    }
}

/// How one kind of value is written, read and shown.
struct ValueType<Value: Sendable>: Sendable {
    /// For the reference: "duration".
    let name: String
    /// What to write where something else was found: `"30s" or "500ms"`.
    let example: String
    var isSecret = false
    let parse: @Sendable (String) -> Result<Value, ValueFault>
    /// For the reference, the value as it would be written.
    let show: @Sendable (Value) -> String

    /// The same type for a place that may be empty.
    var optional: ValueType<Value?> {
        ValueType<Value?>(
            name: name, example: example, isSecret: isSecret,
            parse: { [parse] text in parse(text).map { $0 } },
            show: { [show] value in value.map(show) ?? "" })
    }
}

extension ValueType where Value == String {
    /// Any text that is not empty.
    static func text(_ name: String = "text", example: String) -> ValueType {
        ValueType(
            name: name, example: example,
            parse: { $0.isEmpty ? .failure(ValueFault("is empty")) : .success($0) },
            show: { $0 })
    }

    /// host:port to listen on; with `allowsOff` also the word "off".
    static func listener(allowsOff: Bool = false) -> ValueType {
        let example = allowsOff ? #""127.0.0.1:8788", or "off" for none"# : #""127.0.0.1:8787""#
        return ValueType(
            name: allowsOff ? "host:port or off" : "host:port", example: example,
            parse: { text in
                if allowsOff, text == "off" { return .success(text) }
                do throws(BaseURLProblem) {
                    _ = try HostPort(listener: text)
                    return .success(text)
                } catch {
                    return .failure(ValueFault(error.found))
                }
            }, show: { $0 })
    }

    /// A provider's base URL.
    static let url = ValueType(
        name: "URL", example: #""https://api.example.com/v1""#,
        parse: { text in
            switch BaseURL.parse(text) {
            case .success: .success(text)
            case .failure(let problem): .failure(ValueFault(problem.found, hidesValue: text.contains("@")))
            }
        }, show: { $0 })

    /// Scheme, host and port of a web page, or `*`.
    static let origin = ValueType(
        name: "origin", example: #""https://app.example.com", or "*" for any"#,
        parse: { text in
            if text == "*" { return .success(text) }
            switch BaseURL.parse(text) {
            case .success(let url) where url.basePath.isEmpty && !text.hasSuffix("/"): return .success(text)
            case .success: return .failure(ValueFault("has a path"))
            case .failure(let problem):
                return .failure(ValueFault(problem.found, hidesValue: text.contains("@")))
            }
        }, show: { $0 })
}

extension ValueType where Value == Bool {
    /// "true" or "false", and nothing else that YAML may take for one.
    static let flag = ValueType(
        name: "`true`, `false`", example: #"one of "true", "false""#,
        parse: { text in
            Bool(text).map { .success($0) } ?? .failure(ValueFault("is neither true nor false"))
        }, show: { "\($0)" })
}

extension ValueType where Value == Secret {
    /// A key: visible ASCII, because it is sent in a header.
    static let secret = ValueType(
        name: "secret", example: #""${NAME}" or "${file:/path}", so that the key is not in this file"#,
        isSecret: true,
        parse: { text in
            if text.isEmpty { return .failure(ValueFault("is empty")) }
            guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                return .failure(
                    ValueFault("has white space or characters outside ASCII", write: "the key alone"))
            }
            return .success(Secret(text))
        }, show: { _ in "***" })
}

extension ValueType where Value == Duration {
    static func duration(_ range: ClosedRange<Duration>) -> ValueType {
        ValueType(
            name: "duration", example: #""30s" or "500ms""#,
            parse: { text in
                guard let value = Duration(configText: text) else {
                    let isNumber = !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isNumber }
                    return .failure(
                        isNumber && text.count < 10
                            ? ValueFault("has no unit", write: #""\#(text)s" or "\#(text)ms""#)
                            : ValueFault(
                                "is no duration", write: #"a whole number and ms, s, m or h, such as "30s""#))
                }
                guard range.contains(value) else {
                    return .failure(
                        ValueFault(
                            "is out of range",
                            write: "\(range.lowerBound.configText) to \(range.upperBound.configText)"))
                }
                return .success(value)
            }, show: \.configText)
    }
}

extension ValueType where Value == Int {
    /// A size in bytes.
    static func size(_ range: ClosedRange<Int>) -> ValueType {
        ValueType(
            name: "size", example: #""32MiB", "1MB" or a number of bytes"#,
            parse: { text in
                guard let value = ByteSize.parse(text) else { return .failure(ValueFault("is no size")) }
                guard range.contains(value) else {
                    return .failure(
                        ValueFault(
                            "is out of range",
                            write: "\(ByteSize.text(range.lowerBound)) to \(ByteSize.text(range.upperBound))")
                    )
                }
                return .success(value)
            }, show: { ByteSize.text($0) })
    }

    static func count(_ range: ClosedRange<Int>) -> ValueType {
        let example = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return ValueType(
            name: "number", example: example,
            parse: { text in
                guard let value = Int(text), !text.hasPrefix("+") else {
                    return .failure(ValueFault("is no whole number"))
                }
                return range.contains(value) ? .success(value) : .failure(ValueFault("is out of range"))
            }, show: { "\($0)" })
    }
}

extension ValueType where Value == Int64 {
    /// Dollars per million tokens as nanodollars per million tokens, exactly.
    static let price = ValueType(
        name: "dollars per million tokens", example: #"dollars per million tokens, such as 2.50"#,
        parse: { text in
            guard let value = ExactDecimal.scaled(text, by: 9) else {
                return .failure(ValueFault("is no amount of dollars with at most nine decimal places"))
            }
            return value >= 0 ? .success(value) : .failure(ValueFault("is negative"))
        }, show: { Money(nanodollars: $0).description })
}

extension ValueType where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the enum's raw values.
    static var word: ValueType {
        let words = Value.allCases.map { "\"\($0.rawValue)\"" }
        return ValueType(
            name: Value.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "),
            example: (words.count > 1 ? "one of " : "") + words.joined(separator: ", "),
            parse: { text in
                Value(rawValue: text).map { .success($0) }
                    ?? .failure(ValueFault("is none of the words known here"))
            }, show: { $0.rawValue })
    }
}
