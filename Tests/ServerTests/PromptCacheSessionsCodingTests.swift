import Testing
import WeirCore

@testable import WeirSimulator

/// Sessions of a client that marks well, as Claude Code does: Weir keeps its hands off but for the bridge.
@Suite struct PromptCacheSessionsCodingTests {
    private static func run(_ widths: [Int], seed: UInt64 = 3) throws -> Laboratory {
        var lab = Laboratory()
        var session = CodingSession(seed: seed)
        var seconds = 0.0
        for (number, width) in widths.enumerated() {
            try lab.send(session.body, model: "claude-sonnet-5-5", at: seconds, session: "s1")
            session.work(width: width)
            if number % 4 == 3 { session.ask() }
            if number % 6 == 5 { session.remind() }
            if number == 4 { session.discoverTool() }
            seconds += 25
        }
        try lab.send(session.body, model: "claude-sonnet-5-5", at: seconds, session: "s1")
        return lab
    }

    @Test func narrowTurnsPassByteForByte() throws {
        let lab = try Self.run((0..<24).map { [1, 2, 4, 7][$0 % 4] })
        #expect(lab.visits.count == 25)
        for visit in lab.visits {
            #expect(visit.isUnchanged)
            #expect(visit.cost == visit.plainCost)
        }
        // The session is one that caches: what is not new is read.
        let last = try #require(lab.visits.last)
        #expect(last.sent.read > last.promptTokens * 8 / 10)
    }

    @Test(arguments: [3, 8])
    func wideTurnsGetABridgeAndNothingElse(rounds: Int) throws {
        let lab = try Self.run([1] + Array(repeating: 25, count: rounds))
        let written = lab.visits.reduce(0) { $0 + $1.sent.written }
        let before = lab.visits.reduce(0) { $0 + $1.plain.written }
        for visit in lab.visits.dropFirst(2) {
            #expect(visit.marks.map(\.purpose) == [.bridge])
            #expect(visit.sent.read > 0)
        }
        if rounds == 8 { #expect(Double(written) <= 0.4 * Double(before)) }
        #expect(lab.cost < lab.plainCost)
    }
}
