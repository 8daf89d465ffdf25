import NIOPosix
import Synchronization
import WeirCore

/// Vectors from an OpenAI-compatible embeddings endpoint (`POST {url}/embeddings`).
final class RemoteEmbedder: Embedder {
    /// Requests under way; more are a miss.
    private static let mostOpen = 64
    private static let limit = Duration.seconds(3)
    /// Words of a text; longer ones are about more than one thing, as those of more pieces are for the built-in
    /// encoder.
    static let mostWords = 128

    let id: String?
    private let model: String
    private let upstream: Upstream
    /// Reads replies and searches: neither is for an event loop.
    private let blocking: NIOThreadPool
    private let open = Atomic<Int>(0)

    init(_ options: RemoteEmbedderOptions, at upstream: Upstream, _ blocking: NIOThreadPool) {
        id = options.id
        model = options.model
        self.upstream = upstream
        self.blocking = blocking
    }

    func embed(_ text: String, by caller: any EmbedderCaller, then: @escaping @Sendable (Embedding) -> Void) {
        guard text.utf8.split(separator: UInt8(ascii: " ")).count <= Self.mostWords else { return then(.tooLong) }
        guard open.add(1, ordering: .relaxed).newValue <= Self.mostOpen else {
            open.subtract(1, ordering: .relaxed)
            return then(.overloaded)
        }
        var body = "{\"model\":" + RowJSON.quoted(model) + ",\"input\":" + RowJSON.quoted(text)
        body += ",\"encoding_format\":\"float\"}"
        let request = EmbedderRequest(upstream: upstream, model: model, body: Array(body.utf8), limit: Self.limit)
        caller.call(request) { [self] reply in
            guard let reply else {
                open.subtract(1, ordering: .relaxed)
                return then(.failed)
            }
            blocking.submit { [self] _ in
                open.subtract(1, ordering: .relaxed)
                then(Self.vector(reply).map { .vector($0, pieces: 0) } ?? .failed)
            }
        }
    }

    func stop() {}

    /// The first vector of a reply.
    static func vector(_ body: [UInt8]) -> SentenceVector? {
        guard let reply = try? JSONValue(body), let numbers = reply["data"]?.array?.first?["embedding"]?.array
        else { return nil }
        let values = numbers.compactMap { number -> Float? in
            guard case .number(let digits) = number else { return nil }
            return Float(digits)
        }
        guard values.count == numbers.count else { return nil }
        return SentenceVector(rounding: values)
    }
}

/// One question to a remote embedder.
struct EmbedderRequest: Sendable {
    let upstream: Upstream
    let model: String
    let body: [UInt8]
    /// How long it may take.
    let limit: Duration
}

/// Who asks for vectors: makes the requests of a remote embedder, with a row each.
protocol EmbedderCaller: AnyObject {
    /// Sends it; `then` gets the body of a good reply, once, on the event loop that this is called on.
    func call(_ request: EmbedderRequest, then: @escaping @Sendable ([UInt8]?) -> Void)
}
