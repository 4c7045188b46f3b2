import DriverSupport
import Synchronization

/// The state that callers and the owning thread share: the requests handed in, and whether there is a server.
final class RedisMailbox: Sendable {
    enum Phase {
        /// Requests are taken: the server is there, or nothing speaks against it yet.
        case accepting
        /// The server is away: requests fail at once, with this error.
        case down(RedisError)
        case closed
    }

    private struct State {
        var phase = Phase.accepting
        var requests: [RedisRequest] = []
        var thread: OwningThread?
    }

    private let state = Mailbox(State())
    private let hasStarted = Atomic(false)

    /// Whether the owner has its thread.
    var isStarted: Bool { hasStarted.load(ordering: .acquiring) }

    /// Starts the owner on a thread of its own, if it has not been started.
    ///
    /// - Throws: `RedisError` of kind `unavailable` if the system gives no descriptor or no thread now.
    func start(_ owner: @escaping @Sendable () -> Void) throws(RedisError) {
        if isStarted { return }
        try state.withContents { contents throws(RedisError) in
            if contents.thread != nil { return }
            if case .closed = contents.phase { return }
            guard state.wake.open() else {
                throw RedisError(kind: .unavailable, message: "the process has no file descriptor left")
            }
            do {
                contents.thread = try OwningThread.start(name: "redis", owner)
            } catch {
                throw RedisError(kind: .unavailable, message: "the system gives no thread: \(error)")
            }
            hasStarted.store(true, ordering: .releasing)
        }
    }

    /// Hands `request` to the owner, or ends it at once when there is no server.
    func submit(_ request: RedisRequest) {
        let refusal: RedisError? = state.post { state in
            switch state.phase {
            case .accepting: break
            case .down(let error): return error
            case .closed: return Self.closedError
            }
            state.requests.append(request)
            return nil
        }
        if let refusal { request.finish(.failure(refusal)) }
    }

    /// Gives the requests handed in since the last call in exchange for an empty array, whose room is used again.
    ///
    /// - Returns: False when the client was closed.
    func take(_ requests: inout [RedisRequest]) -> Bool {
        state.take { state in
            if case .closed = state.phase { return false }
            swap(&requests, &state.requests)
            return true
        }
    }

    /// Looks at what was left here; false when the owner is to end.
    func look() -> Bool {
        state.take { if case .closed = $0.phase { false } else { true } }
    }

    /// Waits for requests, a wake-up, events of the socket (none if negative), or the moment; returns the events.
    func wait(alsoOn socket: Int32, for events: Int32, until moment: MonotonicTime?) -> Int32 {
        state.wait(alsoOn: socket, for: events, until: moment)
    }

    /// Takes requests from now on.
    func accept() {
        state.withContents { if case .down = $0.phase { $0.phase = .accepting } }
    }

    /// Refuses requests from now on, those not yet taken included.
    func refuse(_ error: RedisError) {
        let refused = state.withContents { state -> [RedisRequest] in
            if case .closed = state.phase { return [] }
            state.phase = .down(error)
            defer { state.requests.removeAll() }
            return state.requests
        }
        for request in refused { request.finish(.failure(error)) }
    }

    /// Tells the owner to end, and waits until it has.
    func close() async {
        shutDown()
        await state.withContents { $0.thread }?.waitUntilEnded()
    }

    /// Tells the owner to end.
    func shutDown() {
        state.post { $0.phase = .closed }
    }

    /// The owner's last act.
    func threadEnded() {
        let requests = state.withContents { state in
            state.phase = .closed
            defer { state.requests = [] }
            return state.requests
        }
        for request in requests { request.finish(.failure(Self.closedError)) }
    }

    /// Has the owner go on, with something that is not in here.
    func wake() { state.wake.signal() }

    static let closedError = RedisError(kind: .closed, message: "the client is closed")
}
