import NIOCore
import NIOPosix
import WeirCore

/// The event loops of the data plane and what each owns.
final class LoopSet: Sendable {
    let group: MultiThreadedEventLoopGroup
    private let states: [LoopState]

    init(threads: Int, snapshot: Snapshot) {
        let count = threads > 0 ? threads : System.coreCount
        group = MultiThreadedEventLoopGroup(numberOfThreads: count)
        var states: [LoopState] = []
        for loop in group.makeIterator() {
            states.append(LoopState(loop: loop, loopCount: count, snapshot: snapshot))
        }
        self.states = states
        for state in states { state.loop.execute { state.startTicking() } }
    }

    /// One of the loops, for what the process does by itself.
    var anyState: LoopState? { states.first }

    func state(of loop: any EventLoop) throws -> LoopState {
        // A handful of loops: a search is as quick as a table.
        guard let state = states.first(where: { $0.loop === loop }) else {
            throw EventLoopError.unsupportedOperation
        }
        return state
    }

    /// Gives every loop a new view of the configuration; requests in flight keep theirs.
    func use(_ snapshot: Snapshot) {
        for state in states { state.loop.execute { state.use(snapshot) } }
    }

    /// Forgets the requests kept for refreshes; those under way may end.
    func dropKeptRequests() {
        for state in states { state.loop.execute { state.kept.dropAll() } }
    }

    /// Closes what callers still have open, and ends Weir's own requests.
    func closeCallers() {
        for state in states {
            state.loop.execute {
                for caller in Array(state.callers.values) { caller.close() }
                for call in Array(state.ownCalls.values) { call.cutOff() }
            }
        }
    }

    /// The configuration in use.
    func config() async -> Config? {
        guard let state = states.first else { return nil }
        return try? await state.loop.submit { state.snapshot.config }.get()
    }

    /// Connections to providers, over all loops.
    func connectionCounts() async -> (open: Int, idle: Int) {
        var open = 0
        var idle = 0
        for state in states {
            let counts = try? await state.loop.submit { state.connectionCounts }.get()
            open += counts?.open ?? 0
            idle += counts?.idle ?? 0
        }
        return (open, idle)
    }
}
