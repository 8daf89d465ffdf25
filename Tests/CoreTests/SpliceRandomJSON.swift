/// Makes request bodies of every shape the grammar allows, from a seed.
struct RandomJSON {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    /// SplitMix64.
    mutating func next(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }

    /// A text in no particular language, with everything that needs escaping.
    mutating func text() -> String {
        let pieces = [
            "a", "claude-", "\"", "\\", "\n", "é", "😀", "\u{1}", "/", " ", "0123456789", "\u{2028}",
        ]
        return (0..<next(below: 6)).map { _ in pieces[next(below: pieces.count)] }.joined()
    }

    /// One request body: known and unknown members in any order, some twice, white space anywhere.
    mutating func body() -> String {
        var members: [String] = []
        for _ in 0..<next(below: 8) {
            switch next(below: 9) {
            case 0, 1: members.append(name("model") + string())
            case 2: members.append(name("stream") + ["true", "false", "null", "1"][next(below: 4)])
            case 3: members.append(name("max_tokens") + number())
            case 4: members.append(name("messages") + value(3))
            case 5, 6: members.append(name("stream_options") + options())
            default: members.append(string() + space() + ":" + space() + value(4))
            }
        }
        let mark = next(below: 5) == 0 ? "\u{FEFF}" : ""
        return mark + space() + "{" + space() + members.joined(separator: space() + "," + space()) + space()
            + "}" + space()
    }

    private mutating func name(_ word: String) -> String { "\"\(word)\"" + space() + ":" + space() }

    private mutating func options() -> String {
        let shapes = [
            "null", "{}", "{ }", #"{"include_usage":false}"#, #"{ "include_usage" : true }"#, #"{"x":[1]}"#,
            #"{"include_usage":null,"include_usage":false}"#, "[]", #"{"include_obfuscation":false}"#,
        ]
        return shapes[next(below: shapes.count)]
    }

    private mutating func space() -> String {
        ["", "", "", " ", "\n  ", "\t\r\n", "          "][next(below: 7)]
    }

    private mutating func number() -> String {
        ["0", "-0", "12", "1.5", "-1e10", "1E-7", "123456789012345678901234567890", "0.0"][next(below: 8)]
    }

    private mutating func string() -> String {
        let pieces = [
            "a", "key", #"\""#, #"\\"#, #"\n"#, #"\u0041"#, #"\ud83d\ude00"#, "é", #"\/"#,
            "longer text of it",
        ]
        return "\"" + (0..<next(below: 5)).map { _ in pieces[next(below: pieces.count)] }.joined() + "\""
    }

    private mutating func value(_ depth: Int) -> String {
        switch next(below: depth > 0 ? 7 : 4) {
        case 0: return string()
        case 1, 2: return number()
        case 3: return ["true", "false", "null"][next(below: 3)]
        case 4, 5:
            let items = (0..<next(below: 4)).map { _ in space() + value(depth - 1) + space() }
            return "[" + (items.isEmpty ? space() : items.joined(separator: ",")) + "]"
        default:
            let items = (0..<next(below: 4)).map { _ in
                space() + string() + space() + ":" + space() + value(depth - 1) + space()
            }
            return "{" + (items.isEmpty ? space() : items.joined(separator: ",")) + "}"
        }
    }
}
