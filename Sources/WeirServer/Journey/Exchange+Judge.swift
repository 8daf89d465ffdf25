import Logging
import NIOCore
import NIOHTTP1
import Synchronization
import WeirCore

/// How an attempt ended that is not the caller's answer.
struct AttemptEnding {
    var reason: WeirError.Reason?
    var outcome = TargetRecord.Outcome.neutral
    var credentialFault: CredentialFault?
    var credentialUntil: Int64?

    init(reason: WeirError.Reason) { self.reason = reason }

    init(_ verdict: AttemptVerdict) {
        reason = verdict.reason
        outcome = verdict.outcome
        credentialFault = verdict.credentialFault
        credentialUntil = verdict.credentialUntil
    }
}

/// What of a reply is held until it is judged.
enum ReplyHold {
    case nothing
    case firstEvent
    case whole(limit: Int)
}

extension Exchange {
    /// How much of a reply is held back: what another attempt could still replace.
    func holding(of reply: ReplyHead) -> ReplyHold {
        guard head.method != .HEAD else { return .nothing }
        guard (200..<300).contains(reply.status) else {
            let limit = metered == nil ? 0 : snapshot.config.limits.gatheredReplyBytes
            return .whole(limit: max(limit, Try.maxErrorBytes))
        }
        if reply.isEventStream { return metered != nil && isRepeatableBody ? .firstEvent : .nothing }
        guard metered != nil || rewritesResultsURL else { return .nothing }
        let limit = snapshot.config.limits.gatheredReplyBytes
        switch reply.framing {
        case .none: return .nothing
        case .length(let count): return count <= limit ? .whole(limit: limit) : .nothing
        case .chunked, .untilClose: return .whole(limit: limit)
        }
    }

    /// What an attempt's end means; `nil` for a reply that is good as far as it has come.
    func judge(_ one: Try) -> AttemptVerdict? {
        let now = Clocks.wallMicros()
        if let head = one.head, row.attempts[one.index].status == nil {
            row.attempts[one.index].note(head, at: clock.microsSinceReceived(one.firstByteAt))
            noteLimits(one, head, now)
        }
        switch one.end {
        case .reply:
            guard let head = one.head, AttemptVerdict.needsBody(status: head.status) else { return nil }
            let isOurs = one.aim.credentialIndex != nil
            var verdict = one.content.withUnsafeReadableBytes {
                AttemptVerdict.judge(head, body: $0, ownCredential: isOurs, now: now)
            }
            if head.status == 404, one.aim.target.isSubstitute, !one.aim.target.isNamed {
                // Weir's own choice of a model that this account does not have.
                verdict.passes = false
                verdict.mayGoElsewhere = true
                verdict.reason = .upstreamFailed
            }
            return verdict
        case .errorEvent:
            return one.content.withUnsafeReadableBytes {
                AttemptVerdict.judge(errorEvent: $0, ownCredential: one.aim.credentialIndex != nil)
            }
        case .failed(let error, _): return AttemptVerdict.judge(error, requestWasSent: one.wasSent)
        case nil: return nil
        }
    }

    /// Ends an attempt that is not the caller's answer, in the row and in the records.
    func record(_ one: Try, _ ending: AttemptEnding) {
        guard !one.isRecorded, row.attempts.indices.contains(one.index) else { return }
        let now = Clocks.wallMicros()
        let monotonic = Clocks.monotonicNanos()
        one.letGo()
        row.attempts[one.index].reason = ending.reason
        row.attempts[one.index].end(at: clock.microsSinceReceived(monotonic))
        // Nothing was asked of the provider, or it answered with an error, which none bills.
        if !one.wasSent || one.isWholeReply { row.attempts[one.index].cost = .zero }
        let waited = ending.reason == .hedgedAway && row.isStream ? one.waited(until: monotonic) : nil
        tell(one, ending, waited: waited, now)
    }

    private func tell(_ one: Try, _ ending: AttemptEnding, waited: Int64?, _ now: Int64) {
        one.isRecorded = true
        // A plain reply's first byte comes when all of it is written.
        let firstByte = row.isStream ? one.firstByteAfter : nil
        one.aim.details.state.record.withLock {
            $0.end(
                ending.outcome, firstByte: firstByte, wasProbe: one.isProbe, begunAt: one.begunAt,
                waited: waited, now: now, snapshot.config.health)
        }
        guard let credential = one.aim.credential else { return }
        let isOneOfSeveral = one.aim.upstream.credentials.count > 1
        let usage = row.usage
        let used = usage.input == nil ? nil : usage.limitedInput + usage.limitedOutput
        credential.state.record.withLock { record in
            record.end(estimated: one.estimatedTokens, used: used, now: now)
            // The only one there is keeps being asked where nothing says until when that is of no use.
            if let fault = ending.credentialFault,
                isOneOfSeveral || fault == .limited && ending.credentialUntil != nil
            {
                record.setAside(fault, until: ending.credentialUntil, now: now)
            }
        }
        if let fault = ending.credentialFault { logFault(fault, credential, one) }
    }

    /// Learns what the provider says that is left of a credential's limits.
    private func noteLimits(_ one: Try, _ head: ReplyHead, _ now: Int64) {
        guard one.aim.upstream.credentials.count > 1, let credential = one.aim.credential else { return }
        guard credential.state.record.withLock({ $0.answered(now: now) }),
            let limits = RateLimits.read(head, now: now)
        else { return }
        credential.state.record.withLock { $0.note(limits, now: now) }
    }

