/// How a request's prompt relates to the one its conversation sent before.
package enum PrefixRelation: String, Sendable, CaseIterable {
    /// No earlier request of this conversation is known.
    case new
    /// Nothing was added: a repetition.
    case same
    /// The earlier prompt is a prefix of this one.
    case extended
    /// Something in the earlier prompt changed.
    case broken
}

/// Who sends a request, as far as it tells conversations apart.
package struct ConversationSource: Sendable {
    /// Hash of what walls callers off from each other: project or caller.
    package var scope: UInt64
    /// `x-claude-code-session-id` or `x-weir-session`.
    package var session: String?
    package var agent: String?
    package var model: String
    package var provider: String
    /// Where the provider bills and caches: provider and credential, hashed; caches are per account.
    package var account: UInt64

    package init(
        scope: UInt64, session: String?, agent: String?, model: String, provider: String, account: UInt64
    ) {
        self.scope = scope
        self.session = session
        self.agent = agent
        self.model = model
        self.provider = provider
        self.account = account
    }
}

/// What is known of a request's conversation when the request arrives.
package struct Turn: Sendable {
    /// Stable over the conversation, whatever happens to its system prompt and tools.
    package var conversation: UInt64
    /// Hash of system prompt and tools.
    package var fingerprint: UInt64
    package var relation: PrefixRelation
    /// The longest common prefix with the prompt sent before, in whole blocks and in bytes of the request.
    package var commonBlocks = 0
    package var commonBytes = 0
    /// Microseconds since 1970 of this and the previous arrival; `nil` without a previous one.
    package var arrivedAt: Int64
    package var previousAt: Int64?
    /// What the provider was last known to hold of this conversation; `nil` when nothing.
    package var held: HeldPrefix?
    /// What changed, where `relation` is broken; also where only a parameter changed.
    package var change: PromptChange?
    /// Estimated chances that the conversation, and the fingerprint, come again in time.
    package var conversationReuse: ReuseEstimate
    package var fingerprintReuse: ReuseEstimate
    /// For a conversation's first request to a provider that may cache by itself: what is known of the reads
    /// of others like it; `nil` for all others.
    package var implicitUse: ImplicitUse?
    /// What `implicitUse` is counted under.
    var implicitKey: UInt64 = 0
    /// True where that is the fingerprint's own key, so that reads of the static beginning do not count.
    var isImplicitKeyOwn = false
    /// Of the fingerprint, the caller, the provider and the model: what a refusal of Weir's markers is kept
    /// under.
    package var markingKey: UInt64 = 0
    /// True where that provider refused markers of Weir's in such a prompt of this caller's.
    package var isMarkingRefused = false
    /// Bytes of prompt blocks per token, from this conversation's last usage; 4 until there is one.
    package var bytesPerToken = 4.0

    package init(
        conversation: UInt64, fingerprint: UInt64, relation: PrefixRelation, arrivedAt: Int64,
        conversationReuse: ReuseEstimate, fingerprintReuse: ReuseEstimate
    ) {
        self.conversation = conversation
        self.fingerprint = fingerprint
        self.relation = relation
        self.arrivedAt = arrivedAt
        self.conversationReuse = conversationReuse
        self.fingerprintReuse = fingerprintReuse
    }
}

/// What a provider holds of a conversation, by the last reply.
package struct HeldPrefix: Sendable, Equatable {
    /// Blocks up to the deepest marker that was written or read.
    package var blocks: Int
    /// Blocks up to each marker of that request, ascending: where entries end.
    package var entries: [Int]
    /// Tokens the provider said it read and wrote.
    package var tokens: Int
    package var ttl: CacheTTL
    /// Microseconds since 1970 of the request that wrote or read it; the lifetime counts from there.
    package var usedAt: Int64
    package var model: String
    package var account: UInt64

    package init(
        blocks: Int, entries: [Int], tokens: Int, ttl: CacheTTL, usedAt: Int64, model: String, account: UInt64
    ) {
        self.blocks = blocks
        self.entries = entries
        self.tokens = tokens
        self.ttl = ttl
        self.usedAt = usedAt
        self.model = model
        self.account = account
    }
}

/// Chances, from 0 to 1, that the same prefix comes again before an entry of each lifetime is gone.
package struct ReuseEstimate: Sendable, Equatable {
    package var withinShort: Double
    package var withinLong: Double
    /// Times between two arrivals that stand behind it, at most 63; with 0 it is the prior alone.
    package var observations = 0

    package init(withinShort: Double, withinLong: Double, observations: Int = 0) {
        self.withinShort = withinShort
        self.withinLong = withinLong
        self.observations = observations
    }
}

/// Where and how a prompt differs from the one sent before.
package struct PromptChange: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A date or time of day.
        case timestamp
        /// A UUID or another random token.
        case randomToken = "random_token"
        /// A number that counts.
        case counter
        case reorderedTools = "reordered_tools"
        /// Tools came or went.
        case changedTools = "changed_tools"
        case whitespace
        /// Other text in the same place.
        case editedText = "edited_text"
        /// Messages were taken out or replaced (compaction, a rewind).
        case rewrittenHistory = "rewritten_history"
        case markerMoved = "marker_moved"
        case model
        /// Thinking, tool choice, effort or another member that is part of the key.
        case parameter
        /// Another provider or account served the turn before.
        case provider
        case ttlElapsed = "ttl_elapsed"
        case belowMinimum = "below_minimum"
        /// The prefix was proven and alive, and the provider read less.
        case evictionSuspected = "eviction_suspected"
        /// More blocks came than a marker looks back over.
        case lookBackExceeded = "look_back_exceeded"
    }

    package var kind: Kind
    /// `tools[3].description`, `system[1]`, `messages[17].content[0]`; `nil` where no place is to blame.
    package var path: String?
    /// Bytes from the start of the request's body.
    package var offset: Int?

    package init(kind: Kind, path: String?, offset: Int?) {
        self.kind = kind
        self.path = path
        self.offset = offset
    }
}

/// A marker that Weir puts, or in `observe` mode would put.
package struct CacheMark: Sendable, Equatable {
    package enum Purpose: String, Sendable {
        case tools, system, conversation
        /// Makes up for a turn that is wider than the look-back.
        case bridge
    }

    /// Index in `PromptLayout.blocks`.
    package var block: Int
    package var ttl: CacheTTL
    package var purpose: Purpose

    package init(block: Int, ttl: CacheTTL, purpose: Purpose) {
        self.block = block
        self.ttl = ttl
        self.purpose = purpose
    }
}
