/// How a target stands at one moment.
package struct TargetStanding: Sendable, Equatable {
    /// What the breaker does.
    package enum State: String, Sendable, CaseIterable {
        /// Every request may go there.
        case admitting
        /// None may, for some time.
        case refusing
        /// One at a time may, to find out whether it is well again.
        case probing
    }

    package var state = State.admitting
    /// Its weight in percent by the share of good outcomes: 100 without history, 0 while not admitting.
    package var weightPercent = 100
    /// When asking again makes sense, where the breaker refuses and no probe may go; microseconds since 1970.
    package var refusedUntil: Int64?
    /// True where the next request may go there as a probe.
    package var wantsProbe = false
    /// Attempts sent whose end is not known.
    package var open = 0
    /// Decaying mean of the times to the first byte, in microseconds; `nil` without any.
    package var firstByteMean: Int64?
    /// Their 95th percentile; `nil` below 20 samples.
    package var firstByteP95: Int64?

    package init() {}
}
