import Testing
import WeirCore

@Suite struct ConfigBaseURLTests {
    static let joined: [(String, Dialect, String, String)] = [
        ("https://api.anthropic.com", Dialect.anthropic, "/v1/messages?beta=true", "/v1/messages?beta=true"),
        ("https://api.anthropic.com/v1/", .anthropic, "/v1/messages", "/v1/messages"),
        ("https://api.deepseek.com/anthropic", .anthropic, "/v1/messages", "/anthropic/v1/messages"),
        ("https://host/inference/v1", .anthropic, "/v1/messages", "/inference/v1/messages"),
        ("https://api.openai.com/v1", .chat, "/v1/chat/completions", "/v1/chat/completions"),
        ("https://api.groq.com/openai/v1", .chat, "/v1/chat/completions", "/openai/v1/chat/completions"),
        (
            "https://g.example/v1beta/openai/", .chat, "/v1/embeddings?x=%2F",
            "/v1beta/openai/embeddings?x=%2F"
        ),
        ("http://127.0.0.1:9000", .responses, "/v1/responses", "/v1/responses"),
        ("http://h/v1", .chat, "/v1?x", "/v1?x"),
        ("http://h/v1", .chat, "/v1", "/v1"),
        ("http://h/v1", .chat, "/v1beta/x", "/v1/v1beta/x"),
    ]

    @Test(arguments: joined)
    func pathsAreJoinedByTheDialectsRule(url: String, dialect: Dialect, request: String, expected: String)
        throws
    {
        #expect(try BaseURL(url).path(for: request, dialect: dialect) == expected)
    }

    static let raw: [(String, String, String)] = [
        ("https://h/v1", "/v1/files", "/v1/files"), ("https://h/v1", "/files", "/v1/files"),
        ("https://h", "/v1/files", "/v1/files"), ("https://h/openai", "/v1/files", "/openai/v1/files"),
        ("https://h/openai/v1", "/v1", "/openai/v1"),
        ("https://h/v1beta", "/models/x:generate?k", "/v1beta/models/x:generate?k"),
    ]

    @Test(arguments: raw)
    func rawPathsKeepTheirRest(url: String, rest: String, expected: String) throws {
        #expect(try BaseURL(url).rawPath(rest) == expected)
    }

    static let places: [(String, Bool, String, Int, String)] = [
        ("HTTPS://API.Example.com", true, "api.example.com", 443, "api.example.com"),
        ("http://example.com:80/x", false, "example.com", 80, "example.com"),
        ("http://example.com:443", false, "example.com", 443, "example.com:443"),
        ("https://[2001:DB8::1]:8443/v1", true, "2001:db8::1", 8443, "[2001:db8::1]:8443"),
        ("http://[::1]", false, "::1", 80, "[::1]"),
    ]

    @Test(arguments: places)
    func hostAndPortAreTakenApart(url: String, tls: Bool, host: String, port: Int, header: String) throws {
        let base = try BaseURL(url)
        #expect(base.usesTLS == tls)
        #expect(base.host == host)
        #expect(base.port == port)
        #expect(base.hostHeader == header)
        #expect(base.origin == (tls ? "https://" : "http://") + header)
    }

    @Test(arguments: [
        "", "api.example.com", "ftp://x", "https://", "https:///v1", "https://a b", "https://h?x",
        "https://h#x",
        "https://u:p@h", "https://h:0", "https://h:65536", "https://h:", "https://h:1x", "https://h:+1",
        "https://::1",
        "https://[::1", "https://[x]", "https://[::1]x", "https://hö.st", "http://h\r\nx: y",
    ])
    func whatIsNoAddressIsRefused(url: String) {
        #expect(throws: BaseURLProblem.self) { try BaseURL(url) }
    }

    @Test(arguments: [
        ("127.0.0.1:8787", true), ("[::]:0", true), ("localhost:65535", true), ("localhost", false),
        (":80", false),
        ("::1:80", false), ("h:-1", false), ("h:65536", false), ("http://h:1", false), ("", false),
    ])
    func listenersNeedHostAndPort(text: String, isFine: Bool) {
        #expect(((try? HostPort(listener: text)) != nil) == isFine)
    }
}
