import Foundation
import GRDB
import Testing

@testable import WeirCore
@testable import WeirServer

/// A database that Weir 0.1.0 made.
@Suite struct LedgerMigrationTests {
    @Test func anOldDatabaseIsMigratedAndKeepsItsRows() throws {
        let scratch = try ScratchDirectory()
        try makeLedgerOfVersion1(in: scratch.path)
        let ledger = try openLedger(scratch.path)
        #expect(try ledger.row(id: "req_01a1fce4ff32b248b726ba98fe179e26")?.cost == Money(nanodollars: 214_000))
        var row = ordinaryRow(2)
        row.promptCache = PromptCacheFigures()
        row.savings = [Saving(source: .promptCache, amount: Money(nanodollars: 7), baseline: nil)]
        row.responseCache = ResponseCacheFigures(.miss)
        row.sequence = 2
        #expect(ledger.append(row, closing: nil) == 2)
        ledger.close()
        let rows = try storedRows(scratch.path)
        #expect(rows.map(\.sequence) == [1, 2])
        #expect(rows[0].promptCache == nil && rows[0].savings.isEmpty && rows[0].responseCache == nil)
        #expect(rows[0].tags == "team=ä" && rows[0].usage.output == 20)
        #expect(rows[0].attempts.map(\.kind) == [.first])
        #expect(rows[0].attempts[0].credential == nil && rows[0].attempts[0].parked == 0)
        #expect(rows[1] == row)
    }

    /// As the version before left it: two attempts, the second one without Weir's markers.
    private func makeSecondDatabase(in directory: String) throws {
        try makeLedgerOfVersion1(in: directory)
        let queue = try DatabaseQueue(path: directory + "/ledger.sqlite")
        try LedgerSchema.migrator.migrate(queue, upTo: "2 prompt caches and savings")
        try queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO attempts SELECT request, 2, provider, model, 4000, 17, 30, status, reason, NULL,
                    1, usage_source, cost, input_tokens, cache_read_tokens, cache_write_short_tokens,
                    cache_write_long_tokens, output_tokens, reasoning_tokens, web_searches, service_tier, speed,
                    inference_geo, stated_cost, usage_parts, is_estimated FROM attempts;
                    UPDATE attempts SET status = 400, cost = NULL WHERE number = 1;
                    """)
        }
        try queue.close()
    }

    @Test func attemptsOfTheVersionBeforeGetTheKindOfTheirNumber() throws {
        let scratch = try ScratchDirectory()
        try makeSecondDatabase(in: scratch.path)
        let before = try storedRows(scratch.path)
        let reader = try LedgerReader(directory: scratch.path)
        #expect(reader.hasPromptCaches && !reader.shape.hasAttemptKinds)
        #expect(before.map { $0.attempts.map(\.kind) } == [[.first, .retry]])
        try openLedger(scratch.path).close()
        #expect(try LedgerReader(directory: scratch.path).shape == .current)
        // A reader that was open before the server of this version came reads on.
        #expect(try reader.row(id: before[0].id) == before[0])
        #expect(try storedRows(scratch.path) == before)
    }

    /// Commands of this version beside a server of the one before.
    @Test func aDatabaseThatIsNotMigratedYetIsRead() throws {
        let scratch = try ScratchDirectory()
        try makeLedgerOfVersion1(in: scratch.path)
        let rows = try storedRows(scratch.path)
        #expect(rows.map(\.id) == ["req_01a1fce4ff32b248b726ba98fe179e26"])
        let reader = try LedgerReader(directory: scratch.path)
        #expect(try reader.row(id: rows[0].id) == rows[0])
        #expect(try reader.savings(by: .day) == SavingsReport(grouping: .day))
        #expect(try reader.breaks(5) == CacheBreaksReport())
        #expect(try reader.observations().models.isEmpty)
        #expect(try reader.cacheHits(by: .step) == CacheReport(grouping: .step))
        #expect(try reader.cacheCurve() == CacheCurve())
    }

    /// A ledger may have millions of rows: what is there stays as it is.
    @Test func responseCachesAreAddedWithoutTouchingTheOtherTables() throws {
        let scratch = try ScratchDirectory()
        try makeSecondDatabase(in: scratch.path)
        let queue = try DatabaseQueue(path: scratch.path + "/ledger.sqlite")
        try LedgerSchema.migrator.migrate(queue, upTo: "3 kinds of attempts")
        let before = try storedRows(scratch.path)
        let reader = try LedgerReader(directory: scratch.path)
        #expect(reader.shape.hasAttemptKinds && !reader.shape.hasResponseCaches)
        func schema() throws -> Set<String> {
            try queue.read { database in
                let sql = "SELECT name || ' ' || rootpage || ' ' || sql FROM sqlite_schema WHERE sql IS NOT NULL"
                return try Set(String.fetchAll(database, sql: sql))
            }
        }
        let old = try schema()
        let changes = try queue.write { database in
            let before = database.totalChangesCount
            try database.execute(sql: LedgerSchema.responseCaches)
            try database.execute(sql: LedgerSchema.responseCacheJudgements)
            return database.totalChangesCount - before
        }
        #expect(changes == 0)
        #expect(try schema().isSuperset(of: old) && schema().count == old.count + 2)
        #expect(try storedRows(scratch.path) == before)
        #expect(try reader.savings(by: .day) == SavingsReport(grouping: .day))
        try reader.forEachSaving { _ in }
        try queue.close()
    }
}
