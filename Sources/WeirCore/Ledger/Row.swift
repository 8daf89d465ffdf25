/// One request in the ledger, with its attempts. Written once, when the exchange ends on whatever path.
package struct Row: Sendable, Equatable {
    /// Position in the ledger, from 1, without gaps; 0 until the journal has given one.
    package var sequence: UInt64 = 0
    /// `x-weir-request-id`: "req_" and 32 lower-case hexadecimal digits, the first 12 the time in milliseconds.
    package var id = ""
    package var state = State.settled
    /// Reason of Weir's own error, if it made one.
    package var reason: WeirError.Reason?

    /// Wall-clock microseconds since 1970.
    package var receivedAt: Int64 = 0
    /// Microseconds from receipt to the first byte of the reply; `nil` when there was none.
    package var firstByteAfter: Int64?
    /// Microseconds from receipt to settlement.
    package var settledAfter: Int64 = 0
    /// Microseconds spent in Weir and not waiting for the provider.
    package var overhead: Int64 = 0

    /// Caller key id ("key_…"), or "cred_" and a hash where the caller's own credential passed through.
    package var caller: String?
    package var project: String?
    package var endpoint = Endpoint.messages
    package var requestedModel: String?
    package var servedModel: String?
    package var provider: String?
    package var isStream = false
    /// HTTP status the caller got.
    package var status = 0

    /// Of the attempt that served the request; the others have their own.
    package var usage = Usage()
    package var usageSource = UsageSource.none
    /// What all attempts cost together; `nil` when a price or a count of one is unknown.
    package var cost: Money?

    package var session: String?
    package var agent: String?
    package var parentAgent: String?
    /// `x-weir-tags`, as sent.
    package var tags: String?
    package var userAgent: String?

    package var bytesIn: Int64 = 0
    package var bytesOut: Int64 = 0
    /// 64-bit hash of the system prompt's bytes; `nil` when there is none.
    package var systemHash: UInt64?
    /// 64-bit hash of the tool list's bytes; `nil` when there is none.
    package var toolsHash: UInt64?
    /// Names of the rules that changed bytes of the request, comma separated: "model,include_usage".
    package var splices: String?
    /// True where the request body had a top-level member twice (the last one wins).
    package var hadDuplicateMembers = false

    /// `nil` where the request has no prompt, or prompt caches are off.
    package var promptCache: PromptCacheFigures?
    /// `nil` where no response cache was asked.
    package var responseCache: ResponseCacheFigures?
    /// At most one for each source.
    package var savings: [Saving] = []

    /// In the order in which they began, numbered from 1 without gaps.
    package var attempts: [Attempt] = []

    package init() {}

    package enum State: String, Sendable, Codable, CaseIterable {
        /// Answered; the reply reached its end.
        case settled
        /// The caller left before the end.
        case aborted
        /// Weir refused it: no key, not allowed, malformed, too large.
        case refused
        /// No attempt gave a reply.
        case failed
        /// The provider's reply broke off after bytes of it had been passed on.
        case upstreamBroke = "upstream_broke"
        /// Weir itself ended (killed, power loss) while the request was open.
        case crashed
    }

    /// One try at one target.
    package struct Attempt: Sendable, Equatable {
        /// From 1.
        package var number = 1
        package var kind = Kind.first
        package var provider = ""
        package var model: String?
        /// Name of the provider's credential that it went out with; `nil` where the provider has only one, or
        /// the caller's own passed through.
        package var credential: String?
        /// Microseconds from the request's receipt to the start of this attempt.
        package var startedAfter: Int64 = 0
        /// Microseconds from its start to the provider's reply head; `nil` when none came.
        package var headAfter: Int64?
        /// Microseconds from its start to its end.
        package var endedAfter: Int64 = 0
        /// The provider's HTTP status, if it answered.
        package var status: Int?
        package var reason: WeirError.Reason?
        /// The provider's own request id (`request-id`, `x-request-id`).
        package var upstreamRequestID: String?
        /// True when it went out on a connection that had served before.
        package var reusedConnection = false
        package var usage = Usage()
        package var usageSource = UsageSource.none
        /// `nil` when a price or a count is unknown, and where the provider gave no reply to pay for.
        package var cost: Money?
        /// Signed blocks of another provider that were left out of what it was sent.
        package var parked = 0

        package init() {}

        /// Why an attempt was made.
        package enum Kind: String, Sendable, Codable, CaseIterable {
            case first
            /// The same target and credential again.
            case retry
            /// Another target, or another credential of the same.
            case failover
            /// Beside an attempt that was slow to answer.
            case hedge
            /// The same target, without something that it refused.
            case mended
            /// A new message after one that broke off in its middle.
            case restart
        }
    }
}
