/// Why only an equal request may answer this one: there is no single question to compare by its meaning.
///
/// Raw values are stored and shown; they stay as they are.
package enum SemanticObstacle: String, Sendable, CaseIterable {
    /// The request is not cached at all.
    case notCacheable = "not_cacheable"
    /// Embeddings: every text counts to the letter.
    case endpoint
    case noMessages = "no_messages"
    /// The last message is not the user's.
    case notUser = "not_user"
    case toolResult = "tool_result"
    /// Images, documents, audio, or parts of a kind that Weir does not know.
    case attachment
    case severalTexts = "several_texts"
    /// The last message has no text.
    case empty
    /// Over `CacheRequest.maxQuestion` bytes.
    case tooLong = "too_long"
    /// The text is no Unicode: bytes that are no UTF-8, or half a surrogate pair.
    case unreadable
    /// Tools are offered: an answer may be a call. The last case found, so a policy may overlook it.
    case tools
}

extension SemanticObstacle {
    /// One sentence for the caller.
    package var sentence: String {
        switch self {
        case .notCacheable: "The request is not cached."
        case .endpoint: "Requests of this endpoint are compared to the letter."
        case .noMessages: "The request has no messages."
        case .notUser: "The last message is not the user's."
        case .toolResult: "The last message is a tool's result."
        case .attachment: "The last message has more in it than text."
        case .severalTexts: "The last message has several texts."
        case .empty: "The last message is empty."
        case .tooLong: "The question is longer than \(CacheRequest.maxQuestion) bytes."
        case .unreadable: "The question is not Unicode text."
        case .tools: "The request offers tools."
        }
    }
}
