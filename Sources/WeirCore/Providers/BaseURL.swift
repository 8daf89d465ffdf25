/// A provider's address, taken apart once: where to connect and what to put before each path.
package struct BaseURL: Sendable, Equatable {
    /// True for `https`.
    package let usesTLS: Bool
    /// Name or address to connect to, in lower case; an IPv6 address without its brackets.
    package let host: String
    /// The port written, else 443 or 80 by scheme.
    package let port: Int
    /// Path before every request path: "" or "/openai/v1"; starts with "/", never ends with one.
    package let basePath: String
    /// Value of the `host` header: brackets around IPv6, the port only where it is not the scheme's own.
    package let hostHeader: String

    /// Reads `scheme://host[:port][/path]`; a slash at the end is dropped.
    ///
    /// Refused: other schemes, user names, queries, fragments, white space, characters outside ASCII.
    package init(_ text: String) throws(BaseURLProblem) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .init(
                "has white space or characters outside ASCII", "write them percent-encoded or in punycode")
        }
        let lower = text.lowercased()
        let scheme: String
        if lower.hasPrefix("https://") {
            scheme = "https://"
        } else if lower.hasPrefix("http://") {
            scheme = "http://"
        } else {
            throw .init("is not an http or https URL", #"write it as "https://api.example.com/v1""#)
        }
        let rest = text.dropFirst(scheme.count)
        guard !rest.contains("?"), !rest.contains("#") else {
            throw .init("has a query or fragment", "write scheme, host and path only")
        }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else {
            throw .init("has a user name or password in it", "leave it out; the key goes under credential")
        }
        usesTLS = scheme == "https://"
        let standard = usesTLS ? 443 : 80
        let place = try HostPort.split(authority, standardPort: standard)
        host = place.host.lowercased()
        port = place.port
        let shown = host.contains(":") ? "[\(host)]" : host
        hostHeader = port == standard ? shown : "\(shown):\(port)"
        var path = rest.dropFirst(authority.count)
        while path.last == "/" { path.removeLast() }
        basePath = String(path)
    }

    /// The same as the initializer, with the problem as a value.
    package static func parse(_ text: String) -> Result<BaseURL, BaseURLProblem> {
        do throws(BaseURLProblem) { return .success(try BaseURL(text)) } catch { return .failure(error) }
    }

    /// Scheme, host and port as in a URL: "https://api.example.com", "http://127.0.0.1:9000".
    package var origin: String { (usesTLS ? "https://" : "http://") + hostHeader }

    /// The path to ask this provider for, query kept, when a caller asked for `requestPath`
    /// ("/v1/messages?beta=true").
    ///
    /// A base path that ends in "/v1" stands for the request's "/v1". Any other base path is put before the
    /// whole request path in the anthropic dialect, as its SDKs do, and stands for "/v1" in chat and
    /// responses, as in OpenAI's SDKs, whose base URL includes the version. Without a base path nothing
    /// changes.
    package func path(for requestPath: String, dialect: Dialect) -> String {
        if basePath.isEmpty { return requestPath }
        guard Self.startsWithVersion(requestPath) else { return basePath + requestPath }
        let replacesVersion =
            switch dialect {
            case .chat, .responses: true
            case .anthropic, .gemini: basePath.hasSuffix("/v1")
            }
        return replacesVersion ? basePath + requestPath.dropFirst(3) : basePath + requestPath
    }

    /// The path for `/p/{provider}/rest`: `rest` (starting with "/") behind the base path, "/v1" never
    /// doubled.
    package func rawPath(_ rest: String) -> String {
        if basePath.isEmpty { return rest }
        return basePath.hasSuffix("/v1") && Self.startsWithVersion(rest)
            ? basePath + rest.dropFirst(3) : basePath + rest
    }

    /// True for "/v1", "/v1/…" and "/v1?…", not for "/v1beta".
    private static func startsWithVersion(_ path: String) -> Bool {
        guard path.utf8.starts(with: "/v1".utf8) else { return false }
        let next = path.utf8.dropFirst(3).first
        return next == nil || next == UInt8(ascii: "/") || next == UInt8(ascii: "?")
    }
}

/// Why a text is no usable address, in two halves of a sentence.
package struct BaseURLProblem: Error, Sendable, Equatable {
    /// What was found: "is not an http or https URL".
    package let found: String
    /// What to do: "write it as …".
    package let write: String
    /// Both as one text: "is not an http or https URL; write it as …".
    package var message: String { "\(found); \(write)" }

    init(_ found: String, _ write: String) {
        self.found = found
        self.write = write
    }
}
