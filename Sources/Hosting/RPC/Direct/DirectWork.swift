import GRPCCore
import Synchronization

/// One call within the process: its handler's task, and the caller that waits for the answer.
///
/// The handler has a task of its own, with nothing of its caller's, as on a server: it is cancelled alone, and a caller
/// whose time is over does not wait for it.
final class DirectWork<Output: Sendable>: DirectCall {
    private struct State {
        var answer: ClientResponse<Output>?
        var waiter: CheckedContinuation<ClientResponse<Output>, Never>?
        var handler: Task<Void, Never>?
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// Whether there is an answer: a call that was given up before it has begun is not begun.
    var isAnswered: Bool { state.withLock { $0.answer != nil } }

    /// Begins the handler's work.
    func start(_ handle: @escaping @Sendable () async -> Void) {
        let task = Task.detached(priority: Task.currentPriority, operation: handle)
        let isCancelled = state.withLock { state in
            state.handler = task
            return state.isCancelled
        }
        if isCancelled { task.cancel() }
    }

    /// The first answer that is given.
    var answer: ClientResponse<Output> {
        get async {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state in
                    if state.answer == nil { state.waiter = continuation }
                    return state.answer
                }
                if let answer { continuation.resume(returning: answer) }
            }
        }
    }

    /// Gives the caller its answer, unless it has one.
    func settle(_ answer: ClientResponse<Output>) {
        let waiter = state.withLock { state in
            if state.answer == nil { state.answer = answer }
            return state.waiter.take()
        }
        waiter?.resume(returning: answer)
    }

    func cancel() {
        let handler = state.withLock { state in
            state.isCancelled = true
            return state.handler
        }
        handler?.cancel()
    }

    func giveUp(_ error: RPCError) {
        settle(ClientResponse(error: error))
        cancel()
    }
}
