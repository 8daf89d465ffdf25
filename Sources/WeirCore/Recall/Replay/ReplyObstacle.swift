/// Why a reply is not kept as an entry, or a stream is not turned into one.
package enum ReplyObstacle: Error, Sendable, Equatable {
    /// The text, or the data of an event, is not one JSON value.
    case notJSON
    /// JSON, but not the object that the endpoint answers with.
    case notReply
    /// An error object, or an error event in a stream.
    case errorReply
    /// The stream ended before its last event, or with a part still open.
    case noEnd
    /// The reply stopped for that reason, which is not a normal one: "length", "pause_turn", "none".
    case stopReason(String)
    /// The model declined in words of its own.
    case refusal
    /// No text, no call and no vector.
    case empty
    /// It holds what only the account that got it can use: a container, a result of a provider's own tool.
    case boundToAccount(String)
    /// A block, item, delta, event or member of an unknown kind.
    case unknownPart(String)
    /// Parts that do not fit each other; says which.
    case contradiction(String)
    /// The stream reports no usage, which the plain reply would have.
    case noUsage
    /// Larger than the caller's limit.
    case tooLarge
    /// Replies of this endpoint are not kept.
    case endpoint
}

extension ReplyObstacle: CustomStringConvertible {
    /// For a row or a log: "stop_reason:length".
    package var description: String {
        switch self {
        case .notJSON: "not_json"
        case .notReply: "not_a_reply"
        case .errorReply: "error"
        case .noEnd: "no_end"
        case .stopReason(let reason): "stop_reason:" + reason
        case .refusal: "refusal"
        case .empty: "empty"
        case .boundToAccount(let part): "bound_to_account:" + part
        case .unknownPart(let part): "unknown:" + part
        case .contradiction(let part): "contradiction:" + part
        case .noUsage: "no_usage"
        case .tooLarge: "too_large"
        case .endpoint: "endpoint"
        }
    }
}
