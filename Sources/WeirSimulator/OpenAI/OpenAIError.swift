/// A request that OpenAI would refuse; carries what it would say.
struct OpenAIRefusal: Error, Equatable {
    let status: Int
    let message: String
    let type: String
    let param: String?
    let code: String?

    init(_ message: String, status: Int = 400, type: String? = nil, param: String? = nil, code: String? = nil)
    {
        self.status = status
        self.message = message
        self.type = type ?? Self.type(status)
        self.param = param
        self.code = code
    }

    static func missing(_ name: String) -> OpenAIRefusal {
        OpenAIRefusal(
            "Missing required parameter: '\(name)'.", param: name, code: "missing_required_parameter")
    }

    /// What the API says when nothing more is known than the status.
    init(status: Int) {
        switch status {
        case 401: self.init("Incorrect API key provided.", status: 401, code: "invalid_api_key")
        case 403: self.init("You do not have access to this resource.", status: 403)
        case 404: self.init("The model does not exist.", status: 404, code: "model_not_found")
        case 429:
            self.init(
                "Rate limit reached for requests. Please try again in 1s.", status: 429, type: "requests",
                code: "rate_limit_exceeded")
        case 503, 529:
            self.init("The engine is currently overloaded, please try again later.", status: status)
        case 500...:
            self.init(
                "The server had an error while processing your request. Sorry about that!", status: status)
        default: self.init("The request was not valid.", status: status)
        }
    }

    /// What the API says of a key's account; `nil` where nothing is wrong with it.
    init?(_ standing: KeyBook.Standing) {
        switch standing {
        case .ok: return nil
        case .rejected: self.init(status: 401)
        case .forbidden: self.init(status: 403)
        case .outOfMoney, .spendLimit:
            self.init(
                "You exceeded your current quota, please check your plan and billing details.", status: 429,
                type: "insufficient_quota", code: "insufficient_quota")
        }
    }

    private static func type(_ status: Int) -> String {
        switch status {
        case 429: "requests"
        case 500...: "server_error"
        default: "invalid_request_error"
        }
    }

    var json: Out {
        let error: Out = [
            "message": .string(message), "type": .string(type), "param": .optional(param),
            "code": .optional(code),
        ]
        return ["error": error]
    }
}
