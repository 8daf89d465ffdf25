import Foundation

@testable import WeirCore
@testable import WeirServer

/// Two questions, and whether a full and right answer to one is that to the other too.
struct LabelledPair: Decodable, Sendable {
    let a: String
    let b: String
    let same: Bool
    let kind: String
}

/// What the steps of the semantic cache have to go by: an answer to `a` is kept, and `b` is asked.
struct MeasuredPair: Sendable {
    let pair: LabelledPair
    let kept: Question
    let asked: Question
    /// Of `Question.plainText`, also of texts that the cache refuses to embed.
    let vectors: (kept: SentenceVector, asked: SentenceVector)
    /// Both have at most 128 word pieces, and the encoder knows all of them.
    let isEmbedded: Bool
    let similarity: Similarity
    let vetoes: Set<SemanticGuard>

    /// One of the two may not be looked up by meaning.
    var hasObstacle: Bool { kept.obstacle != nil || asked.obstacle != nil }

    /// Step 1, as requests go through it: what has an obstacle is not compared at all.
    var isAnsweredByText: Bool { !hasObstacle && kept.textKey == asked.textKey }

    /// Step 2.
    func isAnsweredByMeaning(at threshold: Similarity, except: Set<SemanticGuard> = []) -> Bool {
        !hasObstacle && isEmbedded && similarity >= threshold && vetoes.isSubset(of: except)
    }

    /// Steps 1 and 2.
    func isAnswered(at threshold: Similarity) -> Bool {
        isAnsweredByText || isAnsweredByMeaning(at: threshold)
    }

    /// What steps 1 and 2 refuse and step 3 puts to a judge.
    func isForTheJudge(at threshold: Similarity, from floor: Similarity) -> Bool {
        !hasObstacle && isEmbedded && similarity >= floor && !isAnswered(at: threshold)
    }
}

/// A judge that knows the labels, and says what it says as a model would: in the text of a reply.
struct ScriptedJudge: Sendable {
    private let labels: [[String]: Bool]

    init(_ pairs: [LabelledPair]) {
        labels = Dictionary(pairs.map { ([$0.b, $0.a], $0.same) }) { one, _ in one }
    }

    /// True where its reply, read as Weir reads it, lets the kept answer serve.
    func serves(_ pair: LabelledPair) -> Bool {
        let request = JudgeRequest(asked: pair.b, kept: pair.a, answer: "An answer to: \(pair.a)")
        let word =
            switch labels[[request.asked, request.kept]] {
            case true: "Yes."
            case false: "No."
            case nil: "I have not seen these."
            }
        let reply = #"{"type":"message","content":[{"type":"text","text":"\#(word)"}]}"#
        return JudgeRequest.verdict(Array(reply.utf8), dialect: .anthropic) == .right
    }
}

/// One half of the labelled pairs, measured with the encoder that `make setup` puts into place.
struct QuestionHalf: Sendable {
    struct Trouble: Error, CustomStringConvertible { let description: String }

    /// What guards and thresholds were chosen by.
    static let tuning = Result { try QuestionHalf("tuning") }
    /// What nobody tuned by.
    static let heldBack = Result { try QuestionHalf("held-back") }

    /// The folder that holds `Package.swift`.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    let name: String
    let pairs: [MeasuredPair]
    let judge: ScriptedJudge

    private init(_ name: String) throws {
        let file = Self.root.appending(path: "Tests/CoreTests/Fixtures/questions/\(name).jsonl")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        let labelled = try lines.map { try JSONDecoder().decode(LabelledPair.self, from: Data($0.utf8)) }
        let lens = try Lens()
        self.name = name
        pairs = try labelled.map(lens.measured)
        judge = ScriptedJudge(labelled)
    }

    /// The encoder, and a place to work in.
    private struct Lens {
        let encoder: SentenceEncoder
        let scratch: EncoderScratch

        init() throws {
            let image = QuestionHalf.root.appending(path: ".build/models/\(SentenceEncoder.imageName)")
            guard FileManager.default.fileExists(atPath: image.path) else {
                throw Trouble(description: "no encoder in .build/models; `make setup` puts it there")
            }
            encoder = try SentenceEncoder(image: image.path)
            guard let scratch = EncoderScratch() else { throw Trouble(description: "no memory to encode in") }
            self.scratch = scratch
        }

        func measured(_ pair: LabelledPair) throws -> MeasuredPair {
            let (kept, asked) = (Question(pair.a), Question(pair.b))
            let (one, two) = try (look(kept.plainText), look(asked.plainText))
            return MeasuredPair(
                pair: pair, kept: kept, asked: asked, vectors: (one.vector, two.vector),
                isEmbedded: one.isEmbedded && two.isEmbedded,
                similarity: Similarity(min(one.vector.cosine(to: two.vector), 1)),
                vetoes: Set(GuardVerdict.vetoes(asked: asked, cached: kept)))
        }

        /// A vector of any text, and whether the cache would have made one.
        private func look(_ text: String) throws -> (vector: SentenceVector, isEmbedded: Bool) {
            let reading = encoder.pieces.read(text, limit: SentenceEncoder.mostPieces)
            guard let vector = encoder.embed(reading.ids, in: scratch) else {
                throw Trouble(description: "no vector: \(text)")
            }
            return (vector, reading.unknown == 0 && !encoder.pieces.read(text, limit: 128).isCut)
        }
    }
}

extension QuestionHalf {
    /// One text of a pair, as kept in a scope.
    private struct Known {
        let pair: Int
        let text: String
        let question: Question
        let vector: SentenceVector
    }

    /// All texts that may be looked up by meaning, each once for each pair it is in.
    private var known: [Known] {
        pairs.enumerated().filter { !$1.hasObstacle && $1.isEmbedded }.flatMap { place, one in
            [
                Known(pair: place, text: one.pair.a, question: one.kept, vector: one.vectors.kept),
                Known(pair: place, text: one.pair.b, question: one.asked, vector: one.vectors.asked),
            ]
        }
    }

    /// Of each text the nearest others at or above `floor`, itself and its partner among them.
    private func neighbours(of all: [Known], from floor: Similarity) -> [[Known]] {
        let (values, scales) = (all.flatMap(\.vector.values), all.map(\.vector.scale))
        return values.withUnsafeBufferPointer { values in
            scales.withUnsafeBufferPointer { scales in
                all.map { asked in
                    Neighbour.search(
                        for: asked.vector, values: values, scales: scales, k: Neighbour.most,
                        floor: Float(floor.millionths) / 1_000_000
                    ).map { all[$0.index] }
                }
            }
        }
    }

    /// Asks each question in a scope that holds all of the half: texts that would share an answer and are no
    /// labelled pair.
    func strangersThatAnswer(at threshold: Similarity) -> [String] {
        let all = known
        var found: [String] = []
        for (asked, near) in zip(all, neighbours(of: all, from: threshold)) {
            let byMeaning = near.filter {
                GuardVerdict.vetoes(asked: asked.question, cached: $0.question).isEmpty
            }
            let byText = all.filter { $0.question.textKey == asked.question.textKey }
            for other in byText + byMeaning where other.pair != asked.pair {
                found.append("\(asked.text) | \(other.text)")
            }
        }
        return found
    }

    /// Questions that have a neighbour so near in a scope that holds all of the half, their partner left out:
    /// a judge would be asked about it in vain.
    func strangersForTheJudge(from floor: Similarity) -> (questions: Int, of: Int) {
        let all = known
        let near = neighbours(of: all, from: floor)
        return (zip(all, near).filter { asked, near in near.contains { $0.pair != asked.pair } }.count, all.count)
    }
}
