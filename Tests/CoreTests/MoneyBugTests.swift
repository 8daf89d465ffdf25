import Testing

@testable import WeirCore

/// Ways in which gateways have billed wrongly, each streamed and plain: the same cent both ways.
///
/// Numbers are those of the reports named at each row.
@Suite struct MoneyBugTests {
    struct Case: Sendable {
        let name: String
        let endpoint: Endpoint
        let model: String
        let provider: String
        let streamed: String
        let plain: String
        let cost: String?
    }

    /// A message whose opening and end say `opening` and `end`, and which says `plain` when not streamed.
    private static func anthropic(
        _ name: String, _ model: String, opening: String, end: String, plain: String, _ cost: String?
    ) -> Case {
        Case(
            name: name, endpoint: .messages, model: model, provider: "anthropic",
            streamed: events([
                #"{"type":"message_start","message":{"model":"m","usage":{\#(opening)}}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}"#,
                #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{\#(end)}}"#,
                #"{"type":"message_stop"}"#,
            ]), plain: #"{"type":"message","model":"m","content":[],"usage":{\#(plain)}}"#, cost: cost)
    }

    /// A completion whose usage comes in a last chunk of its own, as `include_usage` makes it.
    private static func chat(
        _ name: String, _ model: String, _ provider: String, usage: String, _ cost: String?
    ) -> Case {
        Case(
            name: name, endpoint: .chatCompletions, model: model, provider: provider,
            streamed: events([
                #"{"model":"m","choices":[{"index":0,"delta":{"content":"Hello"}}],"usage":null}"#,
                #"{"model":"m","choices":[],"usage":{\#(usage)}}"#, "[DONE]",
            ]), plain: #"{"model":"m","choices":[],"usage":{\#(usage)}}"#, cost: cost)
    }

    private static func events(_ data: [String]) -> String { data.map { "data: \($0)\n\n" }.joined() }

    static let cases: [Case] = [
        // BerriAI/litellm#9812: 3·3 + 12,304·3.75 + 550·15; the writes are not billed as input besides.
        anthropic(
            "writes are billed once", "claude-sonnet-4-6",
            opening: #""input_tokens":3,"cache_creation_input_tokens":12304,"output_tokens":1"#,
            end: #""output_tokens":550"#,
            plain: #""input_tokens":3,"cache_creation_input_tokens":12304,"output_tokens":550"#, "0.054399"),
        // BerriAI/litellm#11789: 10·3 + 2,455·0.30 + 100·15, streamed as well.
        anthropic(
            "reads are no input", "claude-sonnet-4-6",
            opening: #""input_tokens":10,"cache_read_input_tokens":2455,"output_tokens":1"#,
            end: #""output_tokens":100"#,
            plain: #""input_tokens":10,"cache_read_input_tokens":2455,"output_tokens":100"#, "0.0022665"),
        // BerriAI/litellm#11364: 10·3 + 66,360·0.30 + 32,435·3.75 + 550·15.
        anthropic(
            "writes at the write price", "claude-sonnet-4-5",
            opening: #""input_tokens":10,"cache_read_input_tokens":66360,"cache_creation_input_tokens":32435"#,
            end: #""output_tokens":550"#,
            plain: #""input_tokens":10,"cache_read_input_tokens":66360,"#
                + #""cache_creation_input_tokens":32435,"output_tokens":550"#, "0.14981925"),
        // One-hour writes have a price of their own: 10·3 + 100·3.75 + 200·6 + 40·15.
        anthropic(
            "writes by lifetime", "claude-sonnet-4-5",
            opening: #""input_tokens":10,"cache_creation_input_tokens":300,"cache_creation":"#
                + #"{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200}"#,
            end: #""output_tokens":40"#,
            plain: #""input_tokens":10,"cache_creation_input_tokens":300,"cache_creation":"#
                + #"{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200},"output_tokens":40"#,
            "0.002205"),
        // BerriAI/litellm#40006, #40016: 1,500·1 + 5,000·0.1 + 40·2; the prompt includes what was cached.
        chat(
            "a configured price with a cache rate", "mine", "openai",
            usage: #""prompt_tokens":6500,"completion_tokens":40,"prompt_tokens_details":{"cached_tokens":5000}"#,
            "0.00208"),
        // QuantumNous/new-api#2744: OpenAI's prompt includes cached tokens, 1,500·2.50 + 5,000·1.25 + 40·10.
        chat(
            "OpenAI includes, so that it is taken off", "gpt-4o", "openai",
            usage: #""prompt_tokens":6500,"completion_tokens":40,"prompt_tokens_details":{"cached_tokens":5000}"#,
            "0.0104"),
        // envoyproxy/ai-gateway#2290, jeremychone/rust-genai#258: 1,204·3 + 1,024·0.30 + 7·15.
        anthropic(
            "counts that come late", "claude-sonnet-4-5",
            opening: #""input_tokens":0,"output_tokens":0"#,
            end: #""input_tokens":1204,"cache_read_input_tokens":1024,"output_tokens":7"#,
            plain: #""input_tokens":1204,"cache_read_input_tokens":1024,"output_tokens":7"#, "0.0040242"),
        // BerriAI/litellm#37994: 0 is a count, absent is none.
        chat(
            "an explicit nothing", "gpt-4o", "openai",
            usage: #""prompt_tokens":0,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":0}"#, "0"),
        chat("a count that is missing", "gpt-4o", "openai", usage: #""prompt_tokens":7"#, nil),
        // Aider-AI/aider#5518: 500·1.32 + 1,000·0.044 + 100·3.96.
        chat(
            "DeepSeek's uncached rest", "deepseek-v4-pro", "deepseek",
            usage: #""prompt_tokens":1500,"completion_tokens":100,"prompt_cache_hit_tokens":1000,"#
                + #""prompt_cache_miss_tokens":500"#, "0.0011"),
        // BigPizzaV3/CodexPlusPlus#1908: no word of reasoning changes no cost, 10·2.50 + 5·10.
        chat(
            "without reasoning details", "gpt-4o", "openai",
            usage: #""prompt_tokens":10,"completion_tokens":5"#, "0.000075"),
        // Portkey-AI/gateway#1754, where the provider is OpenAI-shaped and caches as Anthropic does:
        // prompt 100 = 10 + 60 read + 30 written; 10·3 + 60·0.30 + 30·3.75 + 5·15.
        Case(
            name: "reads and writes within the prompt", endpoint: .chatCompletions,
            model: "claude-sonnet-4-5", provider: "anthropic",
            streamed: events([
                #"{"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":5,"#
                    + #""cache_read_input_tokens":60,"cache_creation_input_tokens":30}}"#, "[DONE]",
            ]),
            plain: #"{"usage":{"prompt_tokens":100,"completion_tokens":5,"cache_read_input_tokens":60,"#
                + #""cache_creation_input_tokens":30}}"#, cost: "0.0002355"),
    ]

    private static let pricing: Pricing = {
        var mine = ModelOverride()
        mine.price = Price()
        mine.price?.input = 1_000_000_000
        mine.price?.output = 2_000_000_000
        mine.price?.cacheRead = 100_000_000
        return Pricing(catalogue: .builtIn, overrides: ["mine": mine])
    }()

    private func cost(_ meter: UsageMeter, _ model: String, _ provider: String) -> String? {
        Self.pricing.cost(of: meter.usage, model: model, provider: provider, startedAt: CostTests.peak)?
            .description
    }

    @Test(arguments: cases.indices)
    func streamedAndPlainCostTheSame(index: Int) {
        let one = Self.cases[index]
        for pieces in [1, 7, 10_000] {
            let streamed = meter(Array(one.streamed.utf8), one.endpoint, pieces: pieces)
            let plain = meter(Array(one.plain.utf8), one.endpoint, pieces: pieces, isStream: false)
            #expect(cost(streamed, one.model, one.provider) == one.cost, "\(one.name), streamed")
            #expect(cost(plain, one.model, one.provider) == one.cost, "\(one.name), plain")
            #expect(streamed.usage == plain.usage, "\(one.name)")
        }
    }

    /// theopenco/llmgateway#3331, maximhq/bifrost#3357: what was processed before a cut is billed.
    @Test func aStreamThatIsCutCostsItsPromptAndWhatCame() throws {
        let text = String(repeating: "word ", count: 40)
        let opening = #"{"type":"message_start","message":{"model":"m","usage":{"input_tokens":1000,"#
            + #""cache_read_input_tokens":5000,"output_tokens":1}}}"#
        let delta =
            #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\#(text)"}}"#
        let cut = meter(Array(Self.events([opening, delta]).utf8), .messages, pieces: 9)
        let output = try #require(cut.usage.output)
        #expect(output > 1 && cut.usage.isEstimated && cut.source == .estimated)
        // 1,000·3 + 5,000·0.30 + output·15 millionths.
        #expect(
            cost(cut, "claude-sonnet-4-5", "anthropic")
                == Money(nanodollars: 4_500_000 + Int64(output) * 15_000).description)
        // OpenAI tells the prompt last: output is counted, the prompt is unknown, and so is the cost.
        let early = Self.events([
            #"{"choices":[{"index":0,"delta":{"content":"\#(text)"}}],"usage":null}"#
        ])
        let chat = meter(Array(early.utf8), .chatCompletions, pieces: 9)
        #expect((chat.usage.output ?? 0) > 1 && chat.usage.input == nil)
        #expect(cost(chat, "gpt-4o", "openai") == nil)
    }

    /// QuantumNous/new-api#4199: nothing came, and nothing is made up.
    @Test func aStreamThatEndsBeforeAnyOutputHasNoCost() {
        let opening = Self.events([#"{"choices":[{"index":0,"delta":{"role":"assistant"}}],"usage":null}"#])
        let read = meter(Array(opening.utf8), .chatCompletions, pieces: 9)
        #expect(read.source == .none && read.usage.isEmpty)
        #expect(cost(read, "gpt-4o", "openai") == nil)
    }

    /// tinfoilsh/confidential-model-router#479: the last snapshot counts, 11·1 + 15·2.
    @Test func aCutStreamWithSnapshotsCostsTheLastOne() {
        let chunk = { (output: Int) in
            #"{"choices":[{"index":0,"delta":{"content":"tok"}}],"#
                + #""usage":{"prompt_tokens":11,"completion_tokens":\#(output)}}"#
        }
        let read = meter(Array(Self.events([0, 5, 15].map(chunk)).utf8), .chatCompletions, pieces: 9)
        #expect(cost(read, "mine", "local") == "0.000041")
    }

    /// ferro-labs/ai-gateway#281: the caller did not ask for usage, and its chunk is hidden and still billed.
    @Test func theHiddenUsageChunkIsStillBilled() throws {
        let one = try #require(Self.cases.first { $0.name.hasPrefix("OpenAI includes") })
        let bytes = Array(one.streamed.utf8)
        let shown = String(decoding: UsageFilterTests.filtered(bytes, pieces: 7), as: UTF8.self)
        #expect(!shown.contains("prompt_tokens") && shown.contains("Hello") && shown.contains("[DONE]"))
        #expect(cost(meter(bytes, one.endpoint, pieces: 7), one.model, one.provider) == "0.0104")
    }
}
