import Synchronization
import WeirCore

/// The prefix book of the process, shared by all event loops.
///
/// Each call holds the lock for microseconds: the book is in memory and bounded.
final class PromptMemory: Sendable {
    private let book = Mutex(PrefixBook())

    func arrive(
        _ layout: PromptLayout, _ bytes: UnsafeRawBufferPointer, from source: ConversationSource,
        rules: CacheRules?, now: Int64
    ) -> Turn {
        book.withLock { $0.arrive(layout, bytes, from: source, rules: rules, now: now) }
    }

    func answered(_ sent: SentPrompt, usage: Usage, rules: CacheRules?) {
        book.withLock { $0.answered(sent, usage: usage, rules: rules) }
    }

    /// True where nothing came of the conversation since that request.
    func isLatest(_ conversation: UInt64, arrivedAt: Int64) -> Bool {
        book.withLock { $0.isLatest(conversation, arrivedAt: arrivedAt) }
    }

    func refreshed(_ conversation: UInt64, arrivedAt: Int64, at moment: Int64, usage: Usage) {
        book.withLock { $0.refreshed(conversation, arrivedAt: arrivedAt, at: moment, usage: usage) }
    }

    func markingRefused(_ turn: Turn) {
        book.withLock { $0.markingRefused(turn.markingKey) }
    }
}

/// How prompts of one model are cached at one provider, and what that costs.
struct CacheTerms: Sendable {
    let rules: CacheRules?
    let prices: CachePrices?
}

/// Terms that were looked up, for one loop and one configuration.
struct CacheTermsTable {
    private struct Key: Hashable {
        let model: String
        let provider: Int
    }

    /// Model names are the caller's text, so the table starts anew when it has this many.
    private static let limit = 256
    private var snapshot: ObjectIdentifier?
    private var terms: [Key: CacheTerms] = [:]

    mutating func find(model: String, provider: Int, _ snapshot: Snapshot) -> CacheTerms {
        if self.snapshot != ObjectIdentifier(snapshot) || terms.count >= Self.limit {
            self.snapshot = ObjectIdentifier(snapshot)
            terms = [:]
        }
        let key = Key(model: model, provider: provider)
        if let known = terms[key] { return known }
        let name = snapshot.upstreams[provider].provider.name
        let found = CacheTerms(
            rules: snapshot.catalogue.cacheRules(model: model, provider: name),
            prices: snapshot.pricing.cachePrices(model: model, provider: name))
        terms[key] = found
        return found
    }
}
