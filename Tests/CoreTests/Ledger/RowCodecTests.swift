import Testing

@testable import WeirCore

/// Rows drawn from a seed; every field takes `nil`, ordinary and extreme values.
struct RandomRows {
    private var random: SplitMix

    init(seed: UInt64) { random = SplitMix(state: seed) }

    mutating func next() -> Row {
        var row = Row()
        row.id = text() ?? ""
        row.state = Row.State.allCases.randomElement(using: &random) ?? .settled
        row.reason = maybe { WeirError.Reason.allCases.randomElement(using: &$0) ?? .notFound }
        row.receivedAt = number()
        row.firstByteAfter = optional()
        row.settledAfter = number()
        row.overhead = number()
        row.caller = text()
        row.project = text()
        row.endpoint = Endpoint.allCases.randomElement(using: &random) ?? .raw
        row.requestedModel = text()
        row.servedModel = text()
        row.provider = text()
        row.isStream = Bool.random(using: &random)
        row.status = Int(number())
        row.usage = usage()
        row.usageSource = UsageSource.allCases.randomElement(using: &random) ?? .none
        row.cost = optional().map(Money.init(nanodollars:))
        row.session = text()
        row.agent = text()
        row.parentAgent = text()
        row.tags = text()
        row.userAgent = text()
        row.bytesIn = number()
        row.bytesOut = number()
        row.systemHash = optional().map { UInt64(bitPattern: $0) }
        row.toolsHash = optional().map { UInt64(bitPattern: $0) }
        row.splices = text()
        row.hadDuplicateMembers = Bool.random(using: &random)
        row.promptCache = Bool.random(using: &random) ? promptCache() : nil
        row.responseCache = Bool.random(using: &random) ? responseCache() : nil
        row.savings = Saving.Source.allCases.filter { _ in Bool.random(using: &random) }.map { source in
            Saving(source: source, amount: money(), baseline: money())
        }
        row.attempts = (0..<Int.random(in: 0...4, using: &random)).map { _ in attempt() }
        return row
    }

    private mutating func promptCache() -> PromptCacheFigures {
        var figures = PromptCacheFigures()
        figures.conversation = random.next()
        figures.fingerprint = random.next()
        figures.prefix = PrefixRelation.allCases.randomElement(using: &random) ?? .new
        figures.commonBlocks = Int(number())
        figures.commonBytes = Int(number())
        figures.blocks = Int(number())
        figures.bytes = Int(number())
        figures.callerMarkers = Int(number())
        figures.marks = text()
        figures.decision = PromptCacheFigures.Decision.allCases.randomElement(using: &random) ?? .off
        figures.expectedSaving = money()
        figures.observedLower = money()
        figures.observedUpper = money()
        figures.expectedRead = optional().map(Int.init)
        if Bool.random(using: &random), let kind = PromptChange.Kind.allCases.randomElement(using: &random) {
            figures.change = PromptChange(kind: kind, path: text(), offset: optional().map(Int.init))
        }
        figures.changeCost = money()
        figures.affinity = maybe {
            PromptCacheFigures.Affinity.allCases.randomElement(using: &$0) ?? .kept
        }
        return figures
    }

    private mutating func responseCache() -> ResponseCacheFigures {
        typealias Figures = ResponseCacheFigures
        var figures = Figures(Figures.Outcome.allCases.randomElement(using: &random) ?? .off)
        figures.entry = maybe { $0.next() }
        figures.stored = maybe { $0.next() }
        figures.originalRequestID = text()
        figures.age = optional()
        figures.similarity = optional().map(Int.init)
        figures.threshold = optional().map(Int.init)
        figures.vetoes = text()
        figures.nearest = maybe { $0.next() }
        figures.wouldHit = maybe { Figures.Outcome.allCases.randomElement(using: &$0) ?? .off }
        figures.wouldSave = money()
        figures.obstacle = text()
        figures.judged = maybe { Figures.Judgement.allCases.randomElement(using: &$0) ?? .failed }
        figures.judgeCost = money()
        figures.judgedRequestID = text()
        return figures
    }

    private mutating func money() -> Money? { optional().map(Money.init(nanodollars:)) }

