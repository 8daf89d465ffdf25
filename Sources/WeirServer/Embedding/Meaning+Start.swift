import Logging
import NIOPosix
import WeirCore

extension Meaning {
    /// What finds answers by meaning; `nil`, with a line in the log, where nothing is to be looked up by meaning or
    /// there is no encoder.
    ///
    /// - Parameters:
    ///   - index: Empty; is told what the cache no longer has.
    ///   - reach: Makes what a remote embedder is reached by; called where there is one to be asked.
    static func start(
        _ config: Config, _ cache: ResponseCache, _ index: MeaningIndex, _ blocking: NIOThreadPool, _ log: Logger,
        reach: (RemoteEmbedderOptions) throws -> Upstream
    ) throws -> Meaning? {
        guard config.looksUpByMeaning else { return nil }
        if let remote = config.cache.embedder {
            let embedder = RemoteEmbedder(remote, at: try reach(remote), blocking)
            fill(index, encoder: remote.id, cache, log)
            return Meaning(embedder: embedder, index: index)
        }
        guard let image = SentenceEncoder.find(given: config.cache.model) else {
            log.notice(
                """
                semantic cache: there is no encoder's image; identical requests and the same words are answered, \
                neighbours are not. `make setup` makes it.
                """)
            return nil
        }
        let embedder = LocalEmbedder(image: image, log) { fill(index, encoder: $0, cache, log) }
        // Whoever asked by meaning before will do so again: the first one is not to wait until all is read.
        if cache.hasVectors { embedder.open() }
        return Meaning(embedder: embedder, index: index)
    }

    /// Takes up the questions whose answers were kept before.
    private static func fill(_ index: MeaningIndex, encoder: String, _ cache: ResponseCache, _ log: Logger) {
        do {
            try cache.forEachWithVector(encoder: encoder, now: Clocks.wallMicros()) { kept in
                guard let context = kept.context, let text = kept.question, let vector = SentenceVector(kept.vector)
                else { return }
                index.fill(.init(entry: kept.id, text: text), vector, context)
            }
        } catch {
            log.warning("semantic cache: kept questions cannot be read", metadata: ["why": "\(error)"])
        }
    }
}

extension Config {
    /// True where some request may be looked up by meaning.
    fileprivate var looksUpByMeaning: Bool {
        if cache.mode != .off, cache.mode == .semantic || cache.semantic != .off { return true }
        return routes.contains { $0.cache == .semantic || $0.cache != .off && $0.semantic.map { $0 != .off } == true }
            || cache.projects.values.contains {
                $0.mode == .semantic || $0.mode != .off && $0.semantic.map { $0 != .off } == true
            }
    }
}
