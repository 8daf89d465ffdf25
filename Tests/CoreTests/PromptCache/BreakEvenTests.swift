import Testing
import WeirCore

@Suite struct BreakEvenTests {
    /// Writes at 1.25 and 2, reads at 0.1 of $1.
    static let usual = CachePrices(
        input: 1_000_000_000, read: 100_000_000, writeShort: 1_250_000_000, writeLong: 2_000_000_000)

    struct Row: Sendable {
        var short: Double
        var long: Double
        var isWarm = false
        var allowsLong = true
        var ttl: CacheTTL?
        /// Nanodollars for a million tokens.
        var expected: Int64
    }

    @Test(arguments: [
        // Below 21.7 % and 52.6 % nothing pays.
        Row(short: 0.21, long: 0.52, ttl: nil, expected: 0),
        Row(short: 0.22, long: 0.52, ttl: .short, expected: 3_000_000),
        Row(short: 0.21, long: 0.53, ttl: .long, expected: 7_000_000),
        Row(short: 0.21, long: 0.53, allowsLong: false, ttl: nil, expected: 0),
        // 1.25 − 0.9 × 1.15 = 0.215; 2 − 0.95 × 1.9 = 0.195.
        Row(short: 0.9, long: 0.95, ttl: .long, expected: 805_000_000),
        Row(short: 0.95, long: 0.95, ttl: .short, expected: 842_500_000),
        Row(short: 1, long: 1, ttl: .short, expected: 900_000_000),
        // One request every 20 minutes: never within five minutes, always within the hour.
        Row(short: 0, long: 1, ttl: .long, expected: 900_000_000),
        Row(short: 0, long: 0, ttl: nil, expected: 0),
        // Alive: this request reads, whatever comes later.
        Row(short: 0, long: 0, isWarm: true, ttl: .short, expected: 900_000_000),
        Row(short: 0.1, long: 0.9, isWarm: true, ttl: .long, expected: 900_000_000),
    ])
    func theSmallerSumWins(row: Row) {
        let choice = BreakEven.choose(
            ReuseEstimate(withinShort: row.short, withinLong: row.long), prices: Self.usual,
            isWarm: row.isWarm, tokens: 1_000_000, allowsLong: row.allowsLong)
        #expect(choice == BreakEven.Choice(ttl: row.ttl, expected: Money(nanodollars: row.expected)))
    }

    @Test func theThresholdsAreThoseOfTheDocumentation() throws {
        let short = try #require(BreakEven.threshold(Self.usual, ttl: .short))
        let long = try #require(BreakEven.threshold(Self.usual, ttl: .long))
        #expect(abs(short - 0.2174) < 0.0001)
        #expect(abs(long - 0.5263) < 0.0001)
        let free = CachePrices(input: 100, read: 50, writeShort: 100, writeLong: nil)
        #expect(BreakEven.threshold(free, ttl: .short) == 0)
        #expect(BreakEven.threshold(free, ttl: .long) == nil)
    }

    @Test func anUnknownWritePriceMarksNothing() {
        let prices = CachePrices(input: 100, read: 10, writeShort: nil, writeLong: nil)
        let sure = ReuseEstimate(withinShort: 1, withinLong: 1)
        let choice = BreakEven.choose(sure, prices: prices, isWarm: true, tokens: 1000, allowsLong: true)
        #expect(choice == BreakEven.Choice(ttl: nil, expected: .zero))
    }

    @Test func theBestChoiceIsNamedThoughItLoses() {
        let never = ReuseEstimate(withinShort: 0, withinLong: 0)
        let choice = BreakEven.best(
            never, prices: Self.usual, isWarm: false, tokens: 1_000_000, allowsLong: true)
        #expect(choice == BreakEven.Choice(ttl: .short, expected: Money(nanodollars: -250_000_000)))
    }

    @Test(arguments: [(Double.nan, 0), (2.0, Int.max), (-1.0, -5), (0.5, Int.min)])
    func strangeFiguresGiveAnAnswer(chance: Double, tokens: Int) {
        let choice = BreakEven.choose(
            ReuseEstimate(withinShort: chance, withinLong: chance), prices: Self.usual, isWarm: false,
            tokens: tokens, allowsLong: true)
        #expect(choice.expected >= .zero)
    }
}
