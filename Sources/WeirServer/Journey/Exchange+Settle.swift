import Logging
import NIOHTTP1
import Synchronization
import WeirCore

extension Exchange {
    /// Ends the exchange with an error of Weir's own; one whose reply has begun can only be closed.
    func refuse(_ error: WeirError) {
        guard !isSettled else { return }
        row.reason = error.reason
        if case .streaming = relaying.mode { return breakOff(error) }
        tellFailed(error)
        row.status = error.reason.status
        settle(error.reason.state)
        caller?.answer(
            ErrorReply.make(error, dialect: dialect, requestID: row.id, fields: limitFields))
    }

    /// The caller left: what was seen of the reply counts, nobody is answered.
    func settleAbandoned() {
        guard !isSettled else { return }
        relaying.meter?.finish()
        row.reason = .callerLeft
        settle(.aborted)
    }

    /// Writes the row, once. The end of the reply is released only after this.
    func settle(_ state: Row.State) {
        guard !isSettled else { return }
        isSettled = true
        let now = Clocks.monotonicNanos()
        row.state = state
        row.settledAfter = clock.microsSinceReceived(now)
        row.overhead = overhead(now)
        takeUsage(state)
        settlePromptCache()
        settleRefresh()
        settleAttempts(state)
        settleKept()
        giveBackAllowance()
        // Out of the class and back: passing a stored property would copy it, with every string in it
        // retained.
        var settled = Row()
        swap(&settled, &row)
        if services.ledger.append(settled, closing: slot) == nil {
            services.log.error(
                "ledger: a row found no place and is lost", metadata: ["request": "\(settled.id)"])
        }
        swap(&settled, &row)
        afterRecall()
        loop.openExchanges -= 1
        services.openExchanges.subtract(1, ordering: .relaxed)
        if relaying.isCountedStream { services.openStreams.subtract(1, ordering: .relaxed) }
    }

    func takeUsage(_ state: Row.State) {
        if case .errorEvent = winner?.end {
            row.cost = .zero
            return
        }
        guard let meter = relaying.meter else {
            // Nothing was asked of a provider, or nothing it counts: that is known to be free.
            if row.attempts.isEmpty || winner?.isWholeReply == true && (winner?.head?.status ?? 0) >= 400
                || (endpoint == .countTokens && state == .settled && row.status < 300) {
                row.cost = .zero
            }
            return
        }
        row.usage = meter.usage
        // Where the request was not read, the reply tells.
        row.servedModel = row.servedModel ?? meter.servedModel
        row.usageSource = meter.source
        guard let model = row.servedModel, let provider = row.provider, meter.source != .none else { return }
        let usage = row.usage
        if let aim = winner?.aim, aim.model == model {
            row.cost = snapshot.pricing.cost(
                of: usage, at: aim.details.prices, provider: provider, startedAt: row.receivedAt)
        } else {
            row.cost = snapshot.pricing.cost(of: usage, model: model, provider: provider, startedAt: row.receivedAt)
        }
    }

    /// Time in Weir: from the request's last byte to its sending, and from the reply's last byte to
    /// settlement.
    private func overhead(_ now: UInt64) -> Int64 {
        let complete = clock.complete == 0 ? clock.received : clock.complete
        guard clock.sent != 0 else { return Int64(now &- complete) / 1000 }
        // A body that streams is complete only after its first bytes were sent.
        let before = clock.sent > complete ? clock.sent &- complete : 0
        let after = clock.lastByte == 0 ? 0 : now &- clock.lastByte
        return Int64(before &+ after) / 1000
    }

    /// `GET /v1/models` and `/v1/models/{id}`, from the configuration.
    func answerModels(_ admitted: Admitted) {
        let shape: Dialect = headFacts.speaksAnthropic ? .anthropic : .chat
        var reply = OwnReply(status: 200, fields: [(name: "x-weir-request-id", value: row.id)])
        reply.fields += limitFields
        reply.isHEAD = head.method == .HEAD
        switch snapshot.models.answer(uri: head.uri, dialect: shape) {
        case .success(let body): reply.body = body
        case .failure(let error): return refuse(error)
        }
        row.status = 200
        row.bytesOut = Int64(reply.body.count)
        settle(.settled)
        caller?.answer(reply)
    }
}

extension WeirError.Reason {
    /// The state of a row that ends with this error before a reply began.
    var state: Row.State {
        switch self {
        case .malformedRequest, .unknownCaller, .notAllowed, .unknownEndpoint, .notFound, .methodNotAllowed,
            .bodyTooLarge, .requestTimedOut, .callerLimited, .notCached, .noProvider, .ledgerUnavailable, .shuttingDown:
            .refused
        case .upstreamBusy, .upstreamUnreachable, .upstreamTimedOut, .upstreamBroke, .upstreamLimited,
            .upstreamOverloaded, .upstreamFailed, .upstreamRejectedKey, .upstreamOutOfMoney,
            .upstreamRefusedPart, .allDown, .deadlinePassed, .hedgedAway, .internalFault:
            .failed
        case .callerLeft: .aborted
        }
    }
}
