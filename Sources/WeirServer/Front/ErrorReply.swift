import WeirCore

/// Renders errors of Weir's own; the only place that does.
enum ErrorReply {
    /// Longest wait in seconds that a client is told to sit out by itself.
    private static let longestWait = 3600

    /// - Parameters:
    ///   - requestID: `x-weir-request-id`, where the request has one.
    ///   - fields: what else its head says.
    static func make(
        _ error: WeirError, dialect: Dialect, requestID: String?,
        fields: [(name: String, value: String)] = []
    ) -> OwnReply {
        var reply = OwnReply(status: error.reason.status)
        if let requestID { reply.fields.append((name: "x-weir-request-id", value: requestID)) }
        let shouldRetry = error.reason.shouldRetry && (error.retryAfterSeconds ?? 0) <= longestWait
        reply.fields.append((name: "x-should-retry", value: shouldRetry ? "true" : "false"))
        if let seconds = error.retryAfterSeconds {
            reply.fields.append((name: "retry-after", value: String(seconds)))
        }
        reply.fields += fields
        reply.body = ErrorBody.json(error, dialect: dialect, requestID: requestID)
        return reply
    }
}
