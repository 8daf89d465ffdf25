extension ReplyAssemblerTests {
    static let thinkingTools = #"""
        {"id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant",
        "model":"claude-opus-5-20260301","content":[
        {"type":"thinking","thinking":"Let me look at the \"file\" — 日本語 😀.\n",
        "signature":"EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds"},
        {"type":"text","text":"I will read it.\n\n"},
        {"type":"tool_use","id":"toolu_01T1x1fJ34qAmk2tNTrN7Up6","name":"Read",
        "input":{"file_path": "/tmp/usage"}}],
        "stop_reason":"tool_use","stop_sequence":null,
        "usage":{"input_tokens":10,"cache_creation_input_tokens":32435,"cache_read_input_tokens":66360,
        "cache_creation":{"ephemeral_5m_input_tokens":30000,"ephemeral_1h_input_tokens":2435},
        "output_tokens":550,"output_tokens_details":{"thinking_tokens":412},
        "server_tool_use":{"web_search_requests":2,"web_fetch_requests":0},"service_tier":"standard",
        "inference_geo":"us"}}
        """#

    static let omittedThinking = #"""
        {"id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant","model":"claude-opus-5-5",
        "content":[{"type":"thinking","thinking":"","signature":"Er8CCkYIBxgCKkC"},
        {"type":"text","text":"Hi there!"}],"stop_reason":"end_turn","stop_sequence":null,
        "usage":{"input_tokens":3,"cache_creation_input_tokens":12304,"cache_read_input_tokens":0,
        "output_tokens":550,"speed":"fast"}}
        """#

    static let lateCounts = #"""
        {"id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant","model":"glm-5.3",
        "content":[{"type":"text","text":"你好"}],"stop_reason":"end_turn","stop_sequence":null,
        "usage":{"input_tokens":1204,"cache_read_input_tokens":1024,"output_tokens":7}}
        """#

    static let usageChunk = #"""
        {"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion","created":1763000000,
        "model":"gpt-5.6-sol-2026-05-01","service_tier":"default","choices":[{"index":0,
        "message":{"role":"assistant","content":"Hello \"wörld\" 😀\n","refusal":null},"logprobs":null,
        "finish_reason":"stop"}],"usage":{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,
        "prompt_tokens_details":{"cached_tokens":1920,"audio_tokens":0,"cache_write_tokens":50},
        "completion_tokens_details":{"reasoning_tokens":256,"audio_tokens":0,"accepted_prediction_tokens":0,
        "rejected_prediction_tokens":0}}}
        """#

    static let toolCalls = #"""
        {"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion","created":1763000000,
        "model":"gpt-5.6-sol-2026-05-01","choices":[{"index":0,"message":{"role":"assistant","content":null,
        "tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather",
        "arguments":"{\"city\":\"Paris, \\\"usage\\\": {}\"}"}},{"id":"call_2","type":"function",
        "function":{"name":"get_weather","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],
        "usage":{"prompt_tokens":82,"completion_tokens":0,"total_tokens":82}}
        """#

    static let deepseek = #"""
        {"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion","created":1763000000,
        "model":"deepseek-v4-pro","choices":[{"index":0,"message":{"role":"assistant","content":"4",
        "reasoning_content":"Zwei und zwei"},"logprobs":null,"finish_reason":"stop"}],
        "usage":{"prompt_tokens":1013,"completion_tokens":42,"total_tokens":1055,
        "prompt_tokens_details":{"cached_tokens":896},"completion_tokens_details":{"reasoning_tokens":30},
        "prompt_cache_hit_tokens":896,"prompt_cache_miss_tokens":117}}
        """#

    static let xai = #"""
        {"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion","created":1763000000,
        "model":"grok-4.7","choices":[{"index":0,"message":{"role":"assistant","content":"42"},
        "logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":32,"completion_tokens":9,
        "total_tokens":141,"prompt_tokens_details":{"cached_tokens":6},
        "completion_tokens_details":{"reasoning_tokens":100}}}
        """#
}
