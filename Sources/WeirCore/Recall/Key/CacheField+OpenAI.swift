// OpenAI Chat Completions, Responses and Embeddings.
extension CacheField {
    static let chat: [CacheField] =
        [
            CacheField("model", .inKeyAsServed, "the served model or its bucket counts"),
            CacheField(
                "messages", .inKey, "of users, a string and one text part of the same text are the same",
                as: .messages),
            CacheField("tools", .inKey, "what may be called", as: .tools),
            CacheField("functions", .inKey, "what may be called", as: .tools),
            CacheField("temperature", .inKey, "sampling", as: .temperature),
        ]
        + inKey(["top_p", "top_k", "min_p", "seed"], "sampling")
        + inKey(["frequency_penalty", "presence_penalty", "logit_bias"], "sampling")
        + inKey(["n", "logprobs", "top_logprobs", "modalities", "audio"], "what the reply has in it")
        + inKey(["max_tokens", "max_completion_tokens", "stop"], "where the answer ends")
        + inKey(["tool_choice", "function_call", "parallel_tool_calls"], "which tools must be called")
        + inKey(["response_format", "verbosity", "reasoning_effort"], "effort and form of the answer")
        + inKey(["prediction", "moderation"], "not known to leave the answer alone")
        + [
            CacheField(
                "web_search_options", .notCacheable(.notNull, .serverTool),
                "what it finds changes over time"),
            CacheField("store", .notCacheable(.isTrue, .storedReply), "the reply can be fetched by its id"),
            CacheField(
                "type", in: .tool, .notCacheable(.isNoneOf(["function", "custom"]), .serverTool),
                "the caller runs those itself; all others act on the world"),
        ]
        + shared
        + ignored(["stream_options"], "a hit is given in the form asked for")

    static let responses: [CacheField] =
        [
            CacheField("model", .inKeyAsServed, "the served model or its bucket counts"),
            CacheField("input", .inKey, "a string is the same as one message of the user's", as: .input),
            CacheField("instructions", .inKey, "the system prompt", as: .system),
            CacheField("tools", .inKey, "what may be called", as: .tools),
            CacheField("temperature", .inKey, "sampling", as: .temperature),
        ]
        + inKey(["top_p"], "sampling")
        + inKey(["max_output_tokens", "max_tool_calls"], "where the answer ends")
        + inKey(["tool_choice", "parallel_tool_calls"], "which tools must be called")
        + inKey(["reasoning", "text", "image"], "effort and form of the answer")
        + inKey(["include", "top_logprobs"], "what the reply has in it")
        + inKey(["truncation", "context_management"], "what of the prompt is read")
        + inKey(["access_programs", "moderation"], "not known to leave the answer alone")
        + [
            CacheField(
                "previous_response_id", .notCacheable(.notNull, .serverHeldPrompt),
                "the provider keeps the turns"),
            CacheField(
                "conversation", .notCacheable(.notNull, .serverHeldPrompt), "the provider keeps the turns"),
            CacheField(
                "prompt", .notCacheable(.notNull, .serverHeldPrompt), "the provider keeps the template"),
            CacheField(
                "background", .notCacheable(.isTrue, .background), "the reply is fetched later, by its id"),
            CacheField(
                "store", .notCacheable(.isNotFalse, .storedReply),
                "the next request may name the reply by its id"),
            CacheField(
                "type", in: .tool,
                .notCacheable(
                    .isNoneOf([
                        "function", "custom", "apply_patch", "local_shell", "computer",
                        "computer_use_preview",
                    ]),
                    .serverTool), "the caller runs those itself; all others act on the world"),
            CacheField(
                "type", in: .message,
                .notCacheable(.isOneOf(["item_reference", "additional_tools"]), .serverHeldPrompt),
                "what it names is not in the request; so with an item that has neither type nor role"),
        ]
        + shared
        + ignored(["stream_options"], "a hit is given in the form asked for")

    static let embeddings: [CacheField] =
        [CacheField("model", .inKeyAsServed, "the served model counts")]
        + inKey(
            ["input", "dimensions", "encoding_format", "input_type", "truncate"], "what the reply has in it")
        + ignored(["user", "safety_identifier"], "who asks; the scope is part of the key")

    /// What Chat and Responses have in common, without `stream_options`.
    private static let shared: [CacheField] =
        ignored(["metadata", "user", "safety_identifier"], "who asks; the scope is part of the key")
        + ignored(["prompt_cache_key", "prompt_cache_retention"], "how the provider caches the prompt")
        + [
            CacheField(
                "prompt_cache_options", .ignored, "how the provider caches the prompt",
                as: .promptCacheOptions),
            CacheField(
                "prewarm", in: .promptCacheOptions, .notCacheable(.notNull, .prewarm), "it only warms a cache"
            ),
            CacheField("cache_control", .ignored, "a cache marker"),
            CacheField("service_tier", .ignored, "when the answer comes and what it costs"),
            CacheField("stream", .ignored, "a hit is given in the form asked for"),
        ]
        + [CacheField.Place.tool, .message, .part].flatMap { place in
            ["cache_control", "prompt_cache_breakpoint"].map {
                CacheField($0, in: place, .ignored, "a cache marker")
            }
        }
}
