/// A byte range of a text replaced by other bytes, with the rule that says so.
package struct Splice: Sendable, Equatable {
    /// Why bytes were changed; the raw value is the word on the row.
    package enum Rule: String, Sendable, CaseIterable {
        /// The model's name under an alias.
        case model
        /// `stream_options.include_usage`, so that a Chat stream can be metered.
        case includeUsage = "include_usage"
        /// An absolute URL of the provider that SDKs follow.
        case resultsURL = "results_url"
        /// A `cache_control` on a block, or `prompt_cache_options`, so that a provider caches the prompt.
        case promptCache = "prompt_cache"
        /// `prompt_cache_key`, so that one conversation reaches one cache.
        case promptCacheKey = "prompt_cache_key"
        /// `max_tokens` and `stream` of a request that is sent again to refresh its cache entry.
        case keepWarm = "keep_warm"
        /// Thinking blocks or reasoning items that another provider signed.
        case parkedSignature = "parked_signature"
        /// `thinking` of type `enabled`, in a turn whose first thinking block is parked.
        case thinkingOff = "thinking_off"
    }

    /// The bytes that go; empty for an insertion in front of that offset.
    package let range: Range<Int>
    /// The bytes that come.
    package let bytes: [UInt8]
    package let rule: Rule

    package init(range: Range<Int>, bytes: [UInt8], rule: Rule) {
        self.range = range
        self.bytes = bytes
        self.rule = rule
    }
}

/// Splices of one text, by offset, none overlapping another.
package struct SpliceList: Sendable, Equatable {
    package private(set) var splices: [Splice] = []

    package init() {}

    /// `nil` when two of them overlap.
    package init?(_ splices: [Splice]) {
        for splice in splices where !insert(splice) { return nil }
    }

    /// Adds one; false, and no change, when it overlaps one that is there.
    ///
    /// Insertions at the same offset keep the order in which they were added.
    package mutating func insert(_ splice: Splice) -> Bool {
        let place = splices.firstIndex { $0.range.lowerBound > splice.range.lowerBound } ?? splices.count
        var before = place
        // An insertion goes in front of a replacement that starts at the same offset.
        if splice.range.isEmpty, before > 0 {
            let last = splices[before - 1].range
            if last.lowerBound == splice.range.lowerBound, !last.isEmpty { before -= 1 }
        }
        if before > 0, splices[before - 1].range.upperBound > splice.range.lowerBound { return false }
        if before < splices.count, splices[before].range.lowerBound < splice.range.upperBound { return false }
        splices.insert(splice, at: before)
        return true
    }

    package var isEmpty: Bool { splices.isEmpty }

    /// How many bytes the text grows by; negative when it shrinks.
    package var byteCountChange: Int { splices.reduce(0) { $0 + $1.bytes.count - $1.range.count } }

    /// The rules at work, each once, in the order of their first splice.
    package var rules: [Splice.Rule] {
        splices.reduce(into: []) { if !$0.contains($1.rule) { $0.append($1.rule) } }
    }

    /// Calls `keep` with each range of the text that stays and `insert` with each piece that comes, in order.
    ///
    /// No empty range or piece is passed. Splices must lie within the `bodyCount` bytes of the text.
    package func forEachSegment(
        bodyCount: Int, keep: (Range<Int>) -> Void, insert: ([UInt8]) -> Void
    ) {
        var kept = 0
        for splice in splices {
            precondition(splice.range.upperBound <= bodyCount, "A splice belongs to another, longer text.")
            if kept < splice.range.lowerBound { keep(kept..<splice.range.lowerBound) }
            if !splice.bytes.isEmpty { insert(splice.bytes) }
            kept = splice.range.upperBound
        }
        if kept < bodyCount { keep(kept..<bodyCount) }
    }

    /// The text with all splices made, in one copy.
    package func applied(to bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(max(0, bytes.count + byteCountChange))
        forEachSegment(
            bodyCount: bytes.count,
            keep: { out.append(contentsOf: bytes[$0]) },
            insert: { out.append(contentsOf: $0) })
        return out
    }
}
