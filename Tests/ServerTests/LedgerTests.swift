import Foundation
import GRDB
import Testing

@testable import WeirCore
@testable import WeirServer

typealias Row = WeirCore.Row

@Suite struct LedgerTests {
    @Test func aRowIsReadBackAsItWasAppended() throws {
        let scratch = try ScratchDirectory()
        let ledger = try openLedger(scratch.path)
        var row = ordinaryRow(7)
        #expect(ledger.append(row, closing: nil) == 1)
        row.sequence = 1
        #expect(try ledger.row(id: row.id) == row)
        ledger.close()
        #expect(try storedRows(scratch.path) == [row])
        #expect(try LedgerReader(directory: scratch.path).row(id: row.id) == row)
        #expect(try LedgerReader(directory: scratch.path).row(id: "req_none") == nil)
    }

    @Test func sequencesHaveNoGapsOverRestartsAndRecycledSegments() throws {
        let scratch = try ScratchDirectory()
        let observed = Observed()
        var next = 1
        for _ in 0..<4 {
            let ledger = try openLedger(scratch.path, journalBytes: 2 << 20) { observed.take($0) }
            for _ in 0..<3_000 {
                // Twice the journal's bound passes through it, so room has to be waited for.
                #expect(eventually { ledger.canAccept })
                #expect(ledger.append(ordinaryRow(next), closing: nil) == UInt64(next))
                next += 1
            }
            ledger.close()
            #expect(ledger.health.rowsWaiting == 0)
            #expect(ledger.health.lastError == nil)
        }
        let rows = try storedRows(scratch.path)
        #expect(rows.map(\.sequence) == Array(1..<UInt64(next)))
        #expect(rows.map(\.id) == (1..<next).map { ordinaryRow($0).id })
        #expect(observed.all.map(\.sequence) == rows.map(\.sequence))
    }

    @Test func theDatabaseReallySyncsEveryCommit() throws {
        let scratch = try ScratchDirectory()
        #expect(try LedgerDatabase(directory: scratch.path).synchronous == 2)
        #expect(try KeyStore(directory: scratch.path).synchronous == 2)
    }

