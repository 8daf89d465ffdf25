/// Turns whose prefix was broken and whose reply has not told yet what that cost.
///
/// A provider that is overloaded refuses such a turn, and it comes again as it was: compared with the refused
/// one nothing changed, and the loss would have no price. At most 1,024 turns; then the table starts anew.
struct UnansweredBreaks: Sendable {
    private static let limit = 1024
    private var turns: [UInt64: Turn] = [:]

    /// Notes a broken turn; a repetition of one that is noted takes over what it said.
    mutating func carry(_ turn: inout Turn, isWhole: Bool) {
        switch turn.relation {
        case .broken:
            if turns.count >= Self.limit { turns = [:] }
            turns[turn.conversation] = turn
        case .same:
            guard isWhole, let earlier = turns[turn.conversation] else { return }
            turn.relation = .broken
            turn.commonBlocks = earlier.commonBlocks
            turn.commonBytes = earlier.commonBytes
            turn.held = earlier.held
            turn.change = earlier.change
        case .new, .extended: answered(turn.conversation)
        }
    }

    mutating func answered(_ conversation: UInt64) {
        if !turns.isEmpty { turns[conversation] = nil }
    }
}
