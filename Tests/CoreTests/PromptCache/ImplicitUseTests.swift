import Testing

@testable import WeirCore

@Suite struct ImplicitUseTests {
    @Test func aShareNeedsEightReplies() {
        var use = ImplicitUse()
        for n in 1...8 {
            #expect(use.readShare == nil)
            use.add(tokens: 1_000, read: n == 3 ? 800 : 0)
        }
        #expect(use.readShare == 0.1)
    }

    @Test func countsThatCannotBeAreCutToSize() {
        var use = ImplicitUse()
        for _ in 0..<8 { use.add(tokens: 10, read: 50) }
        #expect(use.readShare == 1)
        for _ in 0..<8 { use.add(tokens: -5, read: -50) }
        #expect(use.readShare == 1)
    }

    @Test func whatIsSeenLaterOutweighsWhatWasSeenBefore() {
        var use = ImplicitUse()
        for _ in 0..<60 { use.add(tokens: 1_000, read: 0) }
        for _ in 0..<60 { use.add(tokens: 1_000, read: 1_000) }
        #expect((use.readShare ?? 0) > 0.6 && use.replies < ImplicitUse.period)
    }

    @Test func twoInARowOfSixtyFourAreLeftAsTheyAre() {
        var uses = ImplicitUses()
        let probes = (0..<192).map { _ in uses.ask(1).isProbe }
        #expect(probes.indices.filter { probes[$0] } == [0, 1, 64, 65, 128, 129])
    }

    @Test func memoryIsBounded() {
        var uses = ImplicitUses()
        for key in 0..<10_000 { _ = uses.ask(UInt64(key)) }
        #expect(uses.count <= ImplicitUses.limit)
    }
}
