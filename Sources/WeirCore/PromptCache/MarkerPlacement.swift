/// Where markers could go in one request, before anybody asks whether they pay.
package struct Candidates: Sendable, Equatable {
    /// In request order; never more than there are free slots.
    package var marks: [Candidate] = []
    /// Markers the provider takes besides the caller's.
    package var freeSlots = 0
    /// Why there are none; `nil` where there are some.
    package var reason: PromptCacheFigures.Decision?

    package init() {}
}

/// One place where a marker could go.
package struct Candidate: Sendable, Equatable {
    /// Index in `PromptLayout.blocks`.
    package var block: Int
    package var purpose: CacheMark.Purpose
    /// The only lifetime that fits, where the caller's markers leave no choice; else `nil`.
    package var ttl: CacheTTL?

    package init(block: Int, purpose: CacheMark.Purpose, ttl: CacheTTL? = nil) {
        self.block = block
        self.purpose = purpose
        self.ttl = ttl
    }
}

/// Finds the places for markers in requests of the Anthropic dialect.
///
/// Every index that comes out names a block that is markable and not marked.
package enum MarkerPlacement {
    /// The places, whatever they earn.
    ///
    /// A caller that marked nothing gets all of them; one that marks gets a bridge at most, where its own
    /// markers look back too little. `held` must describe blocks that are still the same in `layout`.
    /// `isSystemVolatile` says that the system prompt changes from request to request, so that a marker on
    /// the tools is worth its slot.
    package static func candidates(
        _ layout: PromptLayout, rules: CacheRules, held: HeldPrefix?, isSystemVolatile: Bool = false
    ) -> Candidates {
        var found = Candidates()
        guard layout.dialect == .anthropic, rules.maxMarkers > 0 else {
            found.reason = .unsupported
            return found
        }
        found.freeSlots = max(0, rules.maxMarkers - layout.callerMarkers)
        if layout.callerMarkers > 0 {
            addBridge(to: &found, layout, rules, held)
        } else {
            addAll(to: &found, layout, rules, held, isSystemVolatile)
        }
        return found
    }

    private static func addAll(
        to found: inout Candidates, _ layout: PromptLayout, _ rules: CacheRules, _ held: HeldPrefix?,
        _ isSystemVolatile: Bool
    ) {
        let system = layout.lastMarkable(at: .system)
        if system == nil || isSystemVolatile, let tools = layout.lastMarkable(at: .tools) {
            found.marks.append(Candidate(block: tools, purpose: .tools))
        }
        if let system { found.marks.append(Candidate(block: system, purpose: .system)) }
        if let end = layout.stableEnd {
            let markers = found.marks.map(\.block) + [end]
            if let bridge = BridgePlace(layout, rules, held).place(markers: markers) {
                found.marks.append(Candidate(block: bridge, purpose: .bridge))
            }
            found.marks.append(Candidate(block: end, purpose: .conversation))
        }
        // Fewer slots than places: what lies in front of another marker goes first, as that one covers it.
        for purpose in [CacheMark.Purpose.tools, .system, .bridge] where found.marks.count > found.freeSlots {
            found.marks.removeAll { $0.purpose == purpose }
        }
        if found.marks.isEmpty { found.reason = .noPlace }
    }

    private static func addBridge(
        to found: inout Candidates, _ layout: PromptLayout, _ rules: CacheRules, _ held: HeldPrefix?
    ) {
        let markers = layout.markers.map(\.block)
        guard let bridge = BridgePlace(layout, rules, held).place(markers: markers),
            let next = layout.markers.first(where: { $0.block > bridge })
        else {
            found.reason = .callerMarked
            return
        }
        guard found.freeSlots > 0 else {
            found.reason = .noSlot
            return
        }
        let mark = CacheMark(block: bridge, ttl: next.ttl, purpose: .bridge)
        guard respectsOrder(layout, [mark]) else {
            found.reason = .noPlace
            return
        }
        found.marks = [Candidate(block: bridge, purpose: .bridge, ttl: next.ttl)]
    }
}

/// Works out whether a turn is wider than markers look back, and where a marker makes up for it.
///
/// The provider may count a run of tool calls as one position; here each block counts, because a bridge that
/// was not needed costs nothing and one that is missing costs the conversation's whole cache.
private struct BridgePlace {
    private let layout: PromptLayout
    private let lookBack: Int?
    private let held: HeldPrefix?

    init(_ layout: PromptLayout, _ rules: CacheRules, _ held: HeldPrefix?) {
        self.layout = layout
        lookBack = rules.lookBack
        self.held = held
    }

    /// A place from which the last entry is seen, where none of the markers sees it; `markers` ascend.
    func place(markers: [Int]) -> Int? {
        guard let lookBack, lookBack > 0, let last = markers.last else { return nil }
        if let entry = held?.entries.last(where: { $0 > 0 && $0 - 1 <= last }) {
            return place(entry: entry - 1, markers, lookBack)
        }
        guard let start = layout.lastAssistantStart,
            let before = layout.blocks[..<start].lastIndex(where: { $0.level == .messages && $0.isMarkable })
        else { return nil }
        // A caller that marks the message before the assistant's keeps its last entry in sight itself.
        let item = layout.blocks[before].item
        let isKept = markers.contains {
            $0 < start && layout.blocks[$0].level == .messages && layout.blocks[$0].item >= item
        }
        return isKept ? nil : place(entry: before, markers, lookBack)
    }

    private func place(entry: Int, _ markers: [Int], _ lookBack: Int) -> Int? {
        let reach = entry..<entry + lookBack
        guard let next = markers.first(where: { $0 >= entry }), !reach.contains(next) else { return nil }
        // Markers of the caller's in places that are no block lie behind all blocks.
        let places = reach.clamped(to: entry..<next).clamped(to: layout.blocks.indices)
        return layout.blocks[places].firstIndex(where: \.isMarkable)
    }
}

extension PromptLayout {
    /// The last block of that level that takes a marker.
    fileprivate func lastMarkable(at level: PromptBlock.Level) -> Int? {
        blocks.lastIndex { $0.level == level && $0.isMarkable }
    }

    /// The last block of the conversation that takes a marker and that the next request will repeat.
    ///
    /// An assistant message at the very end is a beginning that the reply goes on with: it comes back longer.
    fileprivate var stableEnd: Int? {
        var end = blocks.count
        if let start = lastAssistantStart, let last = blocks.last, last.role == .assistant { end = start }
        return blocks[..<end].lastIndex { $0.level == .messages && $0.isMarkable }
    }
}
