import Testing

@testable import WeirCore

/// Records that an earlier Weir left in its journal.
@Suite struct RowCodecVersionTests {
    /// A record as Weir 0.1.0 wrote it: one plain request for claude-sonnet-5-5 to its simulator.
    private static let version1 = bytes(
        """
        01257265715f3031613166636534666633326232343862373236626139386665313739653236010098fca6e8
        fbb0b00601fc5ed861f82b0f6b65795f636f6e6669675f656e760864656661756c740112636c617564652d73
        6f6e6e65742d352d3512636c617564652d736f6e6e65742d352d350a616e7468726f70696300900301010e01
        000100010001280000097374616e64617264000e6e6f745f617661696c61626c6500000201e08f1a00000008
        7465616d3dc3a40c6375726c2f372e38382e31da01840801c498d6e7e3bddbf41d000001020a616e7468726f
        70696312636c617564652d736f6e6e65742d352d35ec2b01e032ec35019003001d7265715f303131536f4c55
        7072314265303377666b59535839774c740001010e01000100010001280000097374616e64617264000e6e6f
        745f617661696c61626c6500000201e08f1a
        """)

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private func decoded(_ bytes: [UInt8]) -> Row? {
        bytes.withUnsafeBytes { RowCodec.decode($0, sequence: 1) }
    }

    private func encoded(_ row: Row) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: RowCodec.largestRow)
        guard let count = bytes.withUnsafeMutableBytes({ RowCodec.encode(row, into: $0) }) else { return nil }
        return Array(bytes.prefix(count))
    }

    @Test func aRecordOfTheFirstVersionIsReadAsItWasWritten() throws {
        #expect(Self.version1.count == 326 && Self.version1.first == 1)
        let row = try #require(decoded(Self.version1))
        #expect(row.id == "req_01a1fce4ff32b248b726ba98fe179e26")
        #expect(row.sequence == 1)
        #expect(row.receivedAt == 1_795_244_228_402_956)
        #expect(row.caller == "key_config_env")
        #expect(row.tags == "team=ä")
        #expect(row.cost == Money(nanodollars: 214_000))
        #expect(row.usage.output == 20)
        #expect(row.systemHash == 0x0EF4_B6F7_1E7A_C622)
        #expect(row.attempts.map(\.upstreamRequestID) == ["req_011SoLUpr1Be03wfkYSX9wLt"])
        #expect(row.attempts.first?.cost == Money(nanodollars: 214_000))
        #expect(row.attempts.map(\.kind) == [.first])
        #expect(row.attempts.allSatisfy { $0.credential == nil && $0.parked == 0 })
        #expect(row.promptCache == nil)
        #expect(row.savings.isEmpty)
        #expect(Self.version1.withUnsafeBytes { RowCodec.isRow($0, withID: row.id) })
    }

    @Test func aRecordOfTheFirstVersionWithMoreOrLessIsNoRow() {
        for count in 0..<Self.version1.count { #expect(decoded(Array(Self.version1.prefix(count))) == nil) }
        #expect(decoded(Self.version1 + [0, 0]) == nil)
    }

    @Test func whatAnEarlierVersionWroteIsWrittenAgainInThisOne() throws {
        let row = try #require(decoded(Self.version1))
        let bytes = try #require(encoded(row))
        // Kind, no credential, nothing parked; no figures, no savings, no figures of a response cache.
        let tail: [UInt8] = [1, 0, 0, 0, 0, 0]
        #expect(bytes == [4] + Self.version1.dropFirst() + tail)
    }

    /// Between versions 1 and 2 nothing changed in an attempt: two of them are two of the first version's.
    @Test func attemptsOfTheSecondVersionHaveTheKindThatTheirNumberTells() throws {
        let one = Self.version1.count - Self.lengthOfAttempt
        let attempt = Self.version1[one...]
        #expect(attempt.first == 2 && Self.version1[one - 1] == 1)
        let second = [4] + attempt.dropFirst()
        let row = try #require(decoded([2] + Self.version1[1..<one - 1] + [2] + attempt + second + [0, 0]))
        #expect(row.attempts.map(\.number) == [1, 2])
        #expect(row.attempts.map(\.kind) == [.first, .retry])
        #expect(row.attempts.map(\.cost) == [Money(nanodollars: 214_000), Money(nanodollars: 214_000)])
    }

    /// Bytes of the record's one attempt, which ends it.
    private static let lengthOfAttempt = 114

    /// Version 4 added what stands behind the savings, and nothing else.
    @Test func aRecordOfTheThirdVersionEndsBehindItsSavings() throws {
        // Kind, credential and parked of the attempt; no figures; one saving.
        let tail: [UInt8] = [6, 3, 0x62, 0x63, 4, 0, 1, Saving.Source.keepWarm.code, 1, 9, 1, 0]
        let rest: [UInt8] = Self.version1.dropFirst() + tail
        let record: [UInt8] = [3] + rest
        let row = try #require(decoded(record))
        #expect(row.attempts.map(\.kind) == [.restart])
        #expect(row.attempts.map(\.credential) == ["bc"] && row.attempts.map(\.parked) == [2])
        #expect(row.savings == [Saving(source: .keepWarm, amount: Money(nanodollars: -5), baseline: .zero)])
        #expect(row.responseCache == nil)
        #expect(decoded(record + [0]) == nil)
        #expect(decoded([4] + rest) == nil)
        #expect(decoded([4] + rest + [0]) == row)
    }

    @Test(arguments: [0, 5, 255] as [UInt8])
    func aRecordOfALaterVersionIsNotRead(version: UInt8) {
        #expect(decoded([version] + Self.version1.dropFirst()) == nil)
    }

    @Test func casesThatALaterVersionAddsDoNotLoseTheRow() throws {
        var row = Row()
        row.attempts = (1...2).map { number in
            var attempt = Row.Attempt()
            (attempt.number, attempt.kind) = (number, .hedge)
            return attempt
        }
        row.promptCache = PromptCacheFigures()
        row.promptCache?.affinity = .kept
        row.savings = [Saving(source: .promptCache, amount: Money(nanodollars: 5), baseline: nil)]
        row.responseCache = ResponseCacheFigures(.hitText)
        row.responseCache?.wouldHit = .hitExact
        row.responseCache?.judged = .right
        var bytes = try #require(encoded(row))
        // The response cache's figures: a 1, the outcome, eight that are not there, the hit it would have been,
        // two more that are not there, the verdict, and two more.
        let cache = bytes.count - 16
        #expect(bytes[cache...] == [1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0])
        for index in [1, 10, 13] { bytes[cache + index] = 99 }
        // Affinity, then one saving: source, amount (flag and value), baseline (flag).
        let affinity = cache - 6
        #expect(bytes[affinity] == PromptCacheFigures.Affinity.kept.code)
        (bytes[affinity], bytes[affinity + 2]) = (99, 99)
        // Before the figures, that begin with a 1: each attempt's kind, no credential, nothing parked.
        let hedge = Row.Attempt.Kind.hedge.code
        let kinds = bytes.indices.filter { bytes[$0...].starts(with: [hedge, 0, 0]) }
        try #require(kinds.count == 2)
        for index in kinds { bytes[index] = 99 }
        let read = try #require(decoded(bytes))
        #expect(read.attempts.map(\.kind) == [.first, .retry])
        #expect(read.promptCache != nil && read.promptCache?.affinity == nil)
        #expect(read.savings.isEmpty)
        #expect(read.responseCache == ResponseCacheFigures(.off))
    }
}
