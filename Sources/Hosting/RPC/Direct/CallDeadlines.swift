import GRPCCore
import Synchronization

/// The deadlines of calls under way.
///
/// One task waits for the earliest of them, and none for each call: most calls have ended long before.
final class CallDeadlines: Sendable {
    /// The shortest time between two looks.
    private static let interval = Duration.milliseconds(1)

    private struct State {
        var watched: [ObjectIdentifier: (call: any TimedCall, deadline: ContinuousClock.Instant)] = [:]
        /// The time of the next look, and the task that waits for it.
        var next: (time: ContinuousClock.Instant, task: Task<Void, Never>)?
    }

    private let state = Mutex(State())

    /// Gives a call up at its deadline, unless it is forgotten before.
    func watch(_ call: any TimedCall, until deadline: ContinuousClock.Instant) {
        state.withLock { state in
            state.watched[ObjectIdentifier(call)] = (call, deadline)
            if let next = state.next, next.time <= deadline { return }
            look(at: deadline, &state)
        }
    }

    func forget(_ call: any TimedCall) {
        // Dropped outside of the lock.
        _ = state.withLock { $0.watched.removeValue(forKey: ObjectIdentifier(call)) }
    }

    /// Ends the waiting for deadlines.
    func stop() {
        state.withLock { state in
            state.next?.task.cancel()
            state.next = nil
        }
    }

    private func look(at time: ContinuousClock.Instant, _ state: inout State) {
        state.next?.task.cancel()
        let task = Task.detached { [weak self] in
            do { try await Task.sleep(until: time, tolerance: .zero, clock: .continuous) } catch { return }
            self?.giveUpLate()
        }
        state.next = (time, task)
    }

    private func giveUpLate() {
        let now = ContinuousClock.now
        let late = state.withLock { state in
            let late = state.watched.filter { $0.value.deadline <= now }
            for call in late.keys { state.watched.removeValue(forKey: call) }
            state.next = nil
            if let earliest = state.watched.values.map(\.deadline).min() {
                look(at: max(earliest, now + Self.interval), &state)
            }
            return late.values.map(\.call)
        }
        for call in late { call.giveUp(.outOfTime) }
    }
}

/// A call that is given up at its deadline.
protocol TimedCall: AnyObject, Sendable {
    /// Answers whoever waits at once, whatever the handler does, and has that give up.
    func giveUp(_ error: RPCError)
}

extension RPCError {
    /// The error of a call that has not ended by its deadline.
    static let outOfTime = RPCError(code: .deadlineExceeded, message: "the call has taken as long as it may")

    /// The error of a call whose caller has been cancelled.
    static let callerCancelled = RPCError(code: .cancelled, message: "the caller has given the call up")
}
