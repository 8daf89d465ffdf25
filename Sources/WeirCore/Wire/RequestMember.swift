/// The top-level members of a request that Weir knows.
enum RequestMember: UInt32 {
    case model, stream, maxTokens, maxCompletionTokens, maxOutputTokens, system, tools, messages, metadata
    case streamOptions, input, instructions, speed, thinking, toolChoice, outputConfig, reasoning
    case reasoningEffort, cacheControl, promptCacheKey, promptCacheOptions, promptCacheRetention
    case previousResponse, conversation, thread, temperature

    /// Bytes of the longest known name.
    static let longestName = 22

    /// `nil` for a name Weir does not know; `name` includes its quotes.
    init?(_ name: Range<Int>, in text: JSONBytes) {
        if text.hasEscape(name) {
            // Spelled out again without escapes; each byte takes up to six, `\u0000`.
            guard name.count <= 2 + Self.longestName * 6 else { return nil }
            let plain = [0x22] + text.decoded(name) + [0x22]
            let field = plain.withUnsafeBytes { (bytes) in
                JSONBytes(bytes).flatMap { RequestMember(plain: 0..<plain.count, in: $0) }
            }
            guard let field else { return nil }
            self = field
            return
        }
        self.init(plain: name, in: text)
    }

    private init?(plain name: Range<Int>, in text: JSONBytes) {
        switch name.count - 2 {
        case 5 where text.string(name, isExactly: "model"): self = .model
        case 5 where text.string(name, isExactly: "tools"): self = .tools
        case 5 where text.string(name, isExactly: "input"): self = .input
        case 5 where text.string(name, isExactly: "speed"): self = .speed
        case 6 where text.string(name, isExactly: "stream"): self = .stream
        case 6 where text.string(name, isExactly: "system"): self = .system
        case 6 where text.string(name, isExactly: "thread"): self = .thread
        case 8 where text.string(name, isExactly: "messages"): self = .messages
        case 8 where text.string(name, isExactly: "metadata"): self = .metadata
        case 8 where text.string(name, isExactly: "thinking"): self = .thinking
        case 9 where text.string(name, isExactly: "reasoning"): self = .reasoning
        case 10 where text.string(name, isExactly: "max_tokens"): self = .maxTokens
        case 11 where text.string(name, isExactly: "tool_choice"): self = .toolChoice
        case 11 where text.string(name, isExactly: "temperature"): self = .temperature
        case 12 where text.string(name, isExactly: "instructions"): self = .instructions
        case 12 where text.string(name, isExactly: "conversation"): self = .conversation
        case 13 where text.string(name, isExactly: "output_config"): self = .outputConfig
        case 13 where text.string(name, isExactly: "cache_control"): self = .cacheControl
        case 14 where text.string(name, isExactly: "stream_options"): self = .streamOptions
        case 16 where text.string(name, isExactly: "prompt_cache_key"): self = .promptCacheKey
        case 16 where text.string(name, isExactly: "reasoning_effort"): self = .reasoningEffort
        case 17 where text.string(name, isExactly: "max_output_tokens"): self = .maxOutputTokens
        case 20 where text.string(name, isExactly: "previous_response_id"): self = .previousResponse
        case 20 where text.string(name, isExactly: "prompt_cache_options"): self = .promptCacheOptions
        case 21 where text.string(name, isExactly: "max_completion_tokens"): self = .maxCompletionTokens
        case 22 where text.string(name, isExactly: "prompt_cache_retention"): self = .promptCacheRetention
        default: return nil
        }
    }
}

extension RequestFacts {
    /// Notes where the value of a member stands that is kept as a range only; others are read elsewhere.
    mutating func setRange(_ field: RequestMember, _ value: Range<Int>) {
        switch field {
        case .system: systemRange = value
        case .tools: toolsRange = value
        case .messages: messagesRange = value
        case .metadata: metadataRange = value
        case .input: inputRange = value
        case .instructions: instructionsRange = value
        case .speed: speedRange = value
        case .thinking: thinkingRange = value
        case .toolChoice: toolChoiceRange = value
        case .outputConfig: outputConfigRange = value
        case .reasoning: reasoningRange = value
        case .reasoningEffort: reasoningEffortRange = value
        case .cacheControl: cacheControlRange = value
        case .promptCacheKey: promptCacheKeyRange = value
        case .promptCacheOptions: promptCacheOptionsRange = value
        case .promptCacheRetention: promptCacheRetentionRange = value
        case .temperature: temperatureRange = value
        case .model, .stream, .maxTokens, .maxCompletionTokens, .maxOutputTokens, .streamOptions,
            .previousResponse, .conversation, .thread:
            break
        }
    }
}
