extension MarkerPlacement {
    /// True when no shorter lifetime stands in front of a longer one, the caller's markers and these
    /// together.
    package static func respectsOrder(_ layout: PromptLayout, _ marks: [CacheMark]) -> Bool {
        var all = layout.markers.map { (place: 2 * $0.block + ($0.isNested ? 0 : 1), ttl: $0.ttl) }
        all += marks.map { (place: 2 * $0.block + 1, ttl: $0.ttl) }
        all.sort { $0.place < $1.place }
        return zip(all, all.dropFirst()).allSatisfy { $0.ttl.rawValue >= $1.ttl.rawValue }
    }

    /// These marks with lifetimes that fit each other and the caller's markers, in request order.
    ///
    /// The caller's decide: behind a short one of theirs all are short, in front of a long one all are long,
    /// and a mark between the two is left out. Elsewhere a mark in front of a long one becomes long, as an
    /// entry that is to live for long holds what stands before it.
    package static func ordered(_ layout: PromptLayout, _ marks: [CacheMark]) -> [CacheMark] {
        var out: [CacheMark] = []
        var isLongBehind = false
        for mark in marks.sorted(by: { $0.block > $1.block }) {
            var mark = mark
            let mustBeShort = layout.markers.contains { $0.ttl == .short && isBefore($0, mark) }
            let mustBeLong = layout.markers.contains { $0.ttl == .long && !isBefore($0, mark) }
            if mustBeShort && mustBeLong { continue }
            if mustBeShort {
                mark.ttl = .short
            } else if mustBeLong || isLongBehind {
                mark.ttl = .long
            }
            if mark.ttl == .long { isLongBehind = true }
            out.append(mark)
        }
        return out.reversed()
    }

    private static func isBefore(_ marker: CallerMarker, _ mark: CacheMark) -> Bool {
        marker.block < mark.block || marker.block == mark.block && marker.isNested
    }
}
