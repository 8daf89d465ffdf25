extension ValueType where Value == Duration? {
    /// A duration, or "off" for none.
    static func durationOrOff(_ range: ClosedRange<Duration>) -> ValueType {
        alternative("off", to: .duration(range), name: "duration or `off`")
    }

    /// "p95" (which is `nil`), or a duration.
    static let hedgeWait = alternative(
        "p95", to: .duration(.milliseconds(1)...Duration.seconds(3600)), name: "`p95` or duration")

    private static func alternative(
        _ word: String, to other: ValueType<Duration>, name: String
    ) -> ValueType {
        ValueType(
            name: name, example: #"\#(other.example), or "\#(word)""#,
            parse: { text in
                if text == word { return .success(nil) }
                return other.parse(text).map { $0 }.mapError { fault in
                    ValueFault(fault.found, write: fault.write.map { #"\#($0), or "\#(word)""# })
                }
            },
            show: { $0.map(other.show) ?? word })
    }
}

extension ValueType where Value == HedgeOptions {
    /// "off", or when to hedge.
    static let hedge = ValueType(
        name: "`off`, `p95`, duration or table",
        example: #""off", "p95", "2s", or a table with after and percent"#,
        parse: { text in
            if text == "off" { return .success(.off) }
            return ValueType<Duration?>.hedgeWait.parse(text).map { after in
                var options = HedgeOptions()
                options.after = after
                return options
            }
        },
        show: { options in
            options.percent == 0 ? "off" : ValueType<Duration?>.hedgeWait.show(options.after)
        })
}

extension ValueType where Value == [Secret] {
    /// One key, or several with commas between them.
    static let secrets = ValueType(
        name: "secret", example: ValueType<Secret>.secret.example, isSecret: true,
        parse: { text in
            guard text.contains(",") else { return ValueType<Secret>.secret.parse(text).map { [$0] } }
            var secrets: [Secret] = []
            for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                let key = trimmed(part)
                switch ValueType<Secret>.secret.parse(key) {
                case .success(let secret) where secrets.contains(secret):
                    return .failure(ValueFault("has the same key twice", write: "each key once"))
                case .success(let secret): secrets.append(secret)
                case .failure where key.isEmpty:
                    return .failure(
                        ValueFault("has no key beside a comma", write: "keys with one comma between them"))
                case .failure(let fault): return .failure(fault)
                }
            }
            return .success(secrets)
        }, show: { _ in "***" })

    /// Without the spaces around it.
    private static func trimmed(_ text: Substring) -> String {
        let rest = text.drop { $0 == " " }
        return String(rest.dropLast(rest.reversed().prefix { $0 == " " }.count))
    }
}
