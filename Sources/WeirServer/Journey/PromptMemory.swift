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
