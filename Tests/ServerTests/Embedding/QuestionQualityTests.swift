import Foundation
import Testing

@testable import WeirCore
@testable import WeirServer

/// How well the steps of the semantic cache do on labelled pairs of questions.
///
/// Guards and thresholds are chosen by the tuning half only. Whoever sees the held-back half fail reports it and
/// leaves the guards alone: fitted to it, it would measure nothing any more.
@Suite struct QuestionQualityTests {
    private static let halves = [QuestionHalf.tuning, QuestionHalf.heldBack]
    private static let figures = Result { try halves.map { try QualityFigures($0.get()) } }

    private func tuning() throws -> QualityFigures { try Self.figures.get()[0] }
    private func heldBack() throws -> QualityFigures { try Self.figures.get()[1] }

    @Test func thereAreEnoughPairsOnBothSides() throws {
        for figures in try Self.figures.get() {
            #expect(figures.same >= 130 && figures.different >= 170)
            #expect(figures.kinds.reduce(0) { $0 + $1.pairs } == figures.same + figures.different)
        }
    }

    @Test func atTheUsualThresholdAtMostOneHeldBackNearMissIsAnswered() throws {
        let half = try QuestionHalf.heldBack.get()
        let wrong = half.pairs.filter { !$0.pair.same && $0.isAnswered(at: QualityFigures.threshold) }
        #expect(wrong.count <= 1, "\(wrong.map { "\($0.pair.a) | \($0.pair.b)" })")
    }

    @Test func cosineAloneAnswersManyNearMisses() throws {
        for figures in try Self.figures.get() {
            // One in six at 0.95, and the highest threshold there is does not help.
            #expect(figures.cosine.wrong * 6 >= figures.different)
            #expect(try #require(figures.curve.last).cosine.wrong >= 5)
            #expect(figures.unguarded.wrong > figures.guarded.wrong + 10)
        }
    }

    @Test func aHigherThresholdNeverAnswersMore() throws {
        for figures in try Self.figures.get() {
            for (low, high) in zip(figures.curve, figures.curve.dropFirst()) {
                for tally in [\QualityFigures.Point.cosine, \.guarded, \.together] {
                    #expect(high[keyPath: tally].right <= low[keyPath: tally].right)
                    #expect(high[keyPath: tally].wrong <= low[keyPath: tally].wrong)
                }
                #expect(low.together.right >= max(low.guarded.right, figures.text.right))
            }
        }
    }

    @Test func aJudgeFindsTheParaphrasesThatGuardsRefuse() throws {
        let figures = try heldBack()
        let paraphrases = try #require(figures.kinds.first { $0.kind == "paraphrase" })
        #expect(figures.verified.right * 100 > figures.same * 80)
        // The deep ones, of which some are nearer to nothing than 0.45.
        #expect(paraphrases.verified * 100 > paraphrases.pairs * 80, "\(paraphrases)")
        #expect(paraphrases.together * 5 < paraphrases.pairs, "guards alone would do: \(paraphrases)")
        #expect(figures.verified.right == figures.together.right + figures.judged.right)
        // The judge is asked about near misses too, and its no is kept to.
        #expect(figures.judged.wrong > 0 && figures.verified.wrong == figures.together.wrong)
    }

    @Test(arguments: [0, 1]) func aQuestionIsAnsweredByItsPartnerOnly(half: Int) throws {
        let found = try Self.halves[half].get().strangersThatAnswer(at: QualityFigures.threshold)
        #expect(found == [])
    }

    @Test func aLowFloorAsksTheJudgeInVainAsOftenAsTheDocumentsSay() throws {
        let page = try String(
            contentsOf: QuestionHalf.root.appending(path: "docs/response-cache.md"), encoding: .utf8)
        let half = try QuestionHalf.heldBack.get()
        var before = Int.max
        for (text, floor) in [("0.45", 450_000), ("0.55", 550_000), ("0.65", 650_000), ("0.75", 750_000)] {
            let found = half.strangersForTheJudge(from: Similarity(millionths: floor))
            let line = "| \(text) | \(found.questions) of \(found.of) |\n"
            #expect(page.contains(line), "not in docs/response-cache.md: \(line)")
            #expect(found.questions < before)
            before = found.questions
        }
    }

    @Test func tablesGoToTheLogAndToTheFileThatThePictureIsDrawnFrom() throws {
        let (tuning, heldBack) = try (tuning(), heldBack())
        for (name, figures) in [("tuning", tuning), ("held-back", heldBack)] {
            let tables = figures.tables + [figures.curveLines]
            print("\nquestions, \(name) half\n")
            print(tables.map { $0.joined(separator: "\n") }.joined(separator: "\n\n"))
            print("\nwithout the encoder \(figures.guardsOnly), put to the judge \(figures.judged)")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let file = QuestionHalf.root.appending(path: ".build/quality.json")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try encoder.encode(["tuning": tuning, "held-back": heldBack]).write(to: file, options: .atomic)
        let read = try JSONDecoder().decode([String: QualityFigures].self, from: Data(contentsOf: file))
        #expect(read == ["tuning": tuning, "held-back": heldBack])
    }

    @Test func documentsShowTheFiguresOfTheHeldBackHalf() throws {
        let page = try String(
            contentsOf: QuestionHalf.root.appending(path: "docs/response-cache.md"), encoding: .utf8)
        for line in try heldBack().tables.joined() {
            #expect(page.contains(line + "\n"), "not in docs/response-cache.md: \(line)")
        }
    }
}
