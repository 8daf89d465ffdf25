import Testing

@testable import WeirCore

/// What a row says of several attempts.
@Suite struct RowAttemptsTests {
    private func attempt(
        _ reason: WeirError.Reason? = nil, status: Int? = nil, cost: Int64? = nil, source: UsageSource = .none
    ) -> Row.Attempt {
        var attempt = Row.Attempt()
        (attempt.reason, attempt.status, attempt.usageSource) = (reason, status, source)
        attempt.cost = cost.map(Money.init(nanodollars:))
        return attempt
    }

    private func row(_ attempts: [Row.Attempt]) -> Row {
        var row = Row()
        row.attempts = attempts
        for index in attempts.indices { row.attempts[index].number = index + 1 }
        return row
    }

    @Test func theCostOfARowIsThatOfAllItsAttempts() {
        let limited = attempt(.upstreamLimited, status: 429)
        let table: [([Row.Attempt], Int64?)] = [
            ([], nil),
            ([limited], nil),
            ([attempt(.upstreamTimedOut)], nil),
            ([attempt(status: 200, cost: 5, source: .provider)], 5),
            ([attempt(status: 200, cost: 0)], 0),
            ([limited, attempt(status: 200, cost: 5, source: .provider)], 5),
            ([attempt(.upstreamBroke, status: 200, cost: 2, source: .estimated), attempt(cost: 5)], 7),
            ([attempt(status: 200, cost: 5), attempt(.hedgedAway, cost: 3, source: .estimated)], 8),
            // What is not known is not nothing: usage without a price, a good head without usage.
            ([attempt(.hedgedAway, source: .estimated), attempt(status: 200, cost: 5)], nil),
            ([attempt(.upstreamBroke, status: 200), attempt(status: 200, cost: 5)], nil),
            ([attempt(status: 200, cost: 5), attempt(status: 200, source: .provider)], nil),
        ]
        for (index, (attempts, cost)) in table.enumerated() {
            #expect(row(attempts).costOfAttempts?.nanodollars == cost, "line \(index)")
        }
    }

    @Test func theAttemptThatServedEndsWithTheRow() {
        var row = row([
            attempt(.upstreamBroke, status: 200, cost: 2, source: .estimated), attempt(status: 200),
            attempt(.hedgedAway, cost: 3, source: .estimated),
        ])
        row.attempts[1].startedAfter = 100
        row.settledAfter = 900
        row.usage.output = 40
        row.usageSource = .provider
        row.cost = Money(nanodollars: 50)
        row.end(servedBy: 1)
        #expect(row.cost == Money(nanodollars: 55))
        #expect(row.attempts.map(\.cost?.nanodollars) == [2, 50, 3])
        #expect(row.attempts[1].endedAfter == 800)
        #expect(row.attempts[1].usage.output == 40 && row.attempts[1].usageSource == .provider)
        #expect(row.attempts[2].usage == Usage() && row.attempts[2].endedAfter == 0)
        let before = row
        for index in [-1, 3, .max] { row.end(servedBy: index) }
        #expect(row == before)
    }

    @Test func aRowWithoutAttemptsKeepsItsCost() {
        var row = Row()
        row.cost = .zero
        row.endLastAttempt()
        #expect(row.cost == .zero)
        row.attempts = [attempt(.upstreamUnreachable)]
        row.endLastAttempt()
        #expect(row.cost == .zero && row.attempts[0].cost == .zero)
    }

    @Test func theServingAttemptIsTheOneWhoseReplyWasUsed() {
        let table: [([Row.Attempt], Int?)] = [
            ([], nil),
            ([attempt()], 1),
            ([attempt(.upstreamFailed), attempt()], 2),
            ([attempt(), attempt(.hedgedAway)], 1),
            ([attempt(.hedgedAway), attempt()], 2),
            ([attempt(.upstreamFailed), attempt(.upstreamLimited)], 2),
            ([attempt(.upstreamFailed), attempt(.hedgedAway)], 1),
        ]
        for (index, (attempts, number)) in table.enumerated() {
            #expect(row(attempts).servingAttempt?.number == number, "line \(index)")
        }
    }
}
