@testable import WeirCore

/// How many of the pairs that mean the same were answered, and how many of those that do not.
struct Tally: Codable, Equatable, Sendable {
    var right = 0
    var wrong = 0

    init(_ pairs: [MeasuredPair], where isAnswered: (MeasuredPair) -> Bool) {
        for one in pairs where isAnswered(one) {
            if one.pair.same { right += 1 } else { wrong += 1 }
        }
    }
}

/// What one half of the labelled pairs says of the semantic cache.
struct QualityFigures: Codable, Equatable, Sendable {
    static let threshold = Similarity.usualThreshold
    static let floor = Similarity.usualVerifyThreshold
    /// The lowest threshold that a configuration may ask for.
    static let lowest = Similarity.thresholds.lowerBound

    struct Point: Codable, Equatable, Sendable {
        /// In hundredths.
        let threshold: Int
        let cosine: Tally
        /// Step 2.
        let guarded: Tally
        /// Steps 1 and 2.
        let together: Tally
    }

    struct Kind: Codable, Equatable, Sendable {
        let kind: String
        let same: Bool
        let pairs: Int
        let cosine: Int
        let text: Int
        let together: Int
        let verified: Int
    }

    /// Step 2 with one guard alone and with all others.
    struct Worth: Codable, Equatable, Sendable {
        let name: String
        let alone: Tally
        let without: Tally
        /// The same at the lowest threshold that may be asked for.
        let withoutAtLowest: Tally
        /// The wrong ones of that threshold that it speaks against, alone or with others.
        let speaksAgainst: Int
    }

    let same: Int
    let different: Int
    let cosine: Tally
    let text: Tally
    let guarded: Tally
    let together: Tally
    /// Put to the judge; right are those to which it should say yes.
    let judged: Tally
    /// Steps 1 to 3.
    let verified: Tally
    /// The guards at any distance: what the encoder is worth.
    let guardsOnly: Tally
    /// Step 2 without any guard, obstacles minded, at the usual threshold.
    let unguarded: Tally
    let curve: [Point]
    let kinds: [Kind]
    let guards: [Worth]

    init(_ half: QuestionHalf) {
        let pairs = half.pairs
        let (threshold, floor) = (Self.threshold, Self.floor)
        func isVerified(_ one: MeasuredPair) -> Bool {
            one.isAnswered(at: threshold)
                || one.isForTheJudge(at: threshold, from: floor) && half.judge.serves(one.pair)
        }
        same = pairs.count { $0.pair.same }
        different = pairs.count { !$0.pair.same }
        cosine = Tally(pairs) { $0.similarity >= threshold }
        text = Tally(pairs, where: \.isAnsweredByText)
        guarded = Tally(pairs) { $0.isAnsweredByMeaning(at: threshold) }
        together = Tally(pairs) { $0.isAnswered(at: threshold) }
        judged = Tally(pairs) { $0.isForTheJudge(at: threshold, from: floor) }
        verified = Tally(pairs, where: isVerified)
        guardsOnly = Tally(pairs) { $0.isAnsweredByMeaning(at: Similarity(-1)) }
        let everyGuard = Set(SemanticGuard.allCases)
        unguarded = Tally(pairs) { $0.isAnsweredByMeaning(at: threshold, except: everyGuard) }
        curve = (75...99).map { Self.point($0, pairs) }
        kinds = Self.kinds(pairs, isVerified)
        guards = SemanticGuard.allCases.map { Self.worth($0, pairs) }
    }

    private static func point(_ hundredths: Int, _ pairs: [MeasuredPair]) -> Point {
        let threshold = Similarity(millionths: hundredths * 10_000)
        return Point(
            threshold: hundredths,
            cosine: Tally(pairs) { $0.similarity >= threshold },
            guarded: Tally(pairs) { $0.isAnsweredByMeaning(at: threshold) },
            together: Tally(pairs) { $0.isAnswered(at: threshold) })
    }

    /// In the order of the file.
    private static func kinds(_ pairs: [MeasuredPair], _ isVerified: (MeasuredPair) -> Bool) -> [Kind] {
        var order: [(kind: String, same: Bool)] = []
        for one in pairs where !order.contains(where: { $0 == (one.pair.kind, one.pair.same) }) {
            order.append((one.pair.kind, one.pair.same))
        }
        return order.map { kind, same in
            let those = pairs.filter { $0.pair.kind == kind && $0.pair.same == same }
            return Kind(
                kind: kind, same: same, pairs: those.count,
                cosine: those.count { $0.similarity >= threshold },
                text: those.count(where: \.isAnsweredByText),
                together: those.count { $0.isAnswered(at: threshold) },
                verified: those.count(where: isVerified))
        }
    }

