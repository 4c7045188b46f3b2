import Synchronization

/// The answer to a task that waits: the first one counts, from whichever thread it comes.
final class OneAnswer<Value: Sendable>: Sendable {
    typealias Waiter = CheckedContinuation<Value, any Error>

    private enum State {
        case nobodyWaits
        case waiting(Waiter)
        case given
    }

    private let state = Mutex(State.nobodyWaits)

    /// Whether nobody waits any more.
    var isGiven: Bool {
        state.withLock { if case .given = $0 { true } else { false } }
    }

    /// Lets a task wait; false, and it is told, if it was cancelled before.
    func wait(_ waiter: Waiter) -> Bool {
        let waits = state.withLock { state in
            guard case .nobodyWaits = state else { return false }
            state = .waiting(waiter)
            return true
        }
        if !waits { waiter.resume(throwing: CancellationError()) }
        return waits
    }

    /// Answers.
    func give(_ result: Result<Value, any Error>) {
        let waiter = state.withLock { state -> Waiter? in
            defer { state = .given }
            if case .waiting(let waiter) = state { return waiter }
            return nil
        }
        waiter?.resume(with: result)
    }
}
