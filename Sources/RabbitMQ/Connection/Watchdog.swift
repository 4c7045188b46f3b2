import DriverSupport
import Synchronization

/// Something that a thread which hangs or is busy cannot look after itself.
protocol Watched: AnyObject, Sendable {
    /// Ends what has taken too long.
    ///
    /// - Returns: Whether there is something that may still take too long.
    func look(at now: MonotonicTime) -> Bool
}

/// Looks at intervals at what owning threads may be too busy to see: calls into the C library that hang, and deadlines
/// that pass meanwhile.
///
/// One thread for the process, there only while there is something to watch.
final class Watchdog: Sendable {
    static let shared = Watchdog()

    private struct State {
        var watched: [ObjectIdentifier: WeakReference] = [:]
        var isRunning = false
    }

    private struct WeakReference {
        weak var object: (any Watched)?
    }

    /// The precision of the limits.
    private static let interval = Duration.milliseconds(250)
    /// The interval while nothing is under way; what begins meanwhile is ended so much later at most.
    private static let idleInterval = Duration.seconds(1)

    private let state = Mutex(State())

    private init() {}

    func watch(_ object: any Watched) {
        let mustStart = state.withLock { state in
            state.watched[ObjectIdentifier(object)] = WeakReference(object: object)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard mustStart else { return }
        do {
            try OwningThread.start(name: "mq-watchdog") { [self] in run() }
        } catch {
            // Without the thread the kernel's own limit on unsent data remains.
            state.withLock { $0.isRunning = false }
        }
    }

    func forget(_ object: any Watched) {
        state.withLock { _ = $0.watched.removeValue(forKey: ObjectIdentifier(object)) }
    }

    private func run() {
        let pause = WakeUp()
        var isBusy = true
        while true {
            pause.wait(until: .now + (isBusy ? Self.interval : Self.idleInterval))
            let watched: [any Watched]? = state.withLock { state in
                guard !state.watched.isEmpty else {
                    state.isRunning = false
                    return nil
                }
                return state.watched.values.compactMap(\.object)
            }
            guard let watched else { return }
            let now = MonotonicTime.now
            isBusy = watched.reduce(false) { $1.look(at: now) || $0 }
        }
    }
}
