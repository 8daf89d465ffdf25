import Foundation
import Testing
import WeirCore

/// `docs/reliability.md` says what the code does.
@Suite struct ReliabilityDocsTests {
    private func rows() throws -> [[String]] {
        let lines = try SourceTree.text("docs/reliability.md").split(separator: "\n")
        return lines.filter { $0.hasPrefix("| ") }.map { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
            return cells.map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    private func tells(_ row: [String], of rule: AttemptRule) -> Bool {
        guard row[1] == "`\(rule.reason.rawValue)`" else { return false }
        guard row[2] == (rule.outcome == .bad ? "yes" : "no") else { return false }
        guard row[3].hasPrefix("no") != rule.mayRepeatHere else { return false }
        guard row[4].hasPrefix("yes") == rule.mayGoElsewhere else { return false }
        guard row[4].contains("not at this address") == rule.isProviderWide else { return false }
        return row[5].isEmpty == (rule.credentialFault == nil)
    }

    @Test func theTableOfFaultsIsTheOneInTheCode() throws {
        let documented = try rows().filter { $0.count == 6 && $0[1].hasPrefix("`") }
        // Faults that share a row are told in one line.
        let known = AttemptFault.allCases.map(\.rule)
        for rule in known {
            let isThere = documented.contains { tells($0, of: rule) }
            #expect(isThere, "no row says \(rule)")
        }
        let distinct = Set(known.map { "\($0)" })
        #expect(documented.count == distinct.count + 1, "408 and 5xx have a row each and share a rule")
    }

    @Test func theDefaultsAreThoseOfTheOptions() throws {
        let (retry, health) = (RetryOptions(), HealthOptions())
        let wanted = [
            "retry.attempts": "\(retry.attempts)", "retry.patience": spaced(retry.patience),
            "retry.backoff": "\(spaced(retry.backoff)), \(spaced(retry.longestBackoff))",
            "retry.budget": "\(retry.budgetPercent) %, at least \(TargetRecord.retryFloor) a window",
            "health.window": "\(health.window.configText == "1m" ? "60 s" : "?") in twelve buckets",
            "health.good": "\(health.goodPercent) %, \(health.poorPercent) %",
            "health.poor_weight": "\(health.poorWeightPercent) %",
            "health.min_outcomes": "\(health.minOutcomes)",
            "health.failures_in_a_row": "\(health.failuresInARow)",
            "health.refuse_for": "5 s, 30 s", "health.probes": "\(health.probes)",
        ]
        #expect(health.refuseFor == .seconds(5) && health.longestRefusal == .seconds(30))
        let rows = try rows().filter { $0.count == 3 }
        for (option, value) in wanted {
            let row = rows.first { $0[2].hasPrefix("`\(option)`") }
            #expect(row?[1] == value, "\(option)")
        }
        let fixed = rows.filter { $0[2] == "fixed" }.map { $0[1] }
        #expect(fixed == ["60 s", "10 min, 1 h", "1 s"])
        #expect(CredentialRecord.longestTrial == 60_000_000 && CredentialRecord.rejectedFor == 600_000_000)
        #expect(CredentialRecord.outOfMoneyFor == 3_600_000_000 && CredentialRecord.limitedFor == 1_000_000)
    }

    /// "250 ms", "10 s".
    private func spaced(_ duration: Duration) -> String {
        let text = duration.configText
        let digits = text.prefix { $0.isNumber }
        return "\(digits) \(text.dropFirst(digits.count))"
    }
}