    private static func worth(_ one: SemanticGuard, _ pairs: [MeasuredPair]) -> Worth {
        let others = Set(SemanticGuard.allCases).subtracting([one])
        return Worth(
            name: one.rawValue,
            alone: Tally(pairs) { $0.isAnsweredByMeaning(at: threshold, except: others) },
            without: Tally(pairs) { $0.isAnsweredByMeaning(at: threshold, except: [one]) },
            withoutAtLowest: Tally(pairs) { $0.isAnsweredByMeaning(at: lowest, except: [one]) },
            speaksAgainst: pairs.count {
                !$0.pair.same && $0.vetoes.contains(one)
                    && $0.isAnsweredByMeaning(at: lowest, except: $0.vetoes)
            })
    }
}

// MARK: - Tables

extension QualityFigures {
    /// Lines of the tables in docs/response-cache.md.
    var tables: [[String]] { [steps, sameKinds, differentKinds, guardLines] }

    private var steps: [String] {
        top(["answered by", "right, of \(same)", "recall", "wrong, of \(different)", "precision"]) + [
            line("cosine alone, from 0.95", cosine),
            line("step 1: text key", text),
            line("step 2: guarded neighbour, from 0.95", guarded),
            line("**steps 1 and 2**", together),
            line("steps 1 to 3, with a judge that is right", verified),
        ]
    }

    private var sameKinds: [String] {
        let head = ["mean the same", "pairs", "cosine alone", "step 1", "steps 1 and 2", "steps 1 to 3"]
        return top(head)
            + kinds.filter(\.same).map {
                "| \($0.kind) | \($0.pairs) | \($0.cosine) | \($0.text) | \($0.together) | \($0.verified) |"
            }
    }

    private var differentKinds: [String] {
        top(["differ by", "pairs", "cosine alone", "steps 1 and 2"])
            + kinds.filter { !$0.same }.map { "| \($0.kind) | \($0.pairs) | \($0.cosine) | \($0.together) |" }
    }

    private var guardLines: [String] {
        var lines = top(["guard", "the only one", "left out", "left out, from 0.75", "speaks against"])
        lines.append("| none | \(show(unguarded)) | | | |")
        for one in guards {
            let cells = [one.alone, one.without, one.withoutAtLowest].map(show) + ["\(one.speaksAgainst)"]
            lines.append("| `\(one.name)` | " + cells.joined(separator: " | ") + " |")
        }
        let lowest = curve.first.map { show($0.guarded) } ?? ""
        lines.append("| all | \(show(guarded)) | | \(lowest) | |")
        return lines
    }

    /// For the log only.
    var curveLines: [String] {
        top(["from", "cosine alone", "precision", "step 2", "precision", "steps 1 and 2", "precision"])
            + curve.map { point in
                let cells = [point.cosine, point.guarded, point.together].flatMap { tally in
                    let (recall, rate) = (percent(tally.right, same), percent(tally.wrong, different))
                    return ["\(show(tally)) (\(recall), \(rate))", precision(tally)]
                }
                return "| 0.\(point.threshold) | " + cells.joined(separator: " | ") + " |"
            }
    }

    private func top(_ cells: [String]) -> [String] {
        ["| " + cells.joined(separator: " | ") + " |", "|" + String(repeating: "---|", count: cells.count)]
    }

    private func show(_ tally: Tally) -> String { "\(tally.right) / \(tally.wrong)" }

    private func line(_ name: String, _ tally: Tally) -> String {
        "| \(name) | \(tally.right) | \(percent(tally.right, same)) | \(tally.wrong) | \(precision(tally)) |"
    }

    private func precision(_ tally: Tally) -> String { percent(tally.right, tally.right + tally.wrong) }

    /// "36.6 %", rounded half up; a dash of none.
    private func percent(_ part: Int, _ whole: Int) -> String {
        guard whole > 0 else { return "–" }
        let tenths = (part * 2000 + whole) / (whole * 2)
        return "\(tenths / 10).\(tenths % 10) %"
    }
}
