import DriverSupport
import Synchronization

/// Commands that were handed in together, and the task that waits for their replies.
final class RedisRequest: Sendable {
    private enum State {
        case created
        case waiting(UnsafeContinuation<RedisReplies, any Error>)
        case finished
    }

    let commands: RedisCommands
    let submitted: MonotonicTime
    let deadline: MonotonicTime
    private let state = Mutex(State.created)

    init(_ commands: RedisCommands, timeout: Duration) {
        self.commands = commands
        submitted = .now
        deadline = submitted + timeout
    }

    /// Whether nobody waits any more.
    var isFinished: Bool {
        state.withLock { if case .finished = $0 { true } else { false } }
    }

    /// Lets `continuation` wait for the replies; false when the task was cancelled before.
    func wait(_ continuation: UnsafeContinuation<RedisReplies, any Error>) -> Bool {
        let waits = state.withLock { state in
            guard case .created = state else { return false }
            state = .waiting(continuation)
            return true
        }
        if !waits { continuation.resume(throwing: CancellationError()) }
        return waits
    }

    /// Ends the wait; the first call counts.
    func finish(_ result: Result<RedisReplies, any Error>) {
        let continuation = state.withLock { state -> UnsafeContinuation<RedisReplies, any Error>? in
            defer { state = .finished }
            guard case .waiting(let continuation) = state else { return nil }
            return continuation
        }
        continuation?.resume(with: result)
    }
}

/// The replies to a request, in order; one, as most requests have, takes no array.
enum RedisReplies: Sendable, Equatable {
    case one(RedisReply)
    case several([RedisReply])

    var all: [RedisReply] {
        switch self {
        case .one(let reply): [reply]
        case .several(let replies): replies
        }
    }
}
