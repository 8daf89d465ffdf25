/// What a request needs of the model that serves it, where it is not the one that was asked for.
///
/// Read only when a request fails over: it takes another pass over the body.
package struct RequestNeeds: Sendable, Equatable {
    package var dialect: Dialect
    /// Estimate of the prompt's tokens, high rather than low: a target left out costs less than a refusal.
    ///
    /// The body's bytes without images, documents and audio, at 3.5 bytes a token (prose and code have
    /// about 4, newer tokenizers make a third more tokens of them); each image counts as 1,600 tokens, each
    /// document as 3,000.
    package var promptTokens = 0
    package var maxOutput: Int?
    package var isStream = false
    package var images = 0
    /// Documents whose pages a model must be able to see; text as a document counts as text.
    package var documents = 0
    package var hasAudio = false
    /// Tools that the caller runs.
    package var hasTools = false
    /// Types of tools that the provider runs or defines: "web_search_20260318".
    package var serverTools: [String] = []
    /// What the request says of thinking; `nil` where it leaves it to the model.
    package var thinking: Thinking?
    /// Level of effort, as written: "high".
    package var effort: String?
    /// The reply must be of a schema, or at least JSON.
    package var isStructured = false
    /// A tool must be called.
    package var forcesTool = false
    /// `temperature`, `top_p` or `top_k`; in OpenAI's dialects only where it is not 1.
    package var sampling: String?
    /// The last message is the assistant's own, to be continued.
    package var hasPrefill = false
    /// A system message stands between others.
    package var hasSystemInside = false
    /// Thinking or reasoning that a provider signed or encrypted.
    package var hasSignedBlocks = false
    /// Names a file that its provider keeps.
    package var hasProviderFile = false
    /// The provider keeps a part of the prompt, or the task.
    package var isProviderHeld = false
    /// `max_tokens` or `max_completion_tokens`, whichever limits the output.
    package var limitName: String?
    package var hasStop = false
    /// Members that only the dialect's first maker is known to take, in the order written; at most eight.
    package var vendorMembers: [String] = []

    package enum Thinking: String, Sendable, CaseIterable {
        case adaptive, enabled, disabled
        case betweenTools = "between_tools"
    }

    init(dialect: Dialect) { self.dialect = dialect }

    /// Why no other provider can serve it; `nil` where one could.
    package var bond: String? {
        if isProviderHeld { return "the request goes on from what its provider keeps" }
        if hasProviderFile { return "the request names a file that its provider keeps" }
        return nil
    }
}

extension RequestNeeds {
    /// Reads the body that the facts were read from.
    ///
    /// What is not understood is taken for plain text; a body that breaks off is read as far as it goes.
    package static func read(
        _ facts: RequestFacts, _ bytes: UnsafeRawBufferPointer, dialect: Dialect
    ) -> RequestNeeds {
        var needs = RequestNeeds(dialect: dialect)
        needs.maxOutput = facts.maxTokens
        needs.isStream = facts.isStream
        needs.isProviderHeld = facts.hasServerHeldPrompt
        guard facts.bodyRange.upperBound <= bytes.count, let text = JSONBytes(bytes) else { return needs }
        var reader = NeedsReader(text: text, needs: needs)
        try? reader.readBody(facts.bodyRange.lowerBound)
        needs = reader.needs
        let textBytes = max(0, facts.bodyRange.count - reader.mediaBytes)
        needs.promptTokens = textBytes * 2 / 7 + needs.images * 1600 + needs.documents * 3000
        return needs
    }
}
