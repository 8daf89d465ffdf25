/// What a provider's error body says, in the words of whichever dialect it is written in.
package struct ProviderErrorFacts: Sendable, Equatable {
    /// True where the body is JSON with an error in it.
    var isKnown = false
    /// "rate_limit_error", "insufficient_quota", "overloaded_error"; Gemini's "RESOURCE_EXHAUSTED".
    var type = ""
    /// OpenAI's and OpenRouter's `code`, Anthropic's `details.error_code`.
    var code = ""
    /// The sentence for people; "" where there is none.
    package private(set) var message = ""
    /// The code where it is a number: OpenRouter and Gemini write the status there.
    var status: Int?
    /// Microseconds to wait by Google's `RetryInfo`.
    var retryDelay: Int64?

    /// Reads a JSON body, or an event of a stream with its `event:` and `data:` lines.
    package init(_ bytes: UnsafeRawBufferPointer) {
        let (open, close) = ([UInt8(ascii: "{"), UInt8(ascii: "[")], [UInt8(ascii: "}"), UInt8(ascii: "]")])
        guard let start = bytes.firstIndex(where: open.contains),
            let end = bytes.lastIndex(where: close.contains), start < end,
            var root = try? JSONValue(UnsafeRawBufferPointer(rebasing: bytes[start...end]))
        else { return }
        // Gemini wraps the errors of streams into an array.
        if let first = root.array?.first { root = first }
        // The Responses API's two forms: `response.failed` with the error inside, `error` with it spread out.
        let inner = [root["error"], root["response"]?["error"]].compactMap { $0 }.first { !$0.isNull }
        guard let error = inner ?? (root["message"] == nil ? nil : root) else { return }
        isKnown = true
        if let text = error.string {
            message = text
            return
        }
        type = error["type"]?.string ?? error["status"]?.string ?? ""
        message = error["message"]?.string ?? ""
        status = error["code"]?.int
        code = error["details"]?["error_code"]?.string ?? error["code"]?.string ?? ""
        for detail in error["details"]?.array ?? [] {
            guard let delay = detail["retryDelay"]?.string else { continue }
            retryDelay = ResetTime.duration(Array(delay.utf8)[...])
        }
    }

    /// The account has no money left, or may not spend more.
    var isOutOfMoney: Bool {
        switch code {
        case "enforced_spend_limit_reached", "contract_spend_limit_reached", "ramp_limit_exceeded",
            "insufficient_quota", "billing_hard_limit_reached", "billing_not_active":
            true
        default: type == "billing_error" || type == "insufficient_quota"
        }
    }

    /// The sentences with which Anthropic refuses an account without money by status 400.
    var namesTheBalance: Bool {
        message.contains("credit balance is too low") || message.contains("specified API usage limits")
    }

    /// A 403 that is about the request's content and not about who asks.
    var isAboutContent: Bool {
        [type, code].contains { $0.contains("moderation") || $0.contains("content") || $0.contains("policy") }
            || message.contains("moderation") || message.contains("flagged")
    }

    /// A 403 that is about one model and not about the credential as such.
    var isAboutModel: Bool {
        code.contains("model") || message.contains(" model") || message.contains("Model ")
    }
}
