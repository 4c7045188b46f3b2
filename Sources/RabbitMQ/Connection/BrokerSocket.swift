import DriverSupport
import Glibc
import Synchronization

/// The owner's and the watchdog's hold on a connection's socket.
///
/// The C library closes its descriptor as it likes, so this keeps a duplicate: polling and `shutdown()` through it can
/// never touch somebody else's descriptor that got the same number.
final class BrokerSocket: Sendable {
    private struct State {
        var descriptor: Int32
        /// The time when the watchdog is to end the call that is under way.
        var callDeadline: MonotonicTime?
        /// The most a call may take once somebody wants to close.
        var hurry: Duration?
    }

    private let state: Mutex<State>
    /// The duplicate, to poll on. Valid until ``close()``, which the owning thread calls last.
    let descriptor: Int32

    private let callLimit: Duration

    /// Duplicates the descriptor. `callLimit` is the most a call into the library may take unless it says otherwise.
    init(duplicating original: Int32, callLimit: Duration) throws(RabbitMQError) {
        self.callLimit = callLimit
        descriptor = fcntl(original, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else {
            throw RabbitMQError(.connectionFailed, "no socket descriptor: \(SystemError(errno: errno))")
        }
        state = Mutex(State(descriptor: descriptor))
        Watchdog.shared.watch(self)
    }

    deinit { close() }

    /// Gives the duplicate back.
    func close() {
        state.withLock { state in
            guard state.descriptor >= 0 else { return }
            Glibc.close(state.descriptor)
            state.descriptor = -1
        }
        Watchdog.shared.forget(self)
    }

    /// Runs a call into the library under the watchdog's eye: its sends know no deadline.
    func guarded<R>(limit: Duration? = nil, _ call: () -> R) -> R {
        state.withLock { state in
            var limit = limit ?? callLimit
            if let hurry = state.hurry { limit = min(limit, hurry) }
            state.callDeadline = .now + limit
        }
        defer { state.withLock { $0.callDeadline = nil } }
        return call()
    }

    /// From now on a call may take no longer than this: somebody wants to close.
    func hurry(_ limit: Duration) {
        state.withLock { state in
            state.hurry = limit
            if let deadline = state.callDeadline { state.callDeadline = min(deadline, .now + limit) }
        }
    }

    /// Ends all traffic; a call that hangs in the library returns with an error.
    func interrupt() {
        state.withLock { state in
            if state.descriptor >= 0 { shutdown(state.descriptor, Int32(SHUT_RDWR)) }
        }
    }

    /// While on, the kernel collects small writes into full packets; switching off sends what is left.
    func setCork(_ isOn: Bool) {
        Self.setOption(descriptor, Int32(IPPROTO_TCP), TCP_CORK, isOn ? 1 : 0)
    }

    /// The options that every socket to a broker gets.
    static func configure(_ descriptor: Int32, timeout: Duration) {
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Int32(clamping: timeout.wholeMilliseconds))
        setOption(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        var limit = timeout.timeValue
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    private static func setOption(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

extension BrokerSocket: Watched {
    /// Ends all traffic if a call has been under way for longer than it may.
    func look(at now: MonotonicTime) -> Bool {
        state.withLock { state in
            guard let deadline = state.callDeadline, state.descriptor >= 0 else { return false }
            if deadline < now { shutdown(state.descriptor, Int32(SHUT_RDWR)) }
            return true
        }
    }
}