    @Test func aSecondLedgerInTheSameDirectoryIsRefused() throws {
        let scratch = try ScratchDirectory()
        let first = try openLedger(scratch.path)
        #expect {
            _ = try openLedger(scratch.path)
        } throws: { error in
            "\(error)".contains("another Weir already uses this data directory")
        }
        first.close()
    }

    @Test func aLockedDatabaseDelaysRowsAndLosesNone() throws {
        let scratch = try ScratchDirectory()
        let observed = Observed()
        let ledger = try openLedger(scratch.path) { observed.take($0) }
        let other = try DatabaseQueue(path: scratch.path + "/ledger.sqlite")
        try other.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN EXCLUSIVE")
            for number in 1...500 {
                #expect(ledger.append(ordinaryRow(number), closing: nil) == UInt64(number))
            }
            #expect(eventually { ledger.health.lastError != nil && observed.all.count == 500 })
            #expect(ledger.health.rowsWaiting == 500)
            #expect(ledger.canAccept)
            #expect(try ledger.row(id: ordinaryRow(400).id)?.sequence == 400)
            try database.execute(sql: "ROLLBACK")
        }
        #expect(eventually { ledger.health.rowsWaiting == 0 && ledger.health.lastError == nil })
        ledger.close()
        #expect(try storedRows(scratch.path).map(\.sequence) == Array(1...500))
        #expect(observed.all.map(\.sequence) == Array(1...500))
    }

    @Test func aFullJournalIsReportedAndCountsWhatItLoses() throws {
        let scratch = try ScratchDirectory()
        let ledger = try openLedger(scratch.path, journalBytes: 1 << 20)
        let other = try DatabaseQueue(path: scratch.path + "/ledger.sqlite")
        var stored = 0
        var couldAcceptAtTheEnd = true
        try other.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN EXCLUSIVE")
            while ledger.append(ordinaryRow(stored + 1), closing: nil) != nil {
                stored += 1
                couldAcceptAtTheEnd = ledger.canAccept
            }
            // Requests already admitted found room after new ones were turned away.
            #expect(!couldAcceptAtTheEnd)
            #expect(!ledger.canAccept)
            #expect(ledger.health.rowsLost == 1)
            try database.execute(sql: "ROLLBACK")
        }
        #expect(eventually { ledger.health.rowsWaiting == 0 && ledger.canAccept })
        #expect(ledger.append(ordinaryRow(stored + 1), closing: nil) == UInt64(stored + 1))
        ledger.close()
        #expect(try storedRows(scratch.path).count == stored + 1)
    }

    @Test func aRowTheDatabaseRefusesGoesToTheDeadLettersAndHoldsUpNoOther() throws {
        let scratch = try ScratchDirectory()
        let ledger = try openLedger(scratch.path)
        for number in [1, 2, 2, 3] { _ = ledger.append(ordinaryRow(number), closing: nil) }
        #expect(eventually { ledger.health.rowsWaiting == 0 })
        #expect(ledger.health.deadLetters == 1)
        ledger.close()
        #expect(try storedRows(scratch.path).map(\.sequence) == [1, 2, 4])
        let text = try String(contentsOfFile: scratch.path + "/dead-letters.ndjson", encoding: .utf8)
        let line = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let row = try #require(line["row"] as? [String: Any])
        #expect(row["id"] as? String == ordinaryRow(2).id)
        #expect(row["sequence"] as? Int == 3)
        #expect((line["why"] as? String)?.contains("UNIQUE") == true)
        // The number of the dead letter is not given again.
        let second = try openLedger(scratch.path)
        #expect(second.append(ordinaryRow(9), closing: nil) == 5)
        second.close()
    }

    @Test func afterCloseRowsAreRefusedAndCounted() throws {
        let scratch = try ScratchDirectory()
        let ledger = try openLedger(scratch.path)
        ledger.close()
        #expect(ledger.append(ordinaryRow(1), closing: nil) == nil)
        #expect(!ledger.canAccept)
        #expect(ledger.health.rowsLost == 1)
    }

    @Test func requestsOpenAtACrashBecomeRowsAndAnsweredOnesStayAsTheyWere() throws {
        let scratch = try ScratchDirectory()
        do {
            // What a killed process leaves: a slot whose row is in the journal, and one without a row.
            let table = try OpenRequestTable(directory: scratch.path, count: 64)
            let journal = try Journal(directory: scratch.path, bound: 8 << 20, committed: 0)
            for number in 1...2 {
                let id = ordinaryRow(number).id
                #expect(
                    table.open(OpenRequest(id: id, receivedAt: Int64(number), endpoint: .responses)) != nil)
            }
            #expect(journal.append(ordinaryRow(1)) == 1)
        }
        let observed = Observed()
        let ledger = try openLedger(scratch.path) { observed.take($0) }
        ledger.close()
        let rows = try storedRows(scratch.path)
        #expect(rows.map(\.id) == [ordinaryRow(1).id, ordinaryRow(2).id])
        #expect(rows.map(\.state) == [.settled, .crashed])
        #expect(rows[1].endpoint == .responses)
        #expect(rows[1].receivedAt == 2)
        #expect(observed.all == rows)
    }

    @Test func onlyOneOfTwoLedgersIsSeenAsHoldingTheDirectory() throws {
        let scratch = try ScratchDirectory()
        #expect(!DirectoryLock.isHeld(in: scratch.path))
        let ledger = try openLedger(scratch.path)
        #expect(DirectoryLock.isHeld(in: scratch.path))
        ledger.close()
        #expect(!DirectoryLock.isHeld(in: scratch.path))
    }
}