    private mutating func attempt() -> Row.Attempt {
        var attempt = Row.Attempt()
        attempt.number = Int(number())
        attempt.provider = text() ?? ""
        attempt.model = text()
        attempt.startedAfter = number()
        attempt.headAfter = optional()
        attempt.endedAfter = number()
        attempt.status = optional().map(Int.init)
        attempt.reason = maybe { WeirError.Reason.allCases.randomElement(using: &$0) ?? .notFound }
        attempt.upstreamRequestID = text()
        attempt.reusedConnection = Bool.random(using: &random)
        attempt.usage = usage()
        attempt.usageSource = UsageSource.allCases.randomElement(using: &random) ?? .none
        attempt.cost = optional().map(Money.init(nanodollars:))
        attempt.kind = Row.Attempt.Kind.allCases.randomElement(using: &random) ?? .first
        attempt.credential = text()
        attempt.parked = Int(number())
        return attempt
    }

    private mutating func usage() -> Usage {
        var usage = Usage()
        guard Int.random(in: 0..<4, using: &random) > 0 else { return usage }
        usage.input = optional().map(Int.init)
        usage.cacheRead = optional().map(Int.init)
        usage.cacheWriteShort = optional().map(Int.init)
        usage.cacheWriteLong = optional().map(Int.init)
        usage.output = optional().map(Int.init)
        usage.reasoning = optional().map(Int.init)
        usage.webSearches = optional().map(Int.init)
        usage.serviceTier = text()
        usage.speed = text()
        usage.inferenceGeo = text()
        usage.statedCost = optional().map(Money.init(nanodollars:))
        usage.isEstimated = Bool.random(using: &random)
        usage.parts = (0..<Int.random(in: 0...3, using: &random)).map { _ in
            var part = Usage.Part()
            part.model = text().map { String($0.prefix(16)) }
            part.input = Int(number())
            part.cacheRead = Int(number())
            part.cacheWriteShort = Int(number())
            part.cacheWriteLong = Int(number())
            part.output = Int(number())
            return part
        }
        return usage
    }

    private mutating func maybe<Value>(_ make: (inout SplitMix) -> Value) -> Value? {
        Bool.random(using: &random) ? make(&random) : nil
    }

    private mutating func optional() -> Int64? { Bool.random(using: &random) ? number() : nil }

