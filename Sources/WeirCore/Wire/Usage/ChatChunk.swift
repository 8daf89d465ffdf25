extension ChatUsage {
    /// One pass over a chunk: counts the text of its deltas and finds what else matters.
    struct Chunk {
        /// Offset of a `usage` object.
        var usage: Int?
        /// Offset of `x_groq.usage`.
        var groq: Int?
        var hasChoices = false
        /// True when a choice says why it finished.
        var isLast = false

        mutating func read(_ text: JSONBytes, _ tally: inout UsageTally) throws(JSONFault) {
            _ = try text.members(0) { (name, value) throws(JSONFault) in
                let c = text.byte(at: value)
                switch name.count {
                case 7 where text.string(name, isExactly: "model"): tally.takeModel(text, value)
                case 7 where text.string(name, isExactly: "usage"): if c == 0x7B { usage = value }
                case 7 where text.string(name, isExactly: "error"):
                    if text.isTruthy(value) { tally.sawErrorEvent = true }
                case 8 where text.string(name, isExactly: "x_groq"):
                    if c == 0x7B { groq = text.objectOffset(of: "usage", in: value) }
                case 9 where text.string(name, isExactly: "choices") && c == 0x5B:
                    return try readChoices(text, value, &tally)
                case 14 where text.string(name, isExactly: "service_tier"):
                    if let tier = text.stringValue(value) { tally.usage.serviceTier = tier }
                default: break
                }
                return try text.skipValue(value)
            }
        }

        private mutating func readChoices(
            _ text: JSONBytes, _ start: Int, _ tally: inout UsageTally
        ) throws(JSONFault) -> Int {
            try text.elements(start) { (choice) throws(JSONFault) in
                hasChoices = true
                guard text.byte(at: choice) == 0x7B else { return try text.skipValue(choice) }
                return try text.members(choice) { (name, value) throws(JSONFault) in
                    if text.string(name, isExactly: "delta"), text.byte(at: value) == 0x7B {
                        return try Self.readDelta(text, value, &tally)
                    }
                    if text.string(name, isExactly: "finish_reason"), text.isTruthy(value) { isLast = true }
                    return try text.skipValue(value)
                }
            }
        }

        private static func readDelta(
            _ text: JSONBytes, _ start: Int, _ tally: inout UsageTally
        ) throws(JSONFault) -> Int {
            // Some providers send the same thought as `reasoning` and as `reasoning_content`: one of them
            // counts.
            var reasoning = 0
            let end = try text.members(start) { (name, value) throws(JSONFault) in
                switch name.count {
                case 9 where text.string(name, isExactly: "content"),
                    9 where text.string(name, isExactly: "refusal"):
                    return try countText(text, value, &tally, depth: 0)
                case 11 where text.string(name, isExactly: "reasoning"),
                    19 where text.string(name, isExactly: "reasoning_content"):
                    let counted = tally.outputTextBytes
                    let end = try countText(text, value, &tally, depth: 0)
                    reasoning = max(reasoning, tally.outputTextBytes - counted)
                    tally.outputTextBytes = counted
                    return end
                case 12 where text.string(name, isExactly: "tool_calls") && text.byte(at: value) == 0x5B:
                    return try text.elements(value) { (call) throws(JSONFault) in
                        try countCall(text, call, &tally)
                    }
                case 15 where text.string(name, isExactly: "function_call"):
                    return try countArguments(text, value, &tally)
                default: return try text.skipValue(value)
                }
            }
            tally.outputTextBytes += reasoning
            return end
        }

        /// One entry of `tool_calls`: `function.arguments`, or `custom.input`.
        private static func countCall(
            _ text: JSONBytes, _ call: Int, _ tally: inout UsageTally
        ) throws(JSONFault) -> Int {
            guard text.byte(at: call) == 0x7B else { return try text.skipValue(call) }
            return try text.members(call) { (name, value) throws(JSONFault) in
                if text.string(name, isExactly: "function") || text.string(name, isExactly: "custom") {
                    return try countArguments(text, value, &tally)
                }
                return try text.skipValue(value)
            }
        }

        private static func countArguments(
            _ text: JSONBytes, _ function: Int, _ tally: inout UsageTally
        ) throws(JSONFault) -> Int {
            guard text.byte(at: function) == 0x7B else { return try text.skipValue(function) }
            return try text.members(function) { (name, value) throws(JSONFault) in
                if text.string(name, isExactly: "arguments") || text.string(name, isExactly: "input") {
                    return try tally.countString(text, value)
                }
                return try text.skipValue(value)
            }
        }

        /// A string, or parts with `text` or `thinking` in them (Mistral); at most four levels of parts.
        private static func countText(
            _ text: JSONBytes, _ start: Int, _ tally: inout UsageTally, depth: Int
        ) throws(JSONFault) -> Int {
            switch text.byte(at: start) {
            case 0x5B where depth < 4:
                return try text.elements(start) { (part) throws(JSONFault) in
                    guard text.byte(at: part) == 0x7B else { return try text.skipValue(part) }
                    return try text.members(part) { (name, value) throws(JSONFault) in
                        if text.string(name, isExactly: "text") || text.string(name, isExactly: "thinking") {
                            return try countText(text, value, &tally, depth: depth + 1)
                        }
                        return try text.skipValue(value)
                    }
                }
            default: return try tally.countString(text, start)
            }
        }
    }
}
