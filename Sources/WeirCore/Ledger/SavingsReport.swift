/// What savings are added up by.
package enum SavingsGrouping: String, Sendable, CaseIterable {
    /// Days of UTC, "2026-11-21".
    case day
    case project, caller
    /// The served model.
    case model
    case source
}

/// Savings of one source, added up exactly.
package struct SavingsFigure: Sendable, Equatable {
    /// As in the ledger; `nil` where all sources are together.
    package var source: Saving.Source?
    /// Rows with a saving of this source, those of unknown amount among them.
    package var rows = 0
    /// Rows whose amount is not known; they are in neither sum.
    package var unknown = 0
    package var amount = Money.zero
    /// What the rows of known amount would have cost without it.
    package var baseline = Money.zero

    package init(source: Saving.Source?) { self.source = source }

    /// What was paid in place of the baseline.
    package var paid: Money { baseline - amount }

    /// False where there are rows and no amount of them is known: then no sum is, and none is shown.
    package var isKnown: Bool { rows == 0 || rows > unknown }

    /// "$0.4 without it − $0.28 with it = $0.12 saved, over 11 rows; 1 more of unknown amount".
    package var arithmetic: String {
        guard isKnown else { return "unknown, over \(rows) \(rows == 1 ? "row" : "rows")" }
        let more = unknown == 0 ? "" : "; \(unknown) more of unknown amount"
        let known = rows - unknown
        return "$\(baseline) without it − $\(paid) with it = $\(amount) saved, over \(known) "
            + (known == 1 ? "row" : "rows") + more
    }
}

/// Savings of many rows.
package struct SavingsReport: Sendable, Equatable {
    package var grouping: SavingsGrouping
    package var groups: [Group] = []
    /// One for each source there is, over all groups.
    package var totals: [SavingsFigure] = []
    /// Rows with any saving.
    package var rows = 0

    package init(grouping: SavingsGrouping) { self.grouping = grouping }

    /// The savings of one source in one group.
    package struct Group: Sendable, Equatable {
        /// Day, project, caller, model or source; `nil` where the rows have none.
        package var key: String?
        package var figure: SavingsFigure

        package init(key: String?, figure: SavingsFigure) {
            self.key = key
            self.figure = figure
        }
    }

    /// Known amounts of all sources together; `nil` where there are rows and no amount is known.
    package var saved: Money? {
        guard totals.isEmpty || totals.contains(where: \.isKnown) else { return nil }
        return totals.reduce(.zero) { $0 + $1.amount }
    }
}

/// The saving of one row, for those who want to see what stands behind a figure.
package struct SavingRow: Sendable, Equatable {
    package var sequence: UInt64
    /// The request's id.
    package var id: String
    /// Wall-clock microseconds since 1970.
    package var receivedAt: Int64
    package var project: String?
    /// The served model.
    package var model: String?
    package var saving: Saving
    /// Of an answer from memory, the id of the request that made it; of a judge's call, of the judged one.
    package var relatedID: String?

    package init(
        sequence: UInt64, id: String, receivedAt: Int64, project: String?, model: String?, saving: Saving,
        relatedID: String? = nil
    ) {
        self.sequence = sequence
        self.id = id
        self.receivedAt = receivedAt
        self.project = project
        self.model = model
        self.saving = saving
        self.relatedID = relatedID
    }
}
