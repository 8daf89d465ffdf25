import WeirCore

/// The requests the doctor sends, one plain and one streamed for each surface.
struct ProbeRequests {
    let key: Secret?
    /// A key no gateway has issued.
    static let wrongKey = Secret("wk_doctor-this-key-is-wrong")

    func fields(_ dialect: Dialect, key: Secret?) -> [(name: String, value: String)] {
        switch dialect {
        case .anthropic:
            [(name: "anthropic-version", value: "2023-06-01")]
                + (key.map { [(name: "x-api-key", value: $0.reveal())] } ?? [])
        case .chat, .responses, .gemini:
            key.map { [(name: "authorization", value: "Bearer " + $0.reveal())] } ?? []
        }
    }

    func models(_ dialect: Dialect) -> ProbeRequest {
        ProbeRequest(path: "/v1/models", fields: fields(dialect, key: key))
    }

    func row(_ id: String) -> ProbeRequest {
        ProbeRequest(path: "/weir/v1/requests/" + id, fields: fields(.chat, key: key))
    }

    /// A small request that is complete in one reply.
    func plain(_ endpoint: Endpoint, model: String, key: Secret?) -> ProbeRequest {
        request(endpoint, model: model, isStream: false, text: "Answer with the one word ok.", key: key)
    }

    /// A request whose answer takes a while, so that its pieces have time between them.
    func streamed(_ endpoint: Endpoint, model: String) -> ProbeRequest {
        var request = request(
            endpoint, model: model, isStream: true, text: "Count from one to forty in words.", key: key)
        // Heeded by the simulator alone; other providers have their own pace.
        request.fields += [(name: "x-sim-event-delay-ms", value: "40"), (name: "x-sim-output-tokens", value: "12")]
        return request
    }

    /// The chat request has no token limit: providers disagree on the limit's name and refuse the other one.
    private func request(
        _ endpoint: Endpoint, model: String, isStream: Bool, text: String, key: Secret?
    ) -> ProbeRequest {
        let stream = isStream ? #","stream":true"# : ""
        let name = Self.quoted(model)
        let question = #"[{"role":"user","content":"\#(text)"}]"#
        let path: String
        let body: String
        switch endpoint {
        case .messages, .countTokens, .anthropicOther:
            path = "/v1/messages"
            body = #"{"model":\#(name),"max_tokens":512,"messages":\#(question)\#(stream)}"#
        case .responses:
            path = "/v1/responses"
            body = #"{"model":\#(name),"max_output_tokens":512,"input":"\#(text)"\#(stream)}"#
        case .embeddings:
            path = "/v1/embeddings"
            body = #"{"model":\#(name),"input":"\#(text)"}"#
        case .chatCompletions, .models, .openAIOther, .raw:
            path = "/v1/chat/completions"
            body = #"{"model":\#(name),"messages":\#(question)\#(stream)}"#
        }
        return ProbeRequest(
            method: "POST", path: path, fields: fields(endpoint.dialect ?? .chat, key: key), body: body)
    }

    private static func quoted(_ text: String) -> String {
        var out: [UInt8] = []
        out.appendJSONString(text)
        return String(decoding: out, as: UTF8.self)
    }
}

/// What the doctor reads from replies.
enum ReplyReading {
    /// Ids of a list of models, both dialects' shape.
    static func modelIDs(_ reply: ProbeReply) -> [String]? {
        guard let list = try? JSONValue(reply.body) else { return nil }
        return list["data"]?.array?.compactMap { $0["id"]?.string }
    }

    /// The first model that answers text: lists mix in models for embeddings, speech, pictures.
    static func firstTextModel(_ ids: [String]) -> String? {
        ids.first { id in !otherKinds.contains { id.lowercased().contains($0) } } ?? ids.first
    }

    static func firstEmbeddingModel(_ ids: [String]) -> String? { ids.first { $0.lowercased().contains("embed") } }

    private static let otherKinds = [
        "embed", "whisper", "tts", "transcribe", "dall-e", "image", "audio", "realtime", "moderation", "rerank",
        "sora", "video", "guard", "ocr", "search", "computer-use",
    ]

    /// The message of an error reply in any dialect, at most 240 characters.
    static func errorMessage(_ reply: ProbeReply) -> String {
        let value = try? JSONValue(reply.body)
        let error = value?["error"]
        let message = error?["message"]?.string ?? error?.string ?? value?["message"]?.string ?? reply.text
        return String(message.prefix(240))
    }

    static func errorCode(_ reply: ProbeReply) -> String? { (try? JSONValue(reply.body))?["error"]?["code"]?.string }

    /// `nil` when the reply is what the endpoint answers; else what is wrong with it.
    static func problem(_ reply: ProbeReply, endpoint: Endpoint) -> String? {
        guard let value = try? JSONValue(reply.body, maxDepth: 512) else { return "The reply is not JSON." }
        switch endpoint {
        case .messages, .countTokens, .anthropicOther:
            return value["type"]?.string == "message" && value["content"]?.array != nil
                ? nil : "The reply is no Anthropic message."
        case .responses:
            return value["object"]?.string == "response" && value["output"]?.array != nil
                ? nil : "The reply is no OpenAI response."
        case .embeddings:
            return value["data"]?.array?.first?["embedding"] != nil ? nil : "The reply has no embedding."
        case .chatCompletions, .models, .openAIOther, .raw:
            return value["choices"]?.array?.isEmpty == false ? nil : "The reply has no choices."
        }
    }

    /// What to do about a refusal, by its status.
    static func remedy(_ status: Int) -> String {
        switch status {
        case 401: "Check the key (--key)."
        case 403: "The key or the configuration does not allow this model."
        case 404: "Check the base URL and the model name (--anthropic-model, --openai-model)."
        case 429: "The provider's limit is reached; try again later."
        case 500...599: "The gateway or its provider has a problem; see the gateway's log and /readyz."
        default: "The gateway or its provider refused the request."
        }
    }
}
