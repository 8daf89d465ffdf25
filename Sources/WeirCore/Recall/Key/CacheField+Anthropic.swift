// Anthropic Messages.
extension CacheField {
    static let messages: [CacheField] =
        [
            CacheField("model", .inKeyAsServed, "the served model or its bucket counts"),
            CacheField("system", .inKey, "without Claude Code's attribution block", as: .system),
            CacheField(
                "messages", .inKey, "a string and one text block of the same text are the same", as: .messages
            ),
            CacheField("tools", .inKey, "what may be called", as: .tools),
            CacheField(
                "max_tokens", .notCacheable(.isZero, .prewarm), "where the answer ends; 0 warms a cache"),
            CacheField("temperature", .inKey, "sampling", as: .temperature),
        ]
        + inKey(["top_p", "top_k"], "sampling")
        + inKey(["stop_sequences"], "where the answer ends")
        + inKey(["tool_choice"], "whether a tool must be called")
        + inKey(["thinking", "output_config", "output_format"], "effort and form of the answer")
        + inKey(["context_management", "compaction"], "what of the prompt is read")
        + inKey(["fallbacks", "speed", "inference_geo"], "which model answers, how and where")
        + inKey(["safeguards", "diagnostics"], "the reply reports on them")
        + [
            CacheField("mcp_servers", .notCacheable(.isFilled, .serverTool), "they act on the world"),
            CacheField("container", .notCacheable(.notNull, .container), "keeps files between requests"),
            CacheField("thread", .notCacheable(.notNull, .serverHeldPrompt), "the provider keeps the turns"),
            CacheField("stream", .ignored, "a hit is given in the form asked for"),
            CacheField("cache_control", .ignored, "a cache marker"),
            CacheField("metadata", .ignored, "who asks; the scope is part of the key"),
            CacheField("tags", .ignored, "labels for the bill"),
            CacheField("service_tier", .ignored, "when the answer comes and what it costs"),
            CacheField(
                "type", in: .tool,
                .notCacheable(
                    .isNoneOf([
                        "custom", "bash_*", "text_editor_*", "computer_*", "browser_*", "memory_*",
                        "tool_search_tool_*",
                    ]), .serverTool), "the caller runs those itself; all others act on the world"),
            CacheField("cache_control", in: .tool, .ignored, "a cache marker"),
            CacheField("cache_control", in: .message, .ignored, "a cache marker"),
            CacheField("cache_control", in: .part, .ignored, "a cache marker, not in a tool's input"),
            CacheField(
                "type", in: .part, .notCacheable(.isOneOf(["tool_addition"]), .serverTool),
                "it may bring a tool that acts on the world"),
        ]

    static func inKey(_ names: [String], _ why: String) -> [CacheField] {
        names.map { CacheField($0, .inKey, why) }
    }

    static func ignored(_ names: [String], _ why: String) -> [CacheField] {
        names.map { CacheField($0, .ignored, why) }
    }
}
