import Synchronization

/// A doorbell between tasks of one process: many may ring, one sleeps until it rings or its patience ends.
///
/// Rings while nobody sleeps are remembered as one.
public final class Wake: Sendable {
    private struct Sleeper {
        let id: UInt64
        let end: ContinuousClock.Instant
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var rung = false
        var sleeper: Sleeper?
        var nextID: UInt64 = 0
        /// The timer that is under way, and its end.
        var timer: (end: ContinuousClock.Instant, task: Task<Void, Never>)?
    }

    private let state = Mutex(State())

    public init() {}

    deinit { state.withLock { $0.timer?.task.cancel() } }

    /// Wakes the sleeper, or lets the next one pass.
    public func ring() {
        let sleeper = state.withLock { state -> Sleeper? in
            guard let sleeper = state.sleeper else {
                state.rung = true
                return nil
            }
            state.sleeper = nil
            return sleeper
        }
        sleeper?.continuation.resume()
    }

    /// Sleeps until it is rung, the task is cancelled or `patience` is over, whichever is first.
    public func wait(atMost patience: Duration) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let end = ContinuousClock.now + patience
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let passes = state.withLock { state -> Bool in
                    if state.rung {
                        state.rung = false
                        return true
                    }
                    if Task.isCancelled || patience <= .zero { return true }
                    state.sleeper = Sleeper(id: id, end: end, continuation: continuation)
                    setTimer(to: end, &state)
                    return false
                }
                if passes { continuation.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                guard let sleeper = state.sleeper, sleeper.id == id else { return nil }
                state.sleeper = nil
                return sleeper
            }
            sleeper?.continuation.resume()
        }
    }

    /// Has somebody look when a sleep must end. A timer that ends before is left to itself: most sleeps are ended by a ring,
    /// and so one timer serves many.
    private func setTimer(to end: ContinuousClock.Instant, _ state: inout State) {
        if let timer = state.timer, timer.end <= end { return }
        state.timer?.task.cancel()
        let task = Task.detached { [weak self] in
            do { try await Task.sleep(until: end, clock: .continuous) } catch { return }
            self?.timerEnded()
        }
        state.timer = (end, task)
    }

    private func timerEnded() {
        let late = state.withLock { state -> Sleeper? in
            state.timer = nil
            guard let sleeper = state.sleeper else { return nil }
            guard sleeper.end <= .now else {
                setTimer(to: sleeper.end, &state)
                return nil
            }
            state.sleeper = nil
            return sleeper
        }
        late?.continuation.resume()
    }
}
