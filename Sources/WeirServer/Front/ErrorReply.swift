import WeirCore

/// Renders errors of Weir's own; the only place that does.
enum ErrorReply {
    /// - Parameter requestID: `x-weir-request-id`, where the request has one.
    static func make(_ error: WeirError, dialect: Dialect, requestID: String?) -> OwnReply {
        var reply = OwnReply(status: error.reason.status)
        if let requestID { reply.fields.append((name: "x-weir-request-id", value: requestID)) }
        reply.fields.append((name: "x-should-retry", value: error.reason.shouldRetry ? "true" : "false"))
        if let seconds = error.retryAfterSeconds {
            reply.fields.append((name: "retry-after", value: String(seconds)))
        }
        reply.body = ErrorBody.json(error, dialect: dialect, requestID: requestID)
        return reply
    }
}
