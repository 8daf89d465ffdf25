/// The text of a plain reply, as a person would read it.
package enum ReplyText {
    /// Its parts with line ends between them; `nil` where it is no reply of that endpoint, or has no text.
    package static func of(_ body: [UInt8], endpoint: Endpoint) -> String? {
        guard let reply = try? JSONValue(body) else { return nil }
        let parts: [String]
        switch endpoint {
        case .messages: parts = texts(reply["content"]?.array)
        case .chatCompletions:
            parts = (reply["choices"]?.array ?? []).prefix(1).compactMap { $0["message"]?["content"]?.string }
        case .responses:
            parts = (reply["output"]?.array ?? []).flatMap { texts($0["content"]?.array) }
        case .countTokens, .embeddings, .models, .anthropicOther, .openAIOther, .raw: return nil
        }
        let text = parts.joined(separator: "\n")
        return text.isEmpty ? nil : text
    }

    private static func texts(_ blocks: [JSONValue]?) -> [String] {
        (blocks ?? []).compactMap { block in
            let kind = block["type"]?.string
            return kind == "text" || kind == "output_text" ? block["text"]?.string : nil
        }
    }
}
