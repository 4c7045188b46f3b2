import Synchronization

/// The calls that a server has open, so that it can let them end before its connections do.
///
/// The transport's own way of stopping is to tell clients to go away and to let open calls end. But a call that arrives
/// in that very moment breaks its connection, and with it the open ones (the HTTP/2 library takes the data of a call
/// that it has refused for a breach of protocol). So a server that stops first sends its callers away past the library
/// (``RPCListener/beginFarewell()``), refuses new calls itself, waits for the open ones, and only then turns to the
/// connections that are left.
final class OpenCalls: Sendable {
    private struct State {
        var count = 0
        var isStopping = false
        var idle: AsyncStream<Never>.Continuation?
    }

    private let state = Mutex(State())

    /// An open call; it has ended when nobody holds this any more, whichever way that came about.
    final class Token: Sendable {
        private let calls: OpenCalls

        fileprivate init(_ calls: OpenCalls) {
            self.calls = calls
        }

        deinit { calls.leave() }
    }

    /// Opens a call.
    ///
    /// - Throws: ``ServiceError/Code/unavailable`` if the server is stopping; nothing of the call was done.
    func enter() throws(ServiceError) -> Token {
        let isStopping = state.withLock { state in
            if !state.isStopping { state.count += 1 }
            return state.isStopping
        }
        if isStopping { throw .stopping }
        return Token(self)
    }

    /// Passes unless the server is stopping.
    func check() throws(ServiceError) {
        if state.withLock({ $0.isStopping }) { throw .stopping }
    }

    /// The number of open calls.
    var count: Int { state.withLock { $0.count } }

    /// Whether calls are refused.
    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Refuses calls from now on, and returns when the open ones have ended, but no later than after `limit`.
    func drain(limit: Duration) async {
        let (idle, continuation) = AsyncStream<Never>.makeStream()
        state.withLock { state in
            state.isStopping = true
            state.idle = continuation
            if state.count == 0 { continuation.finish() }
        }
        let timer = Task {
            try? await Task.sleep(for: limit)
            continuation.finish()
        }
        for await _ in idle {}
        timer.cancel()
    }

    private func leave() {
        state.withLock { state in
            state.count -= 1
            if state.count == 0 { state.idle?.finish() }
        }
    }
}

extension ServiceError {
    /// The refusal of a call by a server that is stopping.
    static let stopping = ServiceError.unavailable("shutting_down", "this server is stopping; try again")
}
