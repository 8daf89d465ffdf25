extension PrefixBook {
    /// True where no request of the conversation came after that one.
    ///
    /// - Parameter arrivedAt: Microseconds since 1970 of the request's arrival, as in its `Turn`.
    package func isLatest(_ conversation: UInt64, arrivedAt: Int64) -> Bool {
        byID[conversation].map { records[Int($0)].arrivedAt == arrivedAt } ?? false
    }

    /// Gives what the provider holds a new lifetime, after a refresh that read or wrote it.
    ///
    /// A refresh is no turn: it does not count as an arrival. Without effect where the conversation went on
    /// in the meantime.
    /// - Parameters:
    ///   - arrivedAt: Of the request that was sent again.
    ///   - moment: Microseconds since 1970 of the refresh.
    package mutating func refreshed(
        _ conversation: UInt64, arrivedAt: Int64, at moment: Int64, usage: Usage
    ) {
        guard isLatest(conversation, arrivedAt: arrivedAt), let slot = byID[conversation].map(Int.init)
        else { return }
        if usage.cacheReads + usage.cacheWrites > 0 {
            records[slot].held?.usedAt = moment
        } else {
            records[slot].held = nil
        }
    }
}
