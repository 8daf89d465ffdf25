import Synchronization
import WeirCore

/// What callers have used of their limits: one for the process, shared by all event loops, kept over reloads.
///
/// Each call holds the lock for less than a microsecond.
final class Allowances: Sendable {
    private let book = Mutex(AllowanceBook())

    func admit(
        _ demand: CallerAllowance.Demand, of caller: String, model: String?, _ terms: CallerTerms, now: Int64
    ) -> LimitDecision {
        book.withLock { $0.admit(demand, of: caller, model: model, terms, now: now) }
    }

    func settle(_ hold: AllowanceHold, input: Int?, output: Int, teaches: Bool, now: Int64) -> LimitFigures {
        book.withLock { $0.settle(hold, input: input, output: output, teaches: teaches, now: now) }
    }

    func figures(of hold: AllowanceHold, now: Int64) -> LimitFigures {
        book.withLock { $0.figures(of: hold, now: now) }
    }
}
