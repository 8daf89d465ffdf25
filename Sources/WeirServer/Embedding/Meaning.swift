import Logging
import WeirCore

/// Finds kept answers to questions that mean the same: vectors, the nearest of them, and the guards.
///
/// Everything slow happens on the encoder's threads; what comes of it is told there.
final class Meaning: Sendable {
    private let embedder: any Embedder
    private let index: MeaningIndex

    init(embedder: any Embedder, index: MeaningIndex) {
        self.embedder = embedder
        self.index = index
    }

    /// The vector as it is kept with an answer; `nil` where what made it has no name yet.
    func kept(_ vector: SentenceVector) -> EntryVector? {
        embedder.id.map { EntryVector(values: vector.values, scale: vector.scale, encoder: $0) }
    }

    /// A question and what counts as near.
    struct Asked: Sendable {
        let question: AskedQuestion
        /// From here on the guards decide.
        let threshold: Similarity
        /// What is less near is not looked at.
        let floor: Similarity
    }

    /// What was found.
    struct Found: Sendable {
        var vector: SentenceVector?
        /// The nearest one, and the guards that speak against it.
        var nearest: MeaningIndex.Neighbour?
        var vetoes: [SemanticGuard] = []
        /// Those over the threshold that no guard speaks against, nearest first.
        var hits: [MeaningIndex.Neighbour] = []
        /// Why no vector could be made.
        var obstacle: String?
    }

    /// Looks a question up; `then` is called once, on a thread of the encoder's or on this one.
    ///
    /// - Parameter caller: Whose question it is; this is its event loop.
    func find(_ asked: Asked, by caller: any EmbedderCaller, then: @escaping @Sendable (Found) -> Void) {
        embedder.embed(asked.question.question.plainText, by: caller) { [index] result in
            switch result {
            case .tooLong, .unknownPieces, .overloaded, .late, .stopped, .failed:
                then(Found(obstacle: result.obstacle))
            case .vector(let vector, _):
                let near = index.nearest(
                    to: vector, asked.question.context, floor: asked.floor)
                then(Self.judge(asked, vector, near))
            }
        }
    }

    private static func judge(
        _ asked: Asked, _ vector: SentenceVector, _ near: [MeaningIndex.Neighbour]
    ) -> Found {
        var found = Found(vector: vector, nearest: near.first)
        for (place, neighbour) in near.enumerated() {
            let vetoes = GuardVerdict.vetoes(
                asked: asked.question.question, cached: Question(neighbour.known.text))
            if place == 0 { found.vetoes = vetoes }
            if vetoes.isEmpty, neighbour.similarity >= asked.threshold { found.hits.append(neighbour) }
        }
        return found
    }

    /// Takes up a question whose answer is kept from now on.
    func keep(_ question: AskedQuestion, entry: UInt64, _ vector: SentenceVector) {
        index.insert(.init(entry: entry, text: question.text), vector, question.context)
    }

    /// Forgets a question whose answer is gone.
    func forget(_ entry: UInt64) { index.forget([entry]) }

    func stop() { embedder.stop() }
}

/// Makes vectors of texts.
protocol Embedder: Sendable {
    /// What makes them, with its version: vectors of different ids are not compared. `nil` before the first one.
    var id: String? { get }
    /// Calls `then` once, on any thread.
    ///
    /// - Parameter caller: Whose text it is; this is its event loop.
    func embed(_ text: String, by caller: any EmbedderCaller, then: @escaping @Sendable (Embedding) -> Void)
    func stop()
}

extension Embedding {
    /// Why there is no vector, for a row.
    fileprivate var obstacle: String? {
        switch self {
        case .vector: nil
        case .tooLong: "too_many_pieces"
        case .unknownPieces: "unknown_pieces"
        case .overloaded: "encoder_overloaded"
        case .late: "encoder_late"
        case .stopped, .failed: "encoder_failed"
        }
    }
}
