import CRedis
import Glibc
import Synchronization

/// What callers and the owning thread share: the requests handed in, and whether there is a server.
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
        /// Whether the owner will look again without being woken.
        var wakeIsPending = false
        var threadHasStarted = false
        var threadHasEnded = false
        var closeWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let descriptor = Atomic<Int32>(-1)

    deinit {
        if wakeDescriptor >= 0 { Glibc.close(wakeDescriptor) }
    }

    /// Readable when the owner should look here; negative before ``start(_:)``.
    var wakeDescriptor: Int32 { descriptor.load(ordering: .acquiring) }

    /// Starts the owner on a thread of its own, if it has not been started.
    ///
    /// - Throws: `RedisError` of kind `unavailable` if the system gives no descriptor or no thread now.
    func start(_ owner: @escaping @Sendable () -> Void) throws(RedisError) {
        if wakeDescriptor >= 0 { return }
        try state.withLock { state throws(RedisError) in
            if state.threadHasStarted { return }
            if case .closed = state.phase { return }
            let descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
            guard descriptor >= 0 else {
                throw RedisError(kind: .unavailable, message: "the process has no file descriptor left")
            }
            self.descriptor.store(descriptor, ordering: .releasing)
            state.threadHasStarted = OwnerThread.run(name: "redis", owner)
            if state.threadHasStarted { return }
            self.descriptor.store(-1, ordering: .releasing)
            Glibc.close(descriptor)
            throw RedisError(kind: .unavailable, message: "the system gives no thread")
        }
    }

    /// Hands `request` to the owner, or ends it at once when there is no server.
    func submit(_ request: RedisRequest) {
        let (refusal, wakes) = state.withLock { state -> (RedisError?, Bool) in
            switch state.phase {
            case .accepting: break
            case .down(let error): return (error, false)
            case .closed: return (Self.closedError, false)
            }
            state.requests.append(request)
            defer { state.wakeIsPending = true }
            return (nil, !state.wakeIsPending)
        }
        if let refusal { request.finish(.failure(refusal)) }
        if wakes { wake() }
    }

    /// The requests handed in since the last call; nil when the client was closed.
    func take(wasWoken: Bool) -> [RedisRequest]? {
        if wasWoken {
            var wakes: UInt64 = 0
            _ = read(wakeDescriptor, &wakes, MemoryLayout<UInt64>.size)
        }
        return state.withLock { state in
            state.wakeIsPending = false
            if case .closed = state.phase { return nil }
            defer { state.requests.removeAll(keepingCapacity: true) }
            return state.requests
        }
    }

    /// Takes requests from now on.
    func accept() {
        state.withLock { if case .down = $0.phase { $0.phase = .accepting } }
    }

    /// Refuses requests from now on, those not yet taken included.
    func refuse(_ error: RedisError) {
        let refused = state.withLock { state -> [RedisRequest] in
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
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                let hasEnded = state.threadHasEnded || !state.threadHasStarted
                if !hasEnded { state.closeWaiters.append(continuation) }
                return hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// Tells the owner to end.
    func shutDown() {
        state.withLock { $0.phase = .closed }
        wake()
    }

    /// The owner's last act.
    func threadEnded() {
        let (requests, waiters) = state.withLock { state in
            state.phase = .closed
            state.threadHasEnded = true
            defer {
                state.requests = []
                state.closeWaiters = []
            }
            return (state.requests, state.closeWaiters)
        }
        for request in requests { request.finish(.failure(Self.closedError)) }
        for waiter in waiters { waiter.resume() }
    }

    /// Has the owner look here.
    func wake() {
        var one: UInt64 = 1
        _ = write(wakeDescriptor, &one, MemoryLayout<UInt64>.size)
    }

    static let closedError = RedisError(kind: .closed, message: "the client is closed")
}
