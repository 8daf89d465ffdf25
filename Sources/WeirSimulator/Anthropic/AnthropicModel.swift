/// What the simulator knows of an Anthropic model; any other name is served with the defaults.
struct AnthropicModel: Sendable {
    let id: String
    let name: String
    /// Shortest prefix that is cached, in tokens.
    var cacheMinimum = 1_024
    /// True where a `tool_choice` of `any` or `tool` is taken.
    var takesForcedTool = true
    /// True where `temperature`, `top_p` and `top_k` are taken under `2023-06-01`.
    var takesSampling = false
    /// True where `thinking.display` defaults to `summarized`, else `omitted`.
    var showsThinking = false
    /// The window in tokens, as the model list tells it.
    var window = 1_000_000
    var maxOutput = 128_000

    static let all: [AnthropicModel] = [
        AnthropicModel(
            id: "claude-fable-5-1", name: "Claude Fable 5.1", cacheMinimum: 512, takesForcedTool: false),
        AnthropicModel(
            id: "claude-mythos-5-1", name: "Claude Mythos 5.1", cacheMinimum: 512, takesForcedTool: false),
        AnthropicModel(
            id: "claude-opus-5-5", name: "Claude Opus 5.5", cacheMinimum: 512, takesForcedTool: false),
        AnthropicModel(
            id: "claude-sonnet-5-5", name: "Claude Sonnet 5.5", cacheMinimum: 512, takesForcedTool: false),
        AnthropicModel(id: "claude-haiku-5-5", name: "Claude Haiku 5.5", cacheMinimum: 512),
        AnthropicModel(id: "claude-fable-5", name: "Claude Fable 5", cacheMinimum: 512),
        AnthropicModel(id: "claude-mythos-5", name: "Claude Mythos 5", cacheMinimum: 512),
        AnthropicModel(id: "claude-opus-5", name: "Claude Opus 5", cacheMinimum: 512),
        AnthropicModel(id: "claude-sonnet-5", name: "Claude Sonnet 5"),
        AnthropicModel(id: "claude-opus-4-8", name: "Claude Opus 4.8"),
        AnthropicModel(id: "claude-opus-4-7", name: "Claude Opus 4.7", cacheMinimum: 2_048),
        AnthropicModel(
            id: "claude-opus-4-6", name: "Claude Opus 4.6", cacheMinimum: 4_096, takesSampling: true,
            showsThinking: true),
        AnthropicModel(
            id: "claude-sonnet-4-6", name: "Claude Sonnet 4.6", takesSampling: true, showsThinking: true,
            maxOutput: 64_000),
        AnthropicModel(
            id: "claude-opus-4-5", name: "Claude Opus 4.5", cacheMinimum: 4_096, takesSampling: true,
            showsThinking: true, window: 200_000, maxOutput: 64_000),
        AnthropicModel(
            id: "claude-sonnet-4-5", name: "Claude Sonnet 4.5", takesSampling: true, showsThinking: true,
            window: 200_000, maxOutput: 64_000),
        AnthropicModel(
            id: "claude-haiku-4-5", name: "Claude Haiku 4.5", cacheMinimum: 4_096, takesSampling: true,
            showsThinking: true, window: 200_000, maxOutput: 64_000),
    ]

    /// The model of that name, its dated snapshots included (`claude-opus-4-5-20251101`).
    static func named(_ id: String) -> AnthropicModel {
        let dated = id.split(separator: "-").last.map { $0.count == 8 && $0.allSatisfy(\.isNumber) } ?? false
        let base = dated ? String(id.dropLast(9)) : id
        return byID[base] ?? AnthropicModel(id: id, name: id, takesSampling: true, showsThinking: true)
    }

    private static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })
}
