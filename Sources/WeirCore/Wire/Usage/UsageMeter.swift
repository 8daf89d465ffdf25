/// Reads the usage out of a reply that goes by: a stream in chunks cut anywhere, or a plain reply in pieces.
///
/// The conventions of counting are chosen by the endpoint's dialect and never guessed from the names found.
/// Events that carry no usage are only looked at to count their text; nothing is kept of them.
package struct UsageMeter: Sendable {
    /// Longest plain reply read whole, in bytes; of a longer one the end is searched for its usage.
    package static let maxPlainBytes = 1024 * 1024

    private var scanner = SSEScanner()
    private var plain = BoundedBytes(maxBytes: UsageMeter.maxPlainBytes)
    private var reader: Reader
    private let isStream: Bool
    private var isFinished = false

    /// Endpoints without usage get a meter that reads nothing.
    ///
    /// `takesSignatures` has it collect the signatures of Anthropic and Responses replies.
    package init(endpoint: Endpoint, isStream: Bool, takesSignatures: Bool = false) {
        reader = Reader(endpoint)
        if takesSignatures { reader.tap = SignatureTap() }
        self.isStream = isStream
    }

    /// Tokens as far as reported; after `finish`, with an estimate where the stream was cut.
    package var usage: Usage { reader.tally.usage }
    /// `.provider` once the provider's last word has come.
    package var source: UsageSource { reader.tally.source }
    /// True after `message_stop`, `[DONE]`, `response.completed`, `.incomplete` or `.failed`, or a whole
    /// plain reply.
    package var sawTerminalEvent: Bool { reader.tally.sawTerminalEvent }
    /// True after an error in the dialect's form, in a stream or as a plain reply.
    package var sawErrorEvent: Bool { reader.tally.sawErrorEvent }
    /// Bytes of text, arguments and thinking in the deltas so far, escapes resolved; 0 for a plain reply.
    package var outputTextBytes: Int { reader.tally.outputTextBytes }
    /// The model the reply names.
    package var servedModel: String? { reader.tally.servedModel }

    /// True where signatures were read that were not taken yet.
    package var hasSignatures: Bool { reader.tap?.hashes.isEmpty == false }

    /// Hashes of the signatures read since the last call.
    package mutating func takeSignatures() -> [UInt64] { reader.tap?.take() ?? [] }

    /// Takes the next bytes of the reply's body; only those of the body, without transfer or content
    /// encoding.
    package mutating func read(_ bytes: UnsafeRawBufferPointer) {
        if case .none = reader.grammar { return }
        guard isStream else { return plain.append(bytes) }
        scanner.push(bytes, into: &reader) { (reader, event) in reader.read(event) }
    }

    /// Ends the reply, at its end or wherever it was cut.
    ///
    /// Further calls change nothing.
    package mutating func finish() {
        if isFinished { return }
        isFinished = true
        if isStream {
            scanner.finish(into: &reader) { (reader, event) in reader.read(event) }
            reader.tally.estimate()
        } else {
            plain.withBytes { (bytes, isCut) in reader.readPlain(bytes, isCut: isCut) }
            plain.removeAll()
        }
    }
}

extension UsageMeter {
    /// The grammar chosen and what was read by it.
    struct Reader: Sendable {
        enum Grammar: Sendable {
            case anthropic, chat(ChatUsage), responses, none
        }

        let grammar: Grammar
        /// Figures of an Anthropic reply so far.
        private var anthropic = AnthropicUsage()
        var tally = UsageTally()
        /// `nil` where signatures are of no interest.
        var tap: SignatureTap?

        init(_ endpoint: Endpoint) {
            switch endpoint {
            case .messages: grammar = .anthropic
            case .chatCompletions: grammar = .chat(ChatUsage(hasOutput: true))
            case .embeddings: grammar = .chat(ChatUsage(hasOutput: false))
            case .responses: grammar = .responses
            case .countTokens, .models, .anthropicOther, .openAIOther, .raw: grammar = .none
            }
        }

