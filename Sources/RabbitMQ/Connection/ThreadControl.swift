import DriverSupport
import Synchronization

/// The handle that tasks have of an owning thread: they start it, wake it, ask it to end, and wait for its end.
final class ThreadControl: Sendable {
    private struct State {
        var thread: OwningThread?
        var isStopping = false
        var socket: BrokerSocket?
    }

    /// The library decodes nested tables by recursion, and a frame has room for 26,000 levels.
    static let stackBytes = 64 << 20
    /// The time a call into the library may still take once somebody wants to close.
    private static let closingPatience = Duration.seconds(2)

    let wake = WakeUp()
    private let name: String
    /// Which host is tried first the next time.
    private let turn = Atomic(Int.random(in: 0..<1 << 30))
    private let state = Mutex(State())

    init(name: String) {
        self.name = name
    }

    /// Starts the thread if it has never been.
    /// - Throws: ``RabbitMQError`` of kind `closed` after ``stop()``, `connectionFailed` if the system gives no thread.
    func start(_ work: @escaping @Sendable () -> Void) throws(RabbitMQError) {
        try state.withLock { state throws(RabbitMQError) in
            if state.isStopping { throw RabbitMQError(.closed, "\(name) is closed") }
            if state.thread != nil { return }
            guard wake.open() else { throw RabbitMQError(.connectionFailed, "\(name): out of file descriptors") }
            do {
                state.thread = try OwningThread.start(name: name, stackBytes: Self.stackBytes, work)
            } catch {
                throw RabbitMQError(.connectionFailed, "no thread for the connection: \(error)")
            }
        }
    }

    /// Whether the thread has been started.
    var isRunning: Bool { state.withLock { $0.thread != nil } }

    /// Whether the thread shall end.
    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Asks the thread to end, from whatever call it is in.
    func stop() {
        let socket = state.withLock { state in
            state.isStopping = true
            return state.socket
        }
        socket?.hurry(Self.closingPatience)
        wake.signal()
    }

    /// Waits until the thread has ended; not at all if it never began.
    func waitUntilEnded() async {
        await state.withLock { $0.thread }?.waitUntilEnded()
    }

    /// Notes the socket the thread works with, so that ``stop()`` reaches it.
    func adopt(_ socket: BrokerSocket) {
        let isStopping = state.withLock { state in
            state.socket = socket
            return state.isStopping
        }
        if isStopping { socket.hurry(Self.closingPatience) }
    }

    /// Opens a connection on the calling thread. Each time it begins with another host, so that a loss or a node that
    /// does not do what it is asked is followed by the next node.
    func open(_ configuration: RabbitMQConfiguration) throws(RabbitMQError) -> BrokerConnection {
        let attempt = ConnectAttempt(configuration, turn: turn.wrappingAdd(1, ordering: .relaxed).oldValue)
        return try attempt.run(isCancelled: { isStopping }) { endpoint, address, deadline throws(RabbitMQError) in
            try BrokerConnection.open(
                configuration, at: endpoint, address, until: deadline, wake: wake, isCancelled: { isStopping },
                adopt: adopt)
        }
    }
}
