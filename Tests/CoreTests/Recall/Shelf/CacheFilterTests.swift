import Testing

@testable import WeirCore

@Suite struct CacheFilterTests {
    private static let entry = {
        var entry = shelfEntry(1, key: 3, scope: 2).summary
        entry.project = "blue"
        entry.model = "claude-sonnet-4-5"
        entry.session = "s1"
        entry.caller = "key_1"
        entry.tags = "feature=search, team=red ,x"
        entry.userTag = "u7"
        entry.question = "What is the REFUND policy of Zürich?"
        return entry
    }()

    private static func filter(_ set: (inout CacheFilter) -> Void) -> CacheFilter {
        var filter = CacheFilter()
        set(&filter)
        return filter
    }

    static let samples: [(CacheFilter, Bool)] = [
        (filter { $0.key = shelfKey(3) }, true), (filter { $0.key = shelfKey(4) }, false),
        (filter { $0.scope = shelfKey(-3) }, true), (filter { $0.scope = shelfKey(3) }, false),
        (filter { $0.project = "blue" }, true), (filter { $0.project = "blu" }, false),
        (filter { $0.model = "claude-sonnet-4-5" }, true), (filter { $0.model = "claude-*" }, false),
        (filter { $0.session = "s1" }, true), (filter { $0.session = "s2" }, false),
        (filter { $0.caller = "key_1" }, true), (filter { $0.caller = "key_2" }, false),
        (filter { $0.userTag = "u7" }, true), (filter { $0.userTag = "u" }, false),
        (filter { $0.tag = "feature=search" }, true), (filter { $0.tag = "team=red" }, true),
        (filter { $0.tag = "x" }, true), (filter { $0.tag = "search" }, false),
        (filter { $0.tag = "" }, false),
        (filter { ($0.project, $0.session) = ("blue", "s2") }, false),
        (filter { ($0.project, $0.session) = ("blue", "s1") }, true),
    ]

    @Test(arguments: samples.indices)
    func anEntryPassesWhereEveryCriterionHolds(_ index: Int) {
        let (filter, isMatch) = Self.samples[index]
        #expect(filter.matches(Self.entry) == isMatch)
        #expect(CachePurge.matching(filter).matches(Self.entry) == isMatch)
        #expect(!filter.matches(shelfEntry(2, key: 99, scope: 50).summary))
    }

    @Test(arguments: [
        ("*refund*", true), ("what is*", true), ("*zürich?", true), ("*z?rich?", true), ("*z??rich?", false),
        ("*", true), ("?*", true), ("refund", false), ("*refund", false), ("", false), ("claude-*-4-5", true),
        ("claude-*-4-?", true), ("claude-*-4", false), ("CLAUDE*", true), ("*a*a*a*a*a*a*b", false),
        ("**policy**", true),
    ])
    func aPatternIsTriedOnQuestionAndModel(_ pattern: String, _ isMatch: Bool) {
        #expect(Self.filter { $0.pattern = pattern }.matches(Self.entry) == isMatch)
    }

    @Test func aFilterWithoutCriteriaPurgesNothing() {
        #expect(CacheFilter().isEmpty && CacheFilter().matches(Self.entry))
        #expect(CachePurge.matching(CacheFilter()).isEmpty)
        #expect(!CachePurge.matching(CacheFilter()).matches(Self.entry))
        #expect(CachePurge.everything.matches(Self.entry) && !CachePurge.everything.isEmpty)
    }

    @Test func keysAreReadAsTheyAreWritten() {
        let key = shelfKey(77)
        #expect(CacheKey(hexadecimal: key.description) == key)
        #expect(CacheKey(hexadecimal: key.description.uppercased()) == key)
        #expect(CacheKey(key.bytes) == key)
        #expect(CacheKey(hexadecimal: String(key.description.dropLast())) == nil)
        #expect(CacheKey(hexadecimal: String(key.description.dropLast()) + "g") == nil)
        #expect(CacheKey([UInt8](repeating: 0, count: 31)) == nil)
        let bytes = (0..<32).map { UInt8($0) }
        let digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        #expect(CacheKey(bytes)?.description == digits)
    }

    @Test func detailsAreReadAsTheyWereWritten() throws {
        var entry = shelfEntry()
        entry.usage.input = 12
        entry.usage.cacheRead = 9_000_000
        entry.usage.serviceTier = "standard"
        entry.usageSource = .provider
        entry.fields = (0..<300).map { FieldDigest(name: "field\($0)", hash: UInt64.max - UInt64($0)) }
        entry.fields[1] = FieldDigest(name: "", hash: entry.fields[1].hash)
        let details = entry.details
        var read = shelfEntry()
        #expect(details.withUnsafeBytes { read.read(details: $0) })
        #expect(read.usage == entry.usage && read.usageSource == .provider)
        #expect(read.fields == Array(entry.fields.prefix(CacheEntry.mostFields)))
        for count in 0..<details.count {
            var torn = shelfEntry()
            #expect(!details.prefix(count).withUnsafeBytes { torn.read(details: $0) })
            #expect(torn == shelfEntry())
        }
    }

    @Test func theSealTiesAnAnswerToItsKeys() {
        let seals = [
            shelfEntry(), shelfEntry(key: 2), shelfEntry(scope: 2), shelfEntry(text: 3),
            shelfEntry(text: 3, context: 4), shelfEntry(text: 9, context: 3), shelfEntry(bytes: 999),
        ].map(\.seal)
        #expect(Set(seals).count == seals.count)
        #expect(shelfEntry().seal == shelfEntry(5, saving: 3).seal)
    }
}
