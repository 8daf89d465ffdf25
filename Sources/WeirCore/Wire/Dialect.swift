/// A wire grammar: how requests, replies, usage and errors are written.
package enum Dialect: String, Sendable, CaseIterable, Codable {
    /// Anthropic Messages.
    case anthropic
    /// OpenAI Chat Completions, and the rest of OpenAI's API that shares its errors and headers.
    case chat
    /// OpenAI Responses.
    case responses
    /// Gemini's own API.
    case gemini
}

/// A path Weir serves on its data plane.
package enum Endpoint: String, Sendable, CaseIterable, Codable {
    case messages
    case countTokens = "count_tokens"
    case chatCompletions = "chat_completions"
    case responses
    case embeddings
    /// `GET /v1/models` and `/v1/models/{id}`, answered by Weir itself.
    case models
    /// Any other `/v1/…` path of a caller that sends `anthropic-version`.
    case anthropicOther = "anthropic_other"
    /// Any other `/v1/…` path.
    case openAIOther = "openai_other"
    /// `/p/{provider}/…`.
    case raw
}

extension Endpoint {
    /// True where a reply carries usage that is priced.
    ///
    /// Only these have their replies read, their `accept-encoding` set to `identity` and their plain replies
    /// gathered; everything else streams through untouched.
    package var isMetered: Bool {
        switch self {
        case .messages, .chatCompletions, .responses, .embeddings: true
        case .countTokens, .models, .anthropicOther, .openAIOther, .raw: false
        }
    }

    /// True where the request body must be one JSON object that names a model.
    package var needsModel: Bool {
        switch self {
        case .messages, .countTokens, .chatCompletions, .responses, .embeddings: true
        case .models, .anthropicOther, .openAIOther, .raw: false
        }
    }

    /// The grammar of a prompt that providers can cache; `nil` where requests have none or are not answered
    /// from it (`count_tokens`).
    package var promptDialect: Dialect? {
        switch self {
        case .messages: .anthropic
        case .chatCompletions: .chat
        case .responses: .responses
        case .countTokens, .embeddings, .models, .anthropicOther, .openAIOther, .raw: nil
        }
    }

    /// The grammar of its requests; `nil` for `models` and `raw`, where the caller's headers tell.
    package var dialect: Dialect? {
        switch self {
        case .messages, .countTokens, .anthropicOther: .anthropic
        case .chatCompletions, .embeddings, .openAIOther: .chat
        case .responses: .responses
        case .models, .raw: nil
        }
    }
}
