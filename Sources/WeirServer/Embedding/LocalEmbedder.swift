import Logging
import Synchronization
import WeirCore

/// The encoder in this process, on a thread of its own.
///
/// The image is opened for the first text, or by `open`, since most installations never need its thirty megabytes
/// of memory.
final class LocalEmbedder: Embedder {
    /// After that long a vector is of no use to a request.
    private static let patience = Duration.seconds(1)

    private let encoder: Opened
    private let pool: EmbeddingPool

    /// What the pool's thread opened, for others to name.
    private final class Opened: Sendable {
        let id = Mutex<String?>(nil)
    }

    /// - Parameter whenOpened: Called with the encoder's id before the first vector, on the encoder's thread.
    init(image: String, _ log: Logger, whenOpened: @escaping @Sendable (String) -> Void) {
        let opened = Opened()
        encoder = opened
        pool = EmbeddingPool {
            var work: EmbeddingPool.Worker?
            return { text, limit in
                if work == nil { work = Self.open(image, opened, log, whenOpened) }
                return work?(text, limit) ?? .failed
            }
        }
    }

    var id: String? { encoder.id.withLock(\.self) }

    func embed(_ text: String, by caller: any EmbedderCaller, then: @escaping @Sendable (Embedding) -> Void) {
        pool.submit(text, until: .now + Self.patience, reply: then)
    }

    /// Has the image opened, and what hangs on it done, before somebody waits for it.
    func open() { pool.submit("weir") { _ in } }

    func stop() { pool.stop() }

    private static func open(
        _ image: String, _ opened: Opened, _ log: Logger, _ whenOpened: @Sendable (String) -> Void
    ) -> EmbeddingPool.Worker {
        do throws(EncoderError) {
            let encoder = try SentenceEncoder(image: image)
            log.info("semantic cache: encoder opened", metadata: ["id": "\(encoder.id)", "path": "\(encoder.pathName)"])
            opened.id.withLock { $0 = encoder.id }
            whenOpened(encoder.id)
            return encoder.worker()
        } catch {
            log.error("semantic cache: the encoder's image cannot be used", metadata: ["why": "\(error)"])
            return { _, _ in .failed }
        }
    }
}
