extension Row.Attempt {
    /// Notes the head of the provider's reply; `elapsed` counts from the request's receipt, in microseconds.
    package mutating func note(_ head: ReplyHead, at elapsed: Int64) {
        status = head.status
        headAfter = elapsed - startedAfter
        upstreamRequestID = head.fields.first { $0.kind == .requestID }.map { head.text($0.value) }
    }

    /// Notes its end; `elapsed` counts from the request's receipt, in microseconds.
    package mutating func end(at elapsed: Int64) { endedAfter = elapsed - startedAfter }

    /// True where it gave what has to be paid for, and what that cost is not known.
    ///
    /// Providers charge nothing for what they refuse or never answer.
    package var isUnpriced: Bool {
        cost == nil && (usageSource != .none || (200..<300).contains(status ?? 0))
    }
}

extension Row {
    /// The attempt whose reply the caller got, or the last one that failed; `nil` where there was none.
    package var servingAttempt: Attempt? {
        attempts.last { $0.reason == nil } ?? attempts.last { $0.reason != .hedgedAway } ?? attempts.last
    }

    /// What the attempts cost together; `nil` where that of one is unknown, or there was nothing to pay for.
    package var costOfAttempts: Money? {
        var sum: Money?
        for attempt in attempts {
            if let cost = attempt.cost {
                sum = (sum ?? .zero) + cost
            } else if attempt.isUnpriced {
                return nil
            }
        }
        return sum
    }

    /// Ends the attempt at this index with the row: the row's usage and cost, so far, were its own.
    ///
    /// From then on the row's cost is that of all attempts. Called once, when the costs of the others are in.
    package mutating func end(servedBy index: Int) {
        guard attempts.indices.contains(index) else { return }
        book(on: index, at: settledAfter)
        cost = costOfAttempts
    }

    /// Ends the attempt at this index with the row's usage and cost so far; `elapsed` counts from the
    /// request's receipt, in microseconds.
    package mutating func book(on index: Int, at elapsed: Int64) {
        guard attempts.indices.contains(index) else { return }
        attempts[index].end(at: elapsed)
        attempts[index].usage = usage
        attempts[index].usageSource = usageSource
        attempts[index].cost = cost
    }

    /// Ends the last attempt with the row.
    package mutating func endLastAttempt() { end(servedBy: attempts.count - 1) }
}
