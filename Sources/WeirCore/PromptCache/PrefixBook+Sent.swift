/// What must be known of a request when its reply ends; a few words, so that a long stream holds no layout.
package struct SentPrompt: Sendable {
    package var conversation: UInt64
    /// Blocks and bytes of blocks of the prompt.
    package var blocks: Int
    package var bytes: Int
    /// Blocks up to each marker of the request as it was sent, the caller's and Weir's, ascending.
    package var entries: [Int]
    /// Lifetime that the deepest of them asks for.
    package var ttl: CacheTTL
    package var model: String
    package var account: UInt64
    /// Microseconds since 1970 of the request's start.
    package var startedAt: Int64
    /// True where the provider caches by itself and was told to keep marked prefixes only.
    package var isExplicit = false
    /// Under what the reads of this request count (`Turn.implicitKey`); `nil` where they are not of interest.
    var implicitKey: UInt64?
    /// Bytes of the blocks it shares with others of its fingerprint.
    var sharedBytes = 0
    /// The deepest entry the provider held when the request came that lies in the common prefix: its blocks
    /// and bytes; 0 for none.
    var provenBlocks = 0
    var provenBytes = 0
    /// Blocks from the proven entry to the nearest marker at or behind it; `nil` without such a marker.
    var distance: Int?
    /// Bytes of the request's blocks up to each of `entries`.
    private var entryBytes: [Int] = []

    /// - Parameters:
    ///   - markers: Indices in `layout.blocks` of all blocks that were sent with a marker.
    ///   - ttl: Lifetime the deepest of them asks for.
    package init(
        _ turn: Turn, layout: PromptLayout, markers: [Int], ttl: CacheTTL, source: ConversationSource
    ) {
        conversation = turn.conversation
        blocks = layout.blocks.count
        self.ttl = ttl
        model = source.model
        account = source.account
        startedAt = turn.arrivedAt
        let ends = Set(markers.filter { layout.blocks.indices.contains($0) }.map { $0 + 1 }).sorted()
        entries = Array(ends.suffix(8))
        if turn.implicitUse != nil { implicitKey = turn.implicitKey }
        let shared = turn.isImplicitKeyOwn ? layout.staticCount : 0
        let proven = turn.held?.entries.last { $0 <= turn.commonBlocks } ?? 0
        var sum = 0
        for (i, block) in layout.blocks.enumerated() {
            sum &+= block.range.count
            if i + 1 == proven { provenBytes = sum }
            if i + 1 == shared { sharedBytes = sum }
            if entryBytes.count < entries.count, entries[entryBytes.count] == i + 1 { entryBytes.append(sum) }
        }
        bytes = sum
        provenBlocks = proven
        noteDistance()
    }

    /// The same prompt sent with some of its markers only: those at the ends of `kept`.
    package func keeping(_ kept: [Int], ttl: CacheTTL) -> SentPrompt {
        var sent = self
        let places = entries.indices.filter { kept.contains(entries[$0]) }
        sent.entries = places.map { entries[$0] }
        sent.entryBytes = places.map { entryBytes[$0] }
        sent.ttl = ttl
        sent.isExplicit = false
        sent.noteDistance()
        return sent
    }

    private mutating func noteDistance() {
        distance = provenBlocks > 0 ? entries.first { $0 >= provenBlocks }.map { $0 - provenBlocks } : nil
    }

    /// Bytes up to the deepest entry within the first `blocks` blocks; 0 for none.
    func bytes(within blocks: Int) -> Int {
        entries.lastIndex { $0 <= blocks }.map { entryBytes[$0] } ?? 0
    }
}
