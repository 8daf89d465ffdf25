import WeirCore

/// What the row says of its attempts once they are over.
extension Exchange {
    /// Notes why the winner's reply broke off.
    func noteBroken(_ reason: WeirError.Reason) {
        guard let winner, row.attempts.indices.contains(winner.index) else { return }
        row.attempts[winner.index].reason = reason
    }

    /// Books what a reply cost that broke off and is followed by another one.
    func endBrokenAttempt() {
        guard let winner else { return }
        relaying.meter?.finish()
        takeUsage(.upstreamBroke)
        row.book(on: winner.index, at: clock.microsSinceReceived(Clocks.monotonicNanos()))
        row.usage = Usage()
        row.usageSource = .none
        row.cost = nil
        settleWinner(.upstreamBroke)
    }

    /// Ends the winner's entry with the row, and those of attempts that the end of the exchange cut off;
    /// makes the row's cost the sum of them all.
    func settleAttempts(_ state: Row.State) {
        for one in live {
            one.cancel()
            record(one, AttemptEnding(reason: row.reason ?? .callerLeft))
        }
        live = []
        if let winner { row.book(on: winner.index, at: row.settledAfter) }
        settleWinner(state)
        guard row.attempts.count > 1 else {
            // No reply passed on: what is known of the only attempt is known of the row.
            if winner == nil, let only = row.attempts.first { row.cost = only.cost }
            return
        }
        for index in row.attempts.indices { estimate(index) }
        row.cost = row.costOfAttempts
    }

    /// What an attempt may have cost of which no usage was seen: its prompt, which the provider had got.
    ///
    /// As many tokens as the provider that answered counted, else a quarter of the bytes; an estimate, marked
    /// as one.
    private func estimate(_ index: Int) {
        let attempt = row.attempts[index]
        guard attempt.cost == nil, attempt.usageSource != .provider, let model = attempt.model, metered != nil
        else { return }
        // Of a stream that broke off the output is known as far as it came.
        var usage = attempt.usage
        usage.input =
            usage.input ?? row.usage.promptTokens ?? PromptEstimate.tokens(ofBytes: Int(row.bytesIn))
        usage.output = usage.output ?? 0
        row.attempts[index].usage = usage
        row.attempts[index].usageSource = .estimated
        row.attempts[index].cost = snapshot.pricing.cost(
            of: usage, model: model, provider: attempt.provider, startedAt: row.receivedAt)
    }
}
