/// Signed blocks taken out of one request, because its target would refuse them; the caller's transcript
/// still has them.
package struct Parking: Sendable, Equatable {
    /// None overlaps another.
    package private(set) var splices: [Splice] = []
    /// Indices in `SignedBlocks.hashes` of the blocks that are out.
    package private(set) var blocks: [Int] = []
    /// True where the request goes without thinking, since its turn no longer begins with a thinking block.
    package private(set) var turnsThinkingOff = false

    /// Which blocks go.
    package enum Extent: Sendable, Equatable {
        /// Those that are known to be foreign to the target.
        case foreign
        /// All that the target is not known to have minted.
        case notOwn
        case all
    }

    package init() {}
}

extension SignedBlocks {
    /// What to change in the request so that a signer takes it.
    ///
    /// A message is one reply of one provider: of one with a block to park all signed blocks go. Where that
    /// leaves a message without content the message goes, too, or, where it is the only one, gets a block of
    /// text. The same transcript and standings always give the same splices. `facts` and `bytes` are those
    /// these blocks were read from.
    ///
    /// - Parameters:
    ///   - standings: Of `hashes`, one each.
    ///   - expectsThinking: The target said that the turn has to begin with a thinking block.
    package func parking(
        _ standings: [Signer.Standing], _ extent: Parking.Extent, expectsThinking: Bool = false,
        _ facts: RequestFacts, _ bytes: UnsafeRawBufferPointer
    ) -> Parking {
        guard standings.count == hashes.count else { return Parking() }
        let goes = standings.map { standing in
            switch extent {
            case .foreign: standing == .foreign
            case .notOwn: standing != .own
            case .all: true
            }
        }
        return dialect == .anthropic
            ? messageParking(goes, expectsThinking: expectsThinking, facts, bytes) : itemParking(goes)
    }

    /// Reasoning items stand for themselves. An input of nothing else stays as it is.
    private func itemParking(_ goes: [Bool]) -> Parking {
        var parking = Parking()
        let chosen = goes.indices.filter { goes[$0] }
        guard chosen.count < itemCount else { return parking }
        parking.take(chosen, ListPlace.removals(chosen.map { places[$0] }))
        return parking
    }

    private func messageParking(
        _ goes: [Bool], expectsThinking: Bool, _ facts: RequestFacts, _ bytes: UnsafeRawBufferPointer
    ) -> Parking {
        var parking = Parking()
        var chosen = messages.filter { $0.blocks.contains { goes[$0] } }
        if let openTurn, expectsThinking || chosen.contains(where: { leads($0, in: openTurn) }),
            let off = ThinkingOff.splices(facts, bytes)
        {
            // Without thinking, the turn may have no thinking block at all.
            chosen = messages.filter { $0.place.index >= openTurn || $0.blocks.contains { goes[$0] } }
            parking.turnThinkingOff(off)
        }
        let emptied = chosen.filter { $0.partCount == $0.blocks.count }
        let rest = chosen.filter { $0.partCount != $0.blocks.count }
        for message in rest {
            parking.take(Array(message.blocks), ListPlace.removals(places[message.blocks]))
        }
        if emptied.count == itemCount {
            for message in emptied { parking.replace(message) }
        } else {
            parking.take(emptied.flatMap(\.blocks), ListPlace.removals(emptied.map(\.place)))
        }
        return parking
    }
}

extension SignedBlocks {
    /// True for a message of the open turn that begins with a thinking block.
    private func leads(_ message: Message, in openTurn: Int) -> Bool {
        message.place.index >= openTurn && places[message.blocks.lowerBound].index == 0
    }
}

extension Parking {
    fileprivate mutating func take(_ chosen: [Int], _ ranges: [Range<Int>]) {
        blocks += chosen
        splices += ranges.map { Splice(range: $0, bytes: [], rule: .parkedSignature) }
    }

    /// A message may not be empty, nor its text.
    fileprivate mutating func replace(_ message: SignedBlocks.Message) {
        blocks += message.blocks
        splices.append(
            Splice(
                range: message.content, bytes: Array(#"[{"type":"text","text":"(no text)"}]"#.utf8),
                rule: .parkedSignature))
    }

    fileprivate mutating func turnThinkingOff(_ off: [Splice]) {
        turnsThinkingOff = true
        splices += off
    }
}
