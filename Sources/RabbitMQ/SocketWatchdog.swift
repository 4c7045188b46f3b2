import Synchronization

/// Shuts down sockets whose owning thread hangs in the C library.
///
/// One thread for the process, there only while there are connections.
final class SocketWatchdog: Sendable {
    static let shared = SocketWatchdog()

    private struct State {
        var sockets: [ObjectIdentifier: WeakSocket] = [:]
        var isRunning = false
    }

    private struct WeakSocket {
        weak var socket: BrokerSocket?
    }

    /// How exact the limits are.
    private static let interval = Duration.milliseconds(250)

    private let state = Mutex(State())

    private init() {}

    func watch(_ socket: BrokerSocket) {
        let mustStart = state.withLock { state in
            state.sockets[ObjectIdentifier(socket)] = WeakSocket(socket: socket)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard mustStart else { return }
        do {
            _ = try OwningThread.start(name: "mq-watchdog") { [self] in run() }
        } catch {
            // Without the thread the kernel's own limit on unsent data remains.
            state.withLock { $0.isRunning = false }
        }
    }

    func forget(_ socket: BrokerSocket) {
        state.withLock { _ = $0.sockets.removeValue(forKey: ObjectIdentifier(socket)) }
    }

    private func run() {
        let pause = WakeUp()
        while true {
            pause.sleep(until: .now + Self.interval)
            let sockets: [BrokerSocket]? = state.withLock { state in
                guard !state.sockets.isEmpty else {
                    state.isRunning = false
                    return nil
                }
                return state.sockets.values.compactMap(\.socket)
            }
            guard let sockets else { return }
            let now = MonotonicTime.now
            for socket in sockets { socket.interruptIfStuck(at: now) }
        }
    }
}
