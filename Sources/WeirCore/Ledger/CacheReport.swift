/// What hits of the response cache are added up by.
package enum CacheGrouping: String, Sendable, CaseIterable {
    case project, step
    /// Hundredths of the threshold that was asked for: 0.95 stands for 0.95 to 0.959999.
    case threshold
    /// All three at once.
    case all
}

/// One request that an entry answered, or would have answered in `observe` mode.
package struct CacheHit: Sendable, Equatable {
    package var project: String?
    package var step: CacheStep
    /// Cosine that was asked for, in millionths.
    package var threshold: Int?
    /// True where nothing was served.
    package var isObserved = false
    package var judged: ResponseCacheFigures.Judgement?
    /// What it saved, or would have; `nil` when unknown.
    package var amount: Money?

    package init(project: String?, step: CacheStep) {
        self.project = project
        self.step = step
    }
}

/// Hits of one group, and what judges said of a sample of them.
package struct CacheFigure: Sendable, Equatable {
    /// Requests that were answered.
    package var hits = 0
    /// Requests that would have been, and were only observed.
    package var wouldHit = 0
    /// Verdicts on both.
    package var right = 0
    package var wrong = 0
    package var unsure = 0
    package var failed = 0
    package var saved = Money.zero
    package var wouldSave = Money.zero
    /// Hits of either kind whose amount is not known; they are in neither sum.
    package var unknown = 0

    package init() {}

    /// Wrong ones among those that a judge could tell.
    package var falseHits: Proportion { Proportion(wrong, of: right + wrong) }

    /// False where there are hits and the amounts of none are known.
    package var isKnown: Bool { unknown == 0 || unknown < hits + wouldHit }

    package mutating func add(_ hit: CacheHit) {
        if hit.isObserved { wouldHit += 1 } else { hits += 1 }
        count(hit.judged)
        guard let amount = hit.amount else {
            unknown += 1
            return
        }
        if hit.isObserved { wouldSave += amount } else { saved += amount }
    }

    private mutating func count(_ judged: ResponseCacheFigures.Judgement?) {
        switch judged {
        case nil: break
        case .right: right += 1
        case .wrong: wrong += 1
        case .unsure: unsure += 1
        case .failed: failed += 1
        }
    }

    package static func += (sum: inout CacheFigure, other: CacheFigure) {
        sum.hits += other.hits
        sum.wouldHit += other.wouldHit
        sum.right += other.right
        sum.wrong += other.wrong
        sum.unsure += other.unsure
        sum.failed += other.failed
        sum.saved += other.saved
        sum.wouldSave += other.wouldSave
        sum.unknown += other.unknown
    }
}

/// Hits of many requests, and how many of them were wrong.
package struct CacheReport: Sendable, Equatable {
    package var grouping: CacheGrouping
    private var cells: [Cell: CacheFigure] = [:]

    package init(grouping: CacheGrouping = .all) { self.grouping = grouping }

    /// What the hits of one group have in common.
    package struct Cell: Sendable, Hashable {
        /// `nil` also where the rows have none.
        package var project: String?
        package var step: CacheStep?
        /// Millionths, whole hundredths; `nil` also where a step has no threshold.
        package var threshold: Int?

        package init(project: String? = nil, step: CacheStep? = nil, threshold: Int? = nil) {
            self.project = project
            self.step = step
            self.threshold = threshold
        }
    }

    package struct Group: Sendable, Equatable {
        package var cell: Cell
        package var figure: CacheFigure
    }

    package mutating func add(_ hit: CacheHit) {
        var cell = Cell(project: hit.project, step: hit.step)
        if hit.step.isByMeaning { cell.threshold = hit.threshold.map { $0 / 10_000 * 10_000 } }
        cells[cell, default: CacheFigure()].add(hit)
    }

    /// By the report's grouping, in the order of project, step and threshold; what is `nil` comes first.
    package var groups: [Group] {
        var folded: [Cell: CacheFigure] = [:]
        for (cell, figure) in cells { folded[fold(cell), default: CacheFigure()] += figure }
        return folded.map { Group(cell: $0.key, figure: $0.value) }.sorted { $0.cell < $1.cell }
    }

    /// Over all groups.
    package var total: CacheFigure { cells.values.reduce(into: CacheFigure()) { $0 += $1 } }

    private func fold(_ cell: Cell) -> Cell {
        switch grouping {
        case .project: Cell(project: cell.project)
        case .step: Cell(step: cell.step)
        case .threshold: Cell(threshold: cell.threshold)
        case .all: cell
        }
    }
}

extension CacheReport.Cell: Comparable {
    package static func < (a: Self, b: Self) -> Bool {
        if a.project != b.project { return Self.isBefore(a.project, b.project) }
        if a.step != b.step { return Self.isBefore(a.step, b.step) }
        return Self.isBefore(a.threshold, b.threshold)
    }

    private static func isBefore<Value: Comparable>(_ a: Value?, _ b: Value?) -> Bool {
        guard let b else { return false }
        guard let a else { return true }
        return a < b
    }
}
