/// What attempts are added up by.
package enum AttemptsGrouping: String, Sendable, CaseIterable {
    /// Days of UTC, "2026-11-21".
    case day
    case provider, model
    /// "anthropic/second": the provider and its credential.
    case credential
    case kind, reason
}

/// Attempts of one group, added up exactly.
package struct AttemptsFigure: Sendable, Equatable {
    /// Day, provider, model, provider and credential, kind or reason; `nil` where the attempts have none.
    package var key: String?
    package var attempts = 0
    /// Those with a reason: they failed, broke off, or another attempt was faster.
    package var failed = 0
    /// Those that have to be paid for and whose cost is not known; they are in neither sum.
    package var unknown = 0
    package var cost = Money.zero
    /// The part of the cost that went to the failed ones.
    package var failedCost = Money.zero

    package init(key: String?) { self.key = key }

    /// `cost`, or `nil` where there are attempts to pay for and that of none is known.
    package var knownCost: Money? { unknown > 0 && cost == .zero ? nil : cost }

    /// `failedCost`, likewise.
    package var knownFailedCost: Money? { unknown > 0 && cost == .zero ? nil : failedCost }

    package static func += (sum: inout AttemptsFigure, other: AttemptsFigure) {
        sum.attempts += other.attempts
        sum.failed += other.failed
        sum.unknown += other.unknown
        sum.cost += other.cost
        sum.failedCost += other.failedCost
    }
}

/// Attempts of many requests.
package struct AttemptsReport: Sendable, Equatable {
    package var grouping: AttemptsGrouping
    /// In the order of their keys.
    package var groups: [AttemptsFigure] = []
    /// Requests that these attempts were made for.
    package var requests = 0

    package init(grouping: AttemptsGrouping) { self.grouping = grouping }

    /// Over all groups.
    package var total: AttemptsFigure { groups.reduce(into: AttemptsFigure(key: nil)) { $0 += $1 } }

    /// One JSON object: groups, their sum, and the number of requests behind them.
    package var json: String {
        var out = JSONLine()
        out.begin()
        out.text("by", grouping.rawValue)
        out.list("groups", groups) { out, group in
            out.begin()
            out.text("key", group.key)
            out.figure(group)
            out.end()
        }
        out.member("total", "")
        out.begin()
        out.figure(total)
        out.end()
        out.number("requests", requests)
        out.end()
        return out.result
    }
}

extension AttemptsFigure {
    /// One JSON object.
    package var json: String {
        var out = JSONLine()
        out.begin()
        out.text("key", key)
        out.figure(self)
        out.end()
        return out.result
    }

    /// Names of the columns of `csv`.
    package static let csvHeader = "key,attempts,failed,unknown,cost_usd,failed_cost_usd"

    /// One line of CSV without its line break.
    package var csv: String {
        var line = CSVLine()
        line.add(key)
        line.add(Int64(attempts))
        line.add(Int64(failed))
        line.add(Int64(unknown))
        line.add(knownCost?.description)
        line.add(knownFailedCost?.description)
        return line.text
    }
}

extension JSONLine {
    fileprivate mutating func figure(_ figure: AttemptsFigure) {
        number("attempts", figure.attempts)
        number("failed", figure.failed)
        number("unknown", figure.unknown)
        money("cost_usd", figure.knownCost)
        money("failed_cost_usd", figure.knownFailedCost)
    }
}
