import Foundation
import Testing

@testable import WeirCore
@testable import WeirServer

@Suite struct JournalTests {
    private func journal(_ directory: String, committed: UInt64 = 0) throws -> Journal {
        try Journal(directory: directory, bound: 2 << 20, committed: committed)
    }

    private func recovered(_ directory: String, committed: UInt64 = 0) throws -> [Row] {
        let found = try JournalRecovery.find(in: directory, committed: committed)
        return JournalCursor(after: committed).read(found.pending, limit: .max).rows
    }

    @Test func whatWasAppendedIsFoundAgain() throws {
        let scratch = try ScratchDirectory()
        let journal = try journal(scratch.path)
        for number in 1...100 { #expect(journal.append(ordinaryRow(number)) == UInt64(number)) }
        let rows = try recovered(scratch.path)
        #expect(rows.map(\.sequence) == Array(1...100))
        #expect(rows.map(\.id) == (1...100).map { ordinaryRow($0).id })
        #expect(try recovered(scratch.path, committed: 60).map(\.sequence) == Array(61...100))
        #expect(try recovered(scratch.path, committed: 100).isEmpty)
    }

    @Test(arguments: [UInt8(0x00), 0xFF])
    func aTornLastRecordIsDroppedWhereverItIsCut(rest: UInt8) throws {
        let scratch = try ScratchDirectory()
        let journal = try journal(scratch.path)
        for number in 1...4 { _ = journal.append(ordinaryRow(number)) }
        let start = try #require(journal.pending().first?.end)
        _ = journal.append(ordinaryRow(5))
        let last = try #require(journal.pending().first)
        let bytes = last.segment.file.bytes
        let whole = Array(bytes[start..<last.end])
        #expect(whole.count > 200)
        for cut in 0..<whole.count {
            for index in cut..<whole.count { bytes[start + index] = rest }
            // Where what was cut off is what stands there now, nothing was lost.
            let isWhole = whole[cut...].allSatisfy { $0 == rest }
            let rows = try recovered(scratch.path)
            #expect(rows.map(\.sequence) == Array(1...(isWhole ? 5 : 4)), "cut at byte \(cut)")
            for index in cut..<whole.count { bytes[start + index] = whole[index] }
        }
        #expect(try recovered(scratch.path).count == 5)
    }

    @Test func aDamagedByteAnywhereInARecordEndsTheSegmentThere() throws {
        let scratch = try ScratchDirectory()
        let journal = try journal(scratch.path)
        _ = journal.append(ordinaryRow(1))
        let start = try #require(journal.pending().first?.end)
        _ = journal.append(ordinaryRow(2))
        let segment = try #require(journal.pending().first)
        let bytes = segment.segment.file.bytes
        for index in start..<segment.end {
            for bit in 0..<8 {
                bytes[index] ^= 1 << bit
                #expect(
                    try recovered(scratch.path).map(\.sequence) == [1], "byte \(index - start), bit \(bit)")
                bytes[index] ^= 1 << bit
            }
        }
    }

    @Test func aRecycledSegmentNeverGivesItsOldRows() throws {
        let scratch = try ScratchDirectory()
        let journal = try journal(scratch.path)
        var number = 0
        func appendUntilSealed() {
            let sealed = journal.pending().count
            repeat {
                number += 1
                #expect(journal.append(ordinaryRow(number)) == UInt64(number))
            } while journal.pending().count == sealed
        }
        _ = journal.append(ordinaryRow(0))
        number = 1
        for _ in 0..<12 {
            appendUntilSealed()
            let done = try #require(journal.pending().first)
            let lastOfSealed = done.segment.scan().last
            journal.recycle(done.segment)
            journal.prepareSpares()
            // Even a database that knows of nothing gets only the rows that are still here.
            let rows = try recovered(scratch.path)
            #expect(rows.map(\.sequence) == Array((lastOfSealed + 1)...UInt64(number)))
        }
        #expect(try JournalRecovery.find(in: scratch.path, committed: 0).nextNumber < 20)
    }

    @Test func theBoundHoldsAndRowsOfAnySizeFindAPlace() throws {
        let scratch = try ScratchDirectory()
        let journal = try Journal(directory: scratch.path, bound: 2 << 20, committed: 0)
        var row = ordinaryRow(1)
        row.attempts = Array(repeating: row.attempts[0], count: 16)
        var part = Usage.Part()
        part.model = String(repeating: "m", count: 5_000)
        for index in row.attempts.indices {
            row.attempts[index].usage.parts = Array(repeating: part, count: 40)
            row.attempts[index].model = String(repeating: "x", count: 5_000)
        }
        var count = 0
        while journal.append(row) != nil {
            count += 1
            journal.prepareSpares()
        }
        #expect(count > 20)
        #expect(!journal.canAccept)
        #expect(journal.bytes.allocated <= 2 << 20)
    }

    @Test func openRequestsOutliveTheTableAndClosedOnesDoNot() throws {
        let scratch = try ScratchDirectory()
        var open: [OpenRequest] = []
        do {
            let table = try OpenRequestTable(directory: scratch.path, count: 8)
            for number in 0..<8 {
                var request = OpenRequest(
                    id: ordinaryRow(number).id, receivedAt: Int64(number), endpoint: Endpoint.allCases[number]
                )
                if number % 2 == 0 {
                    request.caller = "key_0123456789abcdef"
                    request.project = ""
                    request.requestedModel = "modèle"
                    request.session = "2f1c2f0e-98b2-4f4e-8a55-70f4a2f2f0a1"
                }
                let slot = try #require(table.open(request))
                if number == 3 { table.close(slot) } else { open.append(request) }
            }
            // The slot of number 3 is free again, and only that.
            let again = OpenRequest(id: "req_again", receivedAt: 99, endpoint: .raw)
            #expect(table.open(again) != nil)
            #expect(table.open(again) == nil)
            open.append(again)
        }
        let table = try OpenRequestTable(directory: scratch.path, count: 8)
        #expect(table.leftOpen() == open)
        table.clear()
        #expect(table.leftOpen().isEmpty)
        #expect(try OpenRequestTable(directory: scratch.path, count: 8).leftOpen().isEmpty)
    }

    @Test func stringsTooLongForASlotAreCut() throws {
        let scratch = try ScratchDirectory()
        let table = try OpenRequestTable(directory: scratch.path, count: 2)
        let long = String(repeating: "é", count: 300)
        let request = OpenRequest(
            id: ordinaryRow(1).id, receivedAt: 5, caller: long, project: long, endpoint: .messages,
            requestedModel: long, session: long)
        _ = try #require(table.open(request))
        let found = try #require(table.leftOpen().first)
        #expect(found.id == request.id)
        #expect(found.caller == String(repeating: "é", count: 20))
        #expect(found.requestedModel == String(repeating: "é", count: 31))
    }
}
