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

    /// Whether nothing has ended for a while on a connection that has something to do: whatever is given to it waits for
    /// what is in front.
    var isHeldUp: Bool {
        state.withLock { $0.units > 0 && ContinuousClock.now - $0.lastEnd > Self.patience }
    }

    /// Far longer than the statements take that the connections are shared for.
    private static let patience = Duration.milliseconds(20)

    /// The units, and one more for every millisecond since the last of them ended: where nothing ends, something slow is
    /// in front.
    var score: Int64 {
        state.withLock { state in
            state.units == 0 ? 0 : Int64(state.units) + (ContinuousClock.now - state.lastEnd).milliseconds
        }
    }
}