    private func logFault(_ fault: CredentialFault, _ credential: UpstreamCredential, _ one: Try) {
        let metadata: Logger.Metadata = [
            "provider": "\(one.aim.upstream.provider.name)", "credential": "\(credential.name)",
            "status": "\(one.head?.status ?? 0)", "request": "\(row.id)",
        ]
        switch fault {
        case .rejected: services.log.error("credential: the provider rejects it", metadata: metadata)
        case .outOfMoney:
            services.log.error(
                "credential: its account is out of money or over its spending limit", metadata: metadata)
        case .limited:
            services.log.info("credential: its rate limit is used up; it is set aside", metadata: metadata)
        }
    }

    /// What is said of a failed attempt where no target is left.
    func note(_ one: Try, _ verdict: AttemptVerdict, _ search: inout AimSearch) {
        let what: String
        switch one.end {
        case .failed(let error, _): what = String(error.message.drop { $0 == " " }.prefix(300)).withoutPeriod
        case .errorEvent: what = "began its stream with an error"
        case .reply, nil: what = "answered \(one.head?.status ?? 0)"
        }
        let until = verdict.credentialUntil ?? verdict.retryAfter.map { Clocks.wallMicros() + $0 }
        var target = name(of: one.aim.target)
        if one.aim.upstream.credentials.count > 1, let credential = one.aim.credential {
            target += " (credential \(credential.name))"
        }
        search.note(
            AimSearch.Finding(
                target: target, what: what, reason: verdict.reason ?? .upstreamFailed, until: until))
    }

    /// Makes an attempt's reply the one that the row tells of.
    func win(_ one: Try, _ verdict: AttemptVerdict?) {
        winner = one
        winnerVerdict = verdict
        connection = one.connection
        row.provider = one.aim.upstream.provider.name
        row.servedModel = one.aim.model.isEmpty ? nil : one.aim.model
        row.splices = one.splices
        if one.kind != .first { movePrompt(to: one.aim) }
        if verdict == nil { rememberResponse(one) }
        // A stream may go on for an hour; the target is tried as soon as it has begun well.
        if one.isProbe, verdict == nil { tellWinner(.good) }
    }

    /// Tells the records how the caller's answer ended.
    func settleWinner(_ state: Row.State) {
        guard winner != nil else { return }
        let outcome: TargetRecord.Outcome =
            switch state {
            case .settled: winnerVerdict?.outcome ?? .good
            // What the reply would have come to is not known: many leave because nothing more comes.
            case .aborted: winnerVerdict?.outcome ?? .neutral
            // An error that came behind a head sent early was judged already.
            case .upstreamBroke, .failed: winnerVerdict?.outcome ?? .bad
            case .refused, .crashed: .neutral
            }
        tellWinner(outcome)
    }

    private func tellWinner(_ outcome: TargetRecord.Outcome) {
        guard let one = winner else { return }
        guard !one.isRecorded else {
            if outcome == .bad, one.isProbe { noteLateFailure(one) }
            return
        }
        var ending = AttemptEnding(reason: .upstreamBroke)
        ending.outcome = outcome
        ending.credentialFault = winnerVerdict?.credentialFault
        ending.credentialUntil = winnerVerdict?.credentialUntil
        tell(one, ending, waited: nil, Clocks.wallMicros())
    }

    /// A probe's stream that began well broke off later.
    private func noteLateFailure(_ one: Try) {
        let now = Clocks.wallMicros()
        one.aim.details.state.record.withLock { $0.broke(now: now, snapshot.config.health) }
    }

    /// What may be sent twice.
    func repeatability(_ planned: Planned) -> Repeatability {
        guard isRepeatableBody else { return .never }
        switch endpoint {
        case .messages, .countTokens, .chatCompletions, .embeddings: return .anything
        case .responses:
            // The provider keeps what these make.
            guard let facts = planned.admitted.facts, !facts.hasServerHeldPrompt, let bytes = body.bytes
            else { return .refusedOnly }
            return bytes.withUnsafeReadableBytes { facts.runsInBackground($0) } ? .refusedOnly : .anything
        case .models, .anthropicOther, .openAIOther, .raw:
            return head.method == .GET || head.method == .HEAD ? .anything : .refusedOnly
        }
    }

    /// The request without what the provider refused of Weir's doing; `nil` where that is not the matter.
    func mend(_ planned: Planned, _ one: Try) -> Planned? {
        guard case .reply(isWhole: true) = one.end, let status = one.head?.status,
            status == 400 || status == 422
        else { return nil }
        if let unmarked = unmarked(planned, one.content) { return unmarked }
        return mendsSignatures(one.content, planned, upstream: one.aim.upstream) ? planned : nil
    }
}

extension Try {
    /// Microseconds from sending to the reply's first byte; `nil` where none came.
    var firstByteAfter: Int64? { firstByteAt > sentAt ? Int64(firstByteAt - sentAt) / 1000 : nil }

    /// Microseconds since sending, where no byte has come.
    func waited(until now: UInt64) -> Int64? {
        wasSent && firstByteAt <= sentAt && now > sentAt ? Int64(now - sentAt) / 1000 : nil
    }

    /// Its reply came to its end, with whatever status.
    var isWholeReply: Bool {
        switch end {
        case .reply(isWhole: true), .errorEvent: true
        case .reply(isWhole: false), .failed, nil: false
        }
    }
}

extension String {
    fileprivate var withoutPeriod: String { hasSuffix(".") ? String(dropLast()) : self }
}
