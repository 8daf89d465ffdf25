/// What the cache's key makes of one field of a request; the reader acts on these rows and on nothing else.
package struct CacheField: Sendable, Equatable {
    /// As on the wire, without the path to it.
    package let name: String
    package let place: Place
    package let treatment: Treatment
    /// One clause for the documents.
    package let why: String
    /// How the value is read.
    let shape: Shape

    init(
        _ name: String, in place: Place = .body, _ treatment: Treatment, _ why: String,
        as shape: Shape = .plain
    ) {
        self.name = name
        self.place = place
        self.treatment = treatment
        self.why = why
        self.shape = shape
    }

    /// The object that has the field.
    package enum Place: String, Sendable, CaseIterable {
        case body
        /// An element of `tools`.
        case tool
        /// An element of `messages` or `input`.
        case message
        /// An element of a message's `content` or of `system`, at any depth that the dialect allows.
        case part
        case promptCacheOptions = "prompt_cache_options"
    }

    package enum Treatment: Sendable, Equatable {
        case inKey
        /// In the key, but put there by the server, as what counts is what serves the request.
        case inKeyAsServed
        case ignored
        /// In the key, and the request is not cached when the condition holds.
        case notCacheable(When, CacheObstacle)
    }

    /// What a value must be for a field to keep its request out of the cache.
    package enum When: Sendable, Equatable {
        case notNull
        case isTrue
        /// Absent counts too.
        case isNotFalse
        case isZero
        /// A list or an object with something in it.
        case isFilled
        case isOneOf([String])
        /// A word that is not in the list; an entry that ends in `*` stands for all words that begin so.
        case isNoneOf([String])
    }

    enum Shape: Sendable {
        case plain, system, messages, input, tools, temperature, promptCacheOptions
    }
}

extension CacheField {
    /// Every field whose treatment is decided, in the order of the documents; empty where nothing is cached.
    ///
    /// A field that is not there is in the key.
    package static func table(for endpoint: Endpoint) -> [CacheField] {
        switch endpoint {
        case .messages: messages
        case .chatCompletions: chat
        case .responses: responses
        case .embeddings: embeddings
        case .countTokens, .models, .anthropicOther, .openAIOther, .raw: []
        }
    }

    /// The table as the documents have it.
    package static func markdown(for endpoint: Endpoint) -> String {
        let rows = table(for: endpoint).map { "| `\($0.path)` | \($0.treatment.words) | \($0.why) |\n" }
        return "| field | treatment | why |\n|---|---|---|\n" + rows.joined()
            + "| any other | in the key | what Weir does not know may change the answer |\n"
    }

    /// The tables of all endpoints that are cached, with headings, as the documents have them.
    package static func markdown() -> String {
        let endpoints: [(Endpoint, String)] = [
            (.messages, "Anthropic Messages"), (.chatCompletions, "OpenAI Chat"), (.responses, "OpenAI Responses"),
            (.embeddings, "Embeddings"),
        ]
        return endpoints.map { "#### \($1)\n\n" + markdown(for: $0) }.joined(separator: "\n")
    }

    /// The name with the objects around it: `tools[].cache_control`.
    package var path: String {
        switch place {
        case .body: name
        case .tool: "tools[].\(name)"
        case .message: "messages[].\(name)"
        case .part: "content[].\(name)"
        case .promptCacheOptions: "prompt_cache_options.\(name)"
        }
    }
}

extension CacheField.Treatment {
    /// As in the documents.
    package var words: String {
        switch self {
        case .inKey: "in the key"
        case .inKeyAsServed: "in the key, as served"
        case .ignored: "ignored"
        case .notCacheable(let when, _): "not cacheable \(when.words)"
        }
    }
}

extension CacheField.When {
    /// Continues "not cacheable".
    package var words: String {
        switch self {
        case .notNull: "when present"
        case .isTrue: "when `true`"
        case .isNotFalse: "unless `false`"
        case .isZero: "when 0"
        case .isFilled: "when not empty"
        case .isOneOf(let words): "when one of " + Self.list(words)
        case .isNoneOf(let words): "when present and none of " + Self.list(words)
        }
    }

    private static func list(_ words: [String]) -> String {
        words.map { "`\($0)`" }.joined(separator: ", ")
    }
}
