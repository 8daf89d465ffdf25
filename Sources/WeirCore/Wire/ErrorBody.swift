/// Error bodies in the caller's grammar.
package enum ErrorBody {
    /// The whole JSON body for an error of Weir's own.
    ///
    /// Anthropic: `{"type":"error","error":{"type","message"},"request_id"}`; OpenAI and everything else:
    /// `{"error":{"message","type","param","code"}}`.
    package static func json(_ error: WeirError, dialect: Dialect, requestID: String?) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(256 + error.message.utf8.count)
        switch dialect {
        case .anthropic:
            out += #"{"type":"error","error":{"type":""#.utf8
            out += anthropicType(error.reason).utf8
            out += #"","message":"#.utf8
            out.appendJSONString(error.message)
            out += "}".utf8
            if let requestID {
                out += #","request_id":"#.utf8
                out.appendJSONString(requestID)
            }
            out += "}".utf8
        case .chat, .responses, .gemini:
            out += #"{"error":{"message":"#.utf8
            out.appendJSONString(error.message)
            out += #","type":""#.utf8
            out += openAIType(error.reason).utf8
            out += #"","param":null,"code":""#.utf8
            out += error.reason.rawValue.utf8
            out += #""}}"#.utf8
        }
        return out
    }

    /// The event that ends a stream which broke off, in the caller's grammar.
    ///
    /// Never a normal end: no `message_stop`, no `[DONE]`. A Responses stream gets the out-of-band `error`
    /// event, whose sequence number Weir does not know and gives as 0.
    package static func event(_ error: WeirError, endpoint: Endpoint, requestID: String?) -> [UInt8] {
        var out: [UInt8] = []
        switch endpoint {
        case .messages, .countTokens, .anthropicOther:
            out += "event: error\ndata: ".utf8
            out += json(error, dialect: .anthropic, requestID: requestID)
        case .responses:
            out += "event: error\ndata: {\"type\":\"error\",\"code\":\"".utf8
            out += error.reason.rawValue.utf8
            out += #"","message":"#.utf8
            out.appendJSONString(error.message)
            out += #","param":null,"sequence_number":0}"#.utf8
        case .chatCompletions, .embeddings, .models, .openAIOther, .raw:
            out += "data: ".utf8
            out += json(error, dialect: .chat, requestID: requestID)
        }
        out += "\n\n".utf8
        return out
    }

    private static func anthropicType(_ reason: WeirError.Reason) -> String {
        switch reason {
        case .malformedRequest, .methodNotAllowed, .notCached: "invalid_request_error"
        case .unknownCaller: "authentication_error"
        case .notAllowed: "permission_error"
        case .unknownEndpoint, .notFound: "not_found_error"
        case .bodyTooLarge: "request_too_large"
        case .callerLimited, .upstreamLimited: "rate_limit_error"
        case .requestTimedOut, .upstreamTimedOut, .deadlinePassed: "timeout_error"
        case .noProvider, .upstreamBusy, .upstreamUnreachable, .upstreamBroke, .upstreamOverloaded,
            .upstreamFailed, .upstreamRejectedKey, .upstreamOutOfMoney, .upstreamRefusedPart, .allDown,
            .hedgedAway, .ledgerUnavailable, .shuttingDown, .callerLeft, .internalFault:
            "api_error"
        }
    }

    private static func openAIType(_ reason: WeirError.Reason) -> String {
        switch reason {
        case .malformedRequest, .methodNotAllowed, .unknownEndpoint, .notFound, .bodyTooLarge, .notAllowed,
            .unknownCaller, .notCached:
            "invalid_request_error"
        case .callerLimited, .upstreamLimited: "requests"
        case .requestTimedOut, .upstreamTimedOut, .deadlinePassed, .noProvider, .upstreamBusy,
            .upstreamUnreachable, .upstreamBroke, .upstreamOverloaded, .upstreamFailed,
            .upstreamRejectedKey, .upstreamOutOfMoney, .upstreamRefusedPart, .allDown, .hedgedAway,
            .ledgerUnavailable, .shuttingDown, .callerLeft, .internalFault:
            "server_error"
        }
    }
}

extension [UInt8] {
    /// Appends a JSON string, quotes included.
    package mutating func appendJSONString(_ text: String) {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 10: append(contentsOf: #"\n"#.utf8)
            case 13: append(contentsOf: #"\r"#.utf8)
            case 9: append(contentsOf: #"\t"#.utf8)
            case 0..<32:
                let digits = String(byte, radix: 16)
                append(contentsOf: (#"\u00"# + (digits.count == 1 ? "0" : "") + digits).utf8)
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}
