// What single values of a prompt say; all ranges were stepped over before, strings include their quotes.
extension JSONBytes {
    /// The kind of block that a `type` names, in any dialect.
    func kind(_ type: Range<Int>) -> PromptBlock.Kind {
        switch type.count - 2 {
        case 4 where string(type, isExactly: "text"): .text
        case 5 where string(type, isExactly: "image"): .image
        case 8 where string(type, isExactly: "tool_use"): .toolUse
        case 8 where string(type, isExactly: "thinking"): .thinking
        case 8 where string(type, isExactly: "document"): .document
        case 9 where string(type, isExactly: "image_url"): .image
        case 9 where string(type, isExactly: "reasoning"): .thinking
        case 11 where string(type, isExactly: "tool_result"): .toolResult
        case 17 where string(type, isExactly: "redacted_thinking"): .thinking
        default: hasEscape(type) ? rareKind(string(type)) : rareKind(type)
        }
    }

    private func rareKind(_ type: Range<Int>) -> PromptBlock.Kind {
        switch type.count - 2 {
        case 4 where string(type, isExactly: "file"): .document
        case 10 where string(type, isExactly: "input_text"): .text
        case 10 where string(type, isExactly: "input_file"): .document
        case 11 where string(type, isExactly: "output_text"): .text
        case 11 where string(type, isExactly: "input_image"): .image
        case 13 where string(type, isExactly: "function_call"): .toolUse
        case 16 where string(type, isExactly: "custom_tool_call"): .toolUse
        case 20 where string(type, isExactly: "function_call_output"): .toolResult
        case 23 where string(type, isExactly: "custom_tool_call_output"): .toolResult
        default: .other
        }
    }

    /// Spelled with escapes: only what must not be marked wrongly is told apart.
    private func rareKind(_ type: String) -> PromptBlock.Kind {
        switch type {
        case "text": .text
        case "tool_use": .toolUse
        case "tool_result": .toolResult
        case "thinking", "redacted_thinking": .thinking
        default: .other
        }
    }

    /// Who a `role` names; OpenAI's developer is the system, its tool and function are others.
    func role(_ value: Range<Int>) -> PromptBlock.Role {
        switch value.count - 2 {
        case 4 where string(value, isExactly: "user"): .user
        case 6 where string(value, isExactly: "system"): .system
        case 9 where string(value, isExactly: "assistant"): .assistant
        case 9 where string(value, isExactly: "developer"): .system
        default:
            switch hasEscape(value) ? string(value) : "" {
            case "user": .user
            case "system", "developer": .system
            case "assistant": .assistant
            default: .other
            }
        }
    }

    /// True for the member that marks blocks in that dialect; OpenAI's own one is unknown to Anthropic.
    func isMarkerName(_ name: Range<Int>, in dialect: Dialect) -> Bool {
        dialect != .anthropic || name.count == 15 || string(name) == "cache_control"
    }

    /// The lifetime that the value of a `cache_control` asks for; `nil` for null, which asks for nothing.
    ///
    /// Any other value counts as a marker: whether the provider takes it is for the provider to say.
    func markerTTL(_ value: Range<Int>) -> CacheTTL? {
        switch byte(at: value.lowerBound) {
        case 0x6E: return nil
        case 0x7B: break
        default: return .short
        }
        var ttl = CacheTTL.short
        _ = try? members(value.lowerBound) { (name, start) throws(JSONFault) in
            let end = try skipValue(start)
            if string(name, isExactly: "ttl") || hasEscape(name) && string(name) == "ttl" {
                let isLong = string(start..<end, isExactly: "1h") || string(start..<end, isExactly: "12h")
                ttl = isLong ? .long : .short
            }
            return end
        }
        return ttl
    }

    /// True for `""`, a string of white space alone, and anything that is no string.
    func isBlankString(_ value: Range<Int>) -> Bool {
        guard byte(at: value.lowerBound) == 0x22 else { return true }
        var i = value.lowerBound + 1
        while i < value.upperBound - 1 {
            if byte(at: i) == 0x20 {
                i += 1
            } else if byte(at: i) == 0x5C, [0x6E, 0x72, 0x74].contains(byte(at: i + 1)) {
                i += 2
            } else {
                return false
            }
        }
        return true
    }

    /// True when the text of a string begins with those bytes, spelled without escapes.
    func string(_ range: Range<Int>, hasPrefix plain: StaticString) -> Bool {
        let length = plain.utf8CodeUnitCount
        guard range.count >= length + 2, byte(at: range.lowerBound) == 0x22 else { return false }
        for k in 0..<length where byte(at: range.lowerBound + 1 + k) != plain.utf8Start[k] { return false }
        return true
    }
}
