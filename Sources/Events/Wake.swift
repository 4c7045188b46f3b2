import Synchronization

/// A doorbell between tasks of one process: many may ring, one sleeps until it rings or its patience ends.
///
/// Rings while nobody sleeps are remembered as one.
public final class Wake: Sendable {
    private struct State {
        var rung = false
        var sleeper: (id: UInt64, continuation: CheckedContinuation<Void, Never>)?
        var nextID: UInt64 = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// Wakes the sleeper, or lets the next one pass.
    public func ring() {
        let sleeper = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let sleeper = state.sleeper else {
                state.rung = true
                return nil
            }
            state.sleeper = nil
            return sleeper.continuation
        }
        sleeper?.resume()
    }

    /// Sleeps until it is rung, the task is cancelled or `patience` is over, whichever is first.
    public func wait(atMost patience: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.waitForRing() }
            group.addTask { try? await Task.sleep(for: patience) }
            await group.next()
            group.cancelAll()
        }
    }

    private func waitForRing() async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let passes = state.withLock { state -> Bool in
                    if state.rung {
                        state.rung = false
                        return true
                    }
                    if Task.isCancelled { return true }
                    state.sleeper = (id, continuation)
                    return false
                }
                if passes { continuation.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> CheckedContinuation<Void, Never>? in
                guard let sleeper = state.sleeper, sleeper.id == id else { return nil }
                state.sleeper = nil
                return sleeper.continuation
            }
            sleeper?.resume()
        }
    }
}
