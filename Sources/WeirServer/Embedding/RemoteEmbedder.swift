import NIOCore
import NIOPosix
import Synchronization
import WeirCore

/// Vectors from an OpenAI-compatible embeddings endpoint (`POST {url}/embeddings`).
///
/// What it costs is not in the ledger: it is not a request of a caller's, and whoever runs it knows.
final class RemoteEmbedder: Embedder {
    /// Requests under way; more are a miss.
    private static let mostOpen = 64
    private static let timeout = Duration.seconds(3)
    /// Words of a text; longer ones are about more than one thing, as those of more pieces are for the built-in
    /// encoder.
    static let mostWords = 128

    let id: String?
    private let client: ProbeClient
    private let model: String
    private let key: Secret?
    private let open = Atomic<Int>(0)

    init(_ options: RemoteEmbedderOptions) throws {
        id = options.id
        model = options.model
        key = options.key
        client = try ProbeClient(
            base: try BaseURL(options.url), timeout: Self.timeout, checksCertificate: true,
            group: .singletonMultiThreadedEventLoopGroup)
    }

    func embed(_ text: String, then: @escaping @Sendable (Embedding) -> Void) {
        guard text.utf8.split(separator: UInt8(ascii: " ")).count <= Self.mostWords else { return then(.tooLong) }
        guard open.add(1, ordering: .relaxed).newValue <= Self.mostOpen else {
            open.subtract(1, ordering: .relaxed)
            return then(.overloaded)
        }
        var body = "{\"model\":" + RowJSON.quoted(model) + ",\"input\":" + RowJSON.quoted(text)
        body += ",\"encoding_format\":\"float\"}"
        var request = ProbeRequest(method: "POST", path: "/embeddings", body: body)
        if let key { request.fields.append((name: "authorization", value: "Bearer " + key.reveal())) }
        let asked = request
        let reply = MultiThreadedEventLoopGroup.singleton.any().makeFutureWithTask { [client] in
            try await client.send(asked)
        }
        reply.whenComplete { [self] result in
            open.subtract(1, ordering: .relaxed)
            guard let reply = try? result.get(), reply.isGood, let vector = Self.vector(reply.body) else {
                return then(.failed)
            }
            then(.vector(vector, pieces: 0))
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
