import DriverSupport
import Synchronization

/// The work that a connection has; for whoever picks one of several.
final class LoopLoad: Sendable {
    private struct State {
        var units = 0
        var isConnected = false
        var lastEnd = MonotonicTime.now
    }

    /// The work that a unit given to it now would have to wait for.
    struct Burden: Comparable {
        /// Something slow is in front: nothing has ended for a while on a connection that stands.
        let isHeldUp: Bool
        /// The units, and one more for every millisecond since the last of them ended.
        let score: Int64

        static func < (one: Burden, other: Burden) -> Bool {
            one.isHeldUp == other.isHeldUp ? one.score < other.score : other.isHeldUp
        }
    }

    /// Far longer than the statements take that connections are shared for; in nanoseconds, as all here, since a `Duration`
    /// is divided in 128 bits.
    private static let patience: Int64 = 50_000_000

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

    /// Notes that the connection was made or lost. Where there is none nothing is held up by a statement.
    func note(isConnected: Bool) {
        state.withLock { state in
            state.isConnected = isConnected
            state.lastEnd = .now
        }
    }

    var burden: Burden {
        state.withLock { state in
            if state.units == 0 { return Burden(isHeldUp: false, score: 0) }
            let wait = MonotonicTime.now.nanoseconds - state.lastEnd.nanoseconds
            return Burden(
                isHeldUp: state.isConnected && wait > Self.patience,
                score: Int64(state.units) + (wait + 999_999) / 1_000_000)
        }
    }
}
