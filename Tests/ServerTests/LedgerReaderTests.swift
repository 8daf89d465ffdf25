import Foundation
import Testing

@testable import WeirCore
@testable import WeirServer

@Suite struct LedgerReaderTests {
    @Test func anyRowIsReadFromTheDatabaseAsItWas() throws {
        let scratch = try ScratchDirectory()
        let ledger = try openLedger(scratch.path)
        var expected: [Row] = []
        for number in 1...40 {
            var row = ordinaryRow(number)
            row.state = Row.State.allCases[number % Row.State.allCases.count]
            let reasons = WeirError.Reason.allCases
            row.reason = number % 2 == 0 ? reasons[number % reasons.count] : nil
            row.endpoint = Endpoint.allCases[number % Endpoint.allCases.count]
            row.cost = number % 3 == 0 ? nil : Money(nanodollars: Int64(number) - 20)
            row.tags = number % 4 == 0 ? "" : "naïve 🦆\u{0}\"quoted\""
            row.usage.statedCost = number % 5 == 0 ? Money(nanodollars: .max) : nil
            row.usage.isEstimated = number % 5 == 1
            var part = Usage.Part()
            part.model = number % 2 == 0 ? "claude-haiku-4-5" : nil
            part.cacheWriteLong = number
            row.usage.parts = Array(repeating: part, count: number % 3)
            row.attempts = (0..<number % 4).map { index in
                var attempt = row.attempts[0]
                attempt.number = index + 1
                attempt.headAfter = index == 0 ? nil : 5
                attempt.kind = Row.Attempt.Kind.allCases[(number + index) % Row.Attempt.Kind.allCases.count]
                attempt.credential = index == 1 ? "second" : nil
                attempt.parked = index * number
                return attempt
            }
            if number % 2 == 0 { row.promptCache = figures(number) }
            if number % 3 != 0 { row.responseCache = answer(number) }
            // In the order in which they are read: by name.
            let sources: [Saving.Source] = [
                .cacheEmbedder, .cacheJudge, .coalesced, .exactCache, .keepWarm, .nativeCache, .promptCache,
                .semanticCache,
            ]
            row.savings = sources.prefix(number % 9).map { source in
                Saving(
                    source: source, amount: number % 5 == 0 ? nil : Money(nanodollars: Int64(number) - 20),
                    baseline: number % 7 == 0 ? nil : Money(nanodollars: .max))
            }
            row.sequence = UInt64(number)
            #expect(ledger.append(row, closing: nil) == row.sequence)
            expected.append(row)
        }
        ledger.close()
        #expect(try storedRows(scratch.path) == expected)
    }

    /// Figures of which every second one is `nil`.
    private func figures(_ number: Int) -> PromptCacheFigures {
        var figures = PromptCacheFigures()
        figures.conversation = .max - UInt64(number)
        figures.fingerprint = UInt64(number)
        figures.prefix = PrefixRelation.allCases[number % 4]
        figures.commonBlocks = number
        figures.commonBytes = number * 100
        figures.blocks = number + 1
        figures.bytes = .max
        figures.callerMarkers = number % 5
        figures.decision = PromptCacheFigures.Decision.allCases[number % 12]
        figures.affinity = number % 3 == 0 ? .moved : nil
        guard number % 4 == 0 else { return figures }
        figures.marks = "tools:5m"
        figures.expectedSaving = Money(nanodollars: -5)
        figures.observedLower = Money(nanodollars: 1)
        figures.observedUpper = Money(nanodollars: 2)
        figures.expectedRead = number
        figures.change = PromptChange(
            kind: PromptChange.Kind.allCases[number % 16], path: number % 8 == 0 ? nil : "tools[3]",
            offset: number % 8 == 0 ? 9 : nil)
        figures.changeCost = Money(nanodollars: .min)
        return figures
    }

    /// Figures of which every second one is `nil`.
    private func answer(_ number: Int) -> ResponseCacheFigures {
        let outcomes = ResponseCacheFigures.Outcome.allCases
        var figures = ResponseCacheFigures(outcomes[number % 10])
        figures.threshold = number % 4 == 1 ? 950_000 : nil
        guard number % 2 == 0 else { return figures }
        (figures.entry, figures.stored, figures.nearest) = (.max, UInt64(number), .max - 1)
        figures.originalRequestID = "req_\(number)"
        (figures.age, figures.similarity) = (.min, -1_000_000)
        figures.vetoes = "numbers,\(number)"
        figures.wouldHit = outcomes[number % 4]
        figures.wouldSave = Money(nanodollars: .max)
        figures.obstacle = ""
        figures.judged = ResponseCacheFigures.Judgement.allCases[number / 2 % 4]
        figures.judgeCost = Money(nanodollars: Int64(number))
        figures.judgedRequestID = number % 4 == 0 ? nil : "req_x"
        return figures
    }

    @Test func filtersTakeOutWhatTheySay() throws {
        let scratch = try ScratchDirectory()
        let ledger = try openLedger(scratch.path)
        for number in 1...20 {
            var row = ordinaryRow(number)
            row.receivedAt = Int64(number * 100)
            row.project = number % 2 == 0 ? "even" : "odd"
            row.caller = number > 10 ? "key_b" : "key_a"
            row.requestedModel = number % 5 == 0 ? "gpt-5" : "alias"
            row.cost = number == 4 ? nil : Money(nanodollars: 1_000)
            row.state = number == 7 ? .aborted : .settled
            _ = ledger.append(row, closing: nil)
        }
        #expect(eventually { ledger.health.rowsWaiting == 0 })
        // Beside the running writer.
        let reader = try LedgerReader(directory: scratch.path)
        func sequences(_ change: (inout RowFilter) -> Void) throws -> [UInt64] {
            var filter = RowFilter()
            change(&filter)
            var found: [UInt64] = []
            try reader.forEach(filter) { found.append($0.sequence) }
            return found
        }
        #expect(try sequences { $0.since = 1_800 } == [18, 19, 20])
        #expect(try sequences { $0.until = 300 } == [1, 2])
        #expect(try sequences { $0.after = 17 } == [18, 19, 20])
        #expect(
            try sequences {
                $0.project = "even"; $0.caller = "key_a"
            } == [2, 4, 6, 8, 10])
        #expect(try sequences { $0.model = "gpt-5" } == [5, 10, 15, 20])
        #expect(try sequences { $0.model = "claude-sonnet-4-5-20250929" }.count == 20)
        #expect(try sequences { $0.state = .aborted } == [7])
        #expect(try sequences { $0.provider = "openai" } == [])
        #expect(try reader.tail(3).map(\.sequence) == [18, 19, 20])
        #expect(try reader.tail(0).isEmpty)
        let totals = try reader.totals()
        #expect(totals.requests == 20)
        #expect(totals.priced == 19)
        #expect(totals.cost == Money(nanodollars: 19_000))
        #expect(totals.cacheWrite == nil)
        #expect(totals.output == Int64(20 * 512))
        ledger.close()
    }

    @Test func aDirectoryWithoutALedgerIsToldSo() throws {
        let scratch = try ScratchDirectory()
        #expect { _ = try LedgerReader(directory: scratch.path) } throws: {
            "\($0)".contains("no ledger here")
        }
    }
}
