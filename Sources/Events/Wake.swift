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

    private struct Timer {
        let id: UInt64
        let end: ContinuousClock.Instant
        let task: Task<Void, Never>
    }

    private struct State {
        var rung = false
        var sleeper: Sleeper?
        var nextID: UInt64 = 0
        /// The timer that is under way.
        var timer: Timer?

        mutating func id() -> UInt64 {
            nextID += 1
            return nextID
        }
    }

    private let state = Mutex(State())

    public init() {}

    deinit { state.withLock { $0.timer?.task.cancel() } }

    /// The number of tasks that sleep: one or none.
    var sleepers: Int { state.withLock { $0.sleeper == nil ? 0 : 1 } }

    /// The timer that is under way, and its end; nil for none.
    var timer: (id: UInt64, end: ContinuousClock.Instant)? { state.withLock { $0.timer.map { ($0.id, $0.end) } } }

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
        let id = state.withLock { $0.id() }
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
        let id = state.id()
        let task = Task.detached { [weak self] in
            do { try await Task.sleep(until: end, clock: .continuous) } catch { return }
            self?.timerEnded(id)
        }
        state.timer = Timer(id: id, end: end, task: task)
    }

    /// Ends the sleep whose time is over. A timer that ended just before another took its place has nothing to say: cancelling
    /// it came too late, and the other one looks.
    func timerEnded(_ id: UInt64) {
        let late = state.withLock { state -> Sleeper? in
            guard state.timer?.id == id else { return nil }
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
