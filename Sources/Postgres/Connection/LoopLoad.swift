import Synchronization

/// How much a connection has to do; for whoever picks one of several.
final class LoopLoad: Sendable {
    private struct State {
        var units = 0
        var lastEnd = ContinuousClock.now
    }

    private let state = Mutex(State())

    /// Units that were given to it and are not done.
    var units: Int { state.withLock { $0.units } }

    func begin() {
        state.withLock { state in
            if state.units == 0 { state.lastEnd = .now }
            state.units += 1
        }
    }

    func end() {
        state.withLock { state in
            state.units -= 1
            state.lastEnd = .now
        }
    }

    /// The units, and one more for every millisecond since the last of them ended: where nothing ends, something slow is
    /// in front.
    var score: Int64 {
        state.withLock { state in
            state.units == 0 ? 0 : Int64(state.units) + (ContinuousClock.now - state.lastEnd).milliseconds
        }
    }
}