        @inline(__always)
        mutating func read(_ event: SSEEvent) {
            guard let text = JSONBytes(event.data) else {
                // An error event need not carry data.
                if event.isNamed("error") { tally.sawErrorEvent = true }
                return
            }
            switch grammar {
            case .anthropic: anthropic.read(event, text, &tally, &tap)
            case .chat(let chat): chat.read(event, text, &tally)
            case .responses: ResponsesUsage.read(event, text, &tally, &tap)
            case .none: break
            }
        }

        mutating func readPlain(_ bytes: UnsafeRawBufferPointer, isCut: Bool) {
            guard let text = JSONBytes(bytes) else { return }
            let start = text.skipSpace(text.hasMark ? 3 : 0)
            guard text.byte(at: start) == 0x7B else { return }
            if isCut {
                if let model = text.valueOffset(of: "model", in: start) { tally.takeModel(text, model) }
                if let usage = text.lastUsage() { take(text, usage) }
                return
            }
            guard let members = PlainMembers(text, start) else { return }
            tally.sawTerminalEvent = true
            if members.error.map(text.isTruthy) ?? false { tally.sawErrorEvent = true }
            if let model = members.model { tally.takeModel(text, model) }
            if let tier = members.serviceTier { tally.usage.serviceTier = text.stringValue(tier) }
            if let tools = members.toolUsage.flatMap(text.tree) {
                tally.usage.webSearches = tools["web_search"]?["num_requests"]?.count
            }
            if let usage = members.usageObject(text) { take(text, usage) }
            switch grammar {
            case .anthropic: tap?.takeReply(text, start, of: .anthropic)
            case .responses: tap?.takeReply(text, start, of: .responses)
            case .chat, .none: break
            }
        }

        private mutating func take(_ text: JSONBytes, _ offset: Int) {
            switch grammar {
            case .anthropic:
                guard anthropic.merge(text, offset) != nil else { return }
                anthropic.write(to: &tally.usage)
            case .chat(let chat):
                guard let usage = text.tree(offset) else { return }
                chat.write(usage, to: &tally.usage)
            case .responses:
                guard let usage = text.tree(offset) else { return }
                ResponsesUsage.write(usage, to: &tally.usage)
            case .none: return
            }
            tally.report(.final)
        }
    }
}

/// Where the members of a plain reply stand that the meter reads, found in the pass that checks it.
private struct PlainMembers {
    var error, model, serviceTier, toolUsage, usage, groq: Int?

    /// `nil` where the text is not one whole object. Of a member that comes twice the first one counts.
    init?(_ text: JSONBytes, _ start: Int) {
        var found = (
            error: Int?.none, model: Int?.none, tier: Int?.none, tools: Int?.none, usage: Int?.none,
            groq: Int?.none
        )
        let end = try? text.members(start) { (name, value) throws(JSONFault) in
            // By length with the quotes, so that most names cost one comparison.
            switch name.count {
            case 7 where text.string(name, isExactly: "error"): found.error = found.error ?? value
            case 7 where text.string(name, isExactly: "model"): found.model = found.model ?? value
            case 7 where text.string(name, isExactly: "usage"): found.usage = found.usage ?? value
            case 8 where text.string(name, isExactly: "x_groq"): found.groq = found.groq ?? value
            case 12 where text.string(name, isExactly: "tool_usage"): found.tools = found.tools ?? value
            case 14 where text.string(name, isExactly: "service_tier"): found.tier = found.tier ?? value
            default: break
            }
            return try text.skipValue(value, depth: 1)
        }
        guard let end, text.skipSpace(end) == text.count else { return nil }
        (error, model, serviceTier, toolUsage, usage, groq) = found
    }

    /// `usage`, else `x_groq.usage`, where an object stands there.
    func usageObject(_ text: JSONBytes) -> Int? {
        if let usage, text.byte(at: usage) == 0x7B { return usage }
        guard let groq, text.byte(at: groq) == 0x7B else { return nil }
        return text.objectOffset(of: "usage", in: groq)
    }
}

extension JSONBytes {
    /// Where the usage object of a reply or a Chat chunk begins: `usage`, else `x_groq.usage`.
    func usageOffset(in start: Int) -> Int? {
        if let usage = objectOffset(of: "usage", in: start) { return usage }
        return objectOffset(of: "x_groq", in: start).flatMap { objectOffset(of: "usage", in: $0) }
    }
}
