/// Refusals in Anthropic's words and shape.
enum AnthropicError {
    /// The `error.type` that goes with a status.
    static func type(_ status: Int) -> String {
        switch status {
        case 401: "authentication_error"
        case 402: "billing_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 409: "conflict_error"
        case 413: "request_too_large"
        case 408, 504: "timeout_error"
        case 429: "rate_limit_error"
        case 529: "overloaded_error"
        case 500...: "api_error"
        default: "invalid_request_error"
        }
    }

    /// What the API says when nothing more is known than the status.
    static func message(_ status: Int) -> String {
        switch status {
        case 400: "The request was not valid."
        case 401: "invalid x-api-key"
        case 402: "Your credit balance is too low to access the Anthropic API."
        case 403: "Your API key does not have permission to use the specified resource."
        case 404: "Not found"
        case 413: "Request exceeds the maximum size"
        case 429: "This request would exceed your organization's rate limit of 4,000 requests per minute."
        case 504: "The request timed out while processing."
        case 529: "Overloaded"
        default: "Internal server error"
        }
    }

    static func body(_ status: Int, _ message: String, id: String) -> Out {
        let error: Out = ["type": .string(type(status)), "message": .string(message)]
        return ["type": "error", "error": error, "request_id": .string(id)]
    }

    static func reply(_ status: Int, _ message: String, id: String, headers: [(String, String)] = []) -> Reply
    {
        Reply(status: status, headers: headers + [("request-id", id)], json: body(status, message, id: id))
    }
}

/// A request that Anthropic would refuse; carries what it would say.
struct AnthropicRefusal: Error, Equatable {
    let status: Int
    let message: String

    init(_ message: String, status: Int = 400) {
        self.status = status
        self.message = message
    }
}
