/// What a request line asks for, before anything else of the request is read.
package enum Destination: Sendable, Equatable {
    /// A path of the data plane; `path` is what the provider is asked for, query included.
    case endpoint(Endpoint, path: String)
    /// `/p/{provider}/rest`.
    case raw(provider: String, rest: String)
    /// The process is up.
    case health
    /// It can take traffic.
    case readiness
    /// `HEAD /` and `HEAD /api/hello`: clients warm their connection up with it.
    case hello
    /// `/weir/v1/requests/{id}`: one ledger row.
    case row(id: String)
    /// Nothing Weir serves; the sentence says what to ask instead.
    case nowhere(String)
}

extension Destination {
    /// Finds out by path alone; the query is kept and never looked at.
    ///
    /// - Parameter speaksAnthropic: the request carries `anthropic-version`, the one reliable sign of an
    ///   Anthropic client (its newer SDKs send the key as `Authorization: Bearer`, as OpenAI's do).
    package static func of(method: String, uri: String, speaksAnthropic: Bool) -> Destination {
        // By bytes: characters are slow, and this runs for every request.
        let path = uri.utf8.firstIndex(of: UInt8(ascii: "?")).map { uri[..<$0] } ?? uri[...]
        switch path {
        case "/v1/messages": return .endpoint(.messages, path: uri)
        case "/v1/chat/completions": return .endpoint(.chatCompletions, path: uri)
        case "/v1/responses" where method == "POST": return .endpoint(.responses, path: uri)
        case "/v1/embeddings": return .endpoint(.embeddings, path: uri)
        case "/v1/messages/count_tokens": return .endpoint(.countTokens, path: uri)
        case "/", "/api/hello":
            return method == "HEAD" || method == "GET" ? .hello : nowhere(path)
        case "/healthz": return .health
        case "/readyz": return .readiness
        default: break
        }
        if path == "/v1/models" || path.hasPrefix("/v1/models/") {
            return method == "GET" || method == "HEAD"
                ? .endpoint(.models, path: uri)
                : .endpoint(speaksAnthropic ? .anthropicOther : .openAIOther, path: uri)
        }
        if path.hasPrefix("/v1/v1/") || path == "/v1/v1" { return doubledVersion(path) }
        if path.hasPrefix("/v1/messages/") { return .endpoint(.anthropicOther, path: uri) }
        if path.hasPrefix("/v1/") {
            return .endpoint(speaksAnthropic ? .anthropicOther : .openAIOther, path: uri)
        }
        if path.hasPrefix("/p/") { return rawDestination(uri) }
        if path.hasPrefix("/weir/v1/requests/") {
            return .row(id: String(path.dropFirst("/weir/v1/requests/".count)))
        }
        return nowhere(path)
    }

    /// The endpoint asked for, under `/p/{provider}` too; `nil` for what is none.
    package func asked(method: String) -> Endpoint? {
        switch self {
        case .endpoint(let endpoint, _): endpoint
        case .raw(_, let rest):
            if case .endpoint(let endpoint, _) = Self.of(method: method, uri: rest, speaksAnthropic: false) {
                endpoint
            } else {
                nil
            }
        case .health, .readiness, .hello, .row, .nowhere: nil
        }
    }

    private static func rawDestination(_ uri: String) -> Destination {
        let rest = uri.dropFirst("/p/".count)
        let name = rest.prefix { $0 != "/" && $0 != "?" }
        guard !name.isEmpty else { return nowhere(uri.prefix { $0 != "?" }) }
        let tail = rest.dropFirst(name.count)
        return .raw(provider: String(name), rest: tail.hasPrefix("/") ? String(tail) : "/" + tail)
    }

    private static func doubledVersion(_ path: Substring) -> Destination {
        .nowhere(
            """
            \(path) has "/v1" twice: the base URL already ends in /v1 and the client adds it again. Set \
            ANTHROPIC_BASE_URL (or base_url) without the trailing /v1, for instance http://127.0.0.1:8787.
            """)
    }

    private static func nowhere(_ path: Substring) -> Destination {
        .nowhere(
            """
            Weir does not serve \(path.prefix(200)). Anthropic clients use the base URL http://HOST:PORT, OpenAI \
            clients http://HOST:PORT/v1; a provider's own paths are under /p/{provider}/.
            """)
    }
}
