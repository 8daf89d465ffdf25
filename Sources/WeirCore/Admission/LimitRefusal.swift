/// Why a request has to wait for one of Weir's own limits.
package struct LimitRefusal: Sendable, Equatable {
    package enum Limit: String, Sendable, CaseIterable { case requests, tokens, concurrent, counts }

    /// Whose limit it is.
    package enum Wall: Sendable, Equatable {
        case caller
        case project(String)
        /// The caller's at a model.
        case model(String)
    }

    package var wall = Wall.caller
    package let limit: Limit
    /// Units a minute; of `concurrent`, at one time.
    package let allowed: Int
    /// Units that may come at once.
    package let atOnce: Int
    package let used: Int
    /// Units that this request asks for.
    package let needs: Int
    /// Microseconds until there is room; `nil` where that hangs on other requests' ends.
    package let wait: Int64?

    package init(limit: Limit, allowed: Int, atOnce: Int, used: Int, needs: Int, wait: Int64?) {
        self.limit = limit
        self.allowed = allowed
        self.atOnce = atOnce
        self.used = used
        self.needs = needs
        self.wait = wait
    }

    /// Of two the one that takes longer; one of unknown length counts as a second.
    static func longer(_ one: LimitRefusal?, _ other: LimitRefusal?) -> LimitRefusal? {
        guard let one, let other else { return one ?? other }
        return other.retryAfter > one.retryAfter ? other : one
    }

    /// Microseconds after which to try again.
    package var retryAfter: Int64 { wait ?? 1_000_000 }

    /// Whole seconds after which to try again, rounded up.
    package var retryAfterSeconds: Int { Int((retryAfter + 999_999) / 1_000_000) }

    /// The error for the caller.
    ///
    /// - Parameter caller: names it at the beginning of a sentence: `The key "alice"`.
    package func error(caller: String) -> WeirError {
        WeirError(.callerLimited, message(caller: caller), retryAfterSeconds: retryAfterSeconds)
    }

    private func message(caller: String) -> String {
        let (subject, place) =
            switch wall {
            case .caller: (caller, "")
            case .project(let name): ("The project \"\(name.prefix(64))\"", "")
            case .model(let name): (caller, " for the model \"\(name.prefix(200))\"")
            }
        let bound = allowed == atOnce ? "" : " (\(atOnce) at once)"
        let until = "There is room for this request in \(Self.words(seconds: retryAfterSeconds))."
        switch limit {
        case .requests:
            return
                "\(subject) is at its limit of \(allowed) requests a minute\(bound)\(place): \(used) are used. \(until)"
        case .tokens:
            return
                "\(subject) is at its limit of \(allowed) tokens a minute\(place): \(used) are used, and this request may need \(needs). \(until)"
        case .concurrent:
            return
                "\(subject) is at its limit of \(allowed) requests at one time\(place): \(used) are open. There is room when one of them has ended."
        case .counts:
            return
                "\(subject) is at its limit of \(allowed) token counts and model lists a minute\(bound)\(place): \(used) are used. \(until)"
        }
    }

    /// "90 s", "3 min", "2 h", rounded up.
    private static func words(seconds: Int) -> String {
        if seconds <= 120 { return "\(seconds) s" }
        if seconds <= 7200 { return "\((seconds + 59) / 60) min" }
        return "\((seconds + 3599) / 3600) h"
    }
}