    private mutating func number() -> Int64 {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: 0
        case 1: .max
        case 2: .min
        case 3: -1
        case 4: Int64.random(in: 0..<(1 << 40), using: &random)
        default: Int64.random(in: 0..<100_000, using: &random)
        }
    }

    private mutating func text() -> String? {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return nil
        case 1: return ""
        case 2: return "naïve 🦆\u{0}\u{1F}\"\\ end"
        default:
            let count = Int.random(in: 1...60, using: &random)
            return String(
                (0..<count).map { _ in Character(UnicodeScalar(UInt8.random(in: 32...126, using: &random))) })
        }
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct RowCodecTests {
    private func encoded(_ row: Row, room: Int = RowCodec.largestRow) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0xAA, count: room)
        guard let count = bytes.withUnsafeMutableBytes({ RowCodec.encode(row, into: $0) }) else { return nil }
        return Array(bytes.prefix(count))
    }

    private func decoded(_ bytes: some Collection<UInt8>, sequence: UInt64 = 0) -> Row? {
        Array(bytes).withUnsafeBytes { RowCodec.decode($0, sequence: sequence) }
    }

    @Test func anyRowComesBackAsItWas() throws {
        var rows = RandomRows(seed: 1)
        for _ in 0..<2_000 {
            var row = rows.next()
            row.sequence = 77
            let bytes = try #require(encoded(row))
            #expect(decoded(bytes, sequence: 77) == row)
            #expect(bytes.withUnsafeBytes { RowCodec.isRow($0, withID: row.id) })
            #expect(!bytes.withUnsafeBytes { RowCodec.isRow($0, withID: row.id + "x") })
        }
    }

    @Test func aRowCutShortIsNoRow() throws {
        var rows = RandomRows(seed: 2)
        for _ in 0..<20 {
            let bytes = try #require(encoded(rows.next()))
            for count in 0..<bytes.count { #expect(decoded(bytes.prefix(count)) == nil) }
            #expect(decoded(bytes + [0]) == nil)
        }
    }

    @Test func damagedBytesNeverTrap() throws {
        var rows = RandomRows(seed: 3)
        var random = SplitMix(state: 3)
        for _ in 0..<3_000 {
            var bytes = try #require(encoded(rows.next()))
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
            if let row = decoded(bytes) { #expect(encoded(row) != nil) }
        }
    }

    @Test func tooLittleRoomIsToldAndNothingBehindItIsTouched() throws {
        let row = {
            var rows = RandomRows(seed: 4)
            return rows.next()
        }()
        let whole = try #require(encoded(row))
        for room in 0..<whole.count { #expect(encoded(row, room: room) == nil) }
    }

    @Test func theLargestRowFitsAndStringsAreCutAtCharacters() throws {
        let long = String(repeating: "é", count: 5_000)
        var row = Row()
        (row.id, row.caller, row.project, row.requestedModel) = (long, long, long, long)
        (row.servedModel, row.provider, row.session, row.agent) = (long, long, long, long)
        (row.parentAgent, row.tags, row.userAgent, row.splices) = (long, "a" + long, long, long)
        row.usage = {
            var usage = Usage()
            (usage.serviceTier, usage.speed, usage.inferenceGeo) = (long, long, long)
            var part = Usage.Part()
            part.model = long
            part.input = .min
            usage.parts = Array(repeating: part, count: 100)
            return usage
        }()
        var attempt = Row.Attempt()
        (attempt.provider, attempt.model, attempt.upstreamRequestID) = (long, long, long)
        (attempt.credential, attempt.parked) = (long, .min)
        attempt.usage = row.usage
        row.attempts = (1...100).map { number in
            attempt.number = number
            return attempt
        }
        var figures = PromptCacheFigures()
        (figures.marks, figures.commonBytes, figures.changeCost) = (long, .min, Money(nanodollars: .min))
        figures.change = PromptChange(kind: .editedText, path: long, offset: .min)
        row.promptCache = figures
        var answer = ResponseCacheFigures(.hitVerified)
        (answer.entry, answer.stored, answer.nearest) = (.max, .max, .max)
        (answer.originalRequestID, answer.vetoes) = (long, long)
        (answer.obstacle, answer.judgedRequestID) = (long, long)
        (answer.age, answer.similarity, answer.threshold) = (.min, .min, .min)
        (answer.wouldSave, answer.judgeCost) = (Money(nanodollars: .min), Money(nanodollars: .min))
        row.responseCache = answer
        let costly = Saving(source: .keepWarm, amount: Money(nanodollars: .min), baseline: nil)
        row.savings = Array(repeating: costly, count: 300)
        let bytes = try #require(encoded(row))
        #expect(bytes.count < RowCodec.largestRow)
        #expect(bytes.count > RowCodec.largestRow / 2, "the bound is far too large")
        let back = try #require(decoded(bytes))
        #expect(back.caller == String(repeating: "é", count: 512))
        // 1,024 bytes would end within a character here.
        #expect(back.tags == "a" + String(repeating: "é", count: 511))
        // The last one, whose reply the caller got, is never cut.
        #expect(back.attempts.map(\.number) == Array(1..<RowCodec.mostAttempts) + [100])
        #expect(back.usage.parts.count == RowCodec.mostParts)
        #expect(back.promptCache?.change?.path == String(repeating: "é", count: 512))
        #expect(back.savings.count == RowCodec.mostSavings)
        #expect(back.responseCache?.vetoes == String(repeating: "é", count: 512))
    }

    @Test func everyCaseHasACodeOfItsOwn() {
        #expect(Row.State.allCases.allSatisfy { Row.State(code: $0.code) == $0 })
        #expect(Row.Attempt.Kind.allCases.allSatisfy { Row.Attempt.Kind(code: $0.code) == $0 })
        #expect(Endpoint.allCases.allSatisfy { Endpoint(code: $0.code) == $0 })
        #expect(UsageSource.allCases.allSatisfy { UsageSource(code: $0.code) == $0 })
        #expect(WeirError.Reason.allCases.allSatisfy { WeirError.Reason(code: $0.code) == $0 })
        #expect(WeirError.Reason.allCases.allSatisfy { $0.code > 0 })
        #expect(PrefixRelation.allCases.allSatisfy { PrefixRelation(code: $0.code) == $0 })
        #expect(Saving.Source.allCases.allSatisfy { Saving.Source(code: $0.code) == $0 })
        #expect(PromptChange.Kind.allCases.allSatisfy { PromptChange.Kind(code: $0.code) == $0 })
        #expect(PromptChange.Kind.allCases.allSatisfy { $0.code > 0 })
        typealias Figures = PromptCacheFigures
        #expect(Figures.Decision.allCases.allSatisfy { Figures.Decision(code: $0.code) == $0 })
        typealias Cache = ResponseCacheFigures
        #expect(Cache.Outcome.allCases.allSatisfy { Cache.Outcome(code: $0.code) == $0 && $0.code > 0 })
        #expect(Cache.Judgement.allCases.allSatisfy { Cache.Judgement(code: $0.code) == $0 && $0.code > 0 })
        #expect(Figures.Affinity.allCases.allSatisfy { Figures.Affinity(code: $0.code) == $0 && $0.code > 0 })
    }
}
