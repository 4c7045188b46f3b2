import Synchronization

/// Runs blocking work on threads of its own, a few at a time, the rest in a line of bounded length.
///
/// A thread is started when there is work and ends when there is none: what it costs is nothing beside scrypt.
final class WorkLine: Sendable {
    private struct State {
        var waiting: [Job] = []
        var threads = 0
    }

    private let maximumThreads: Int
    private let maximumWaiting: Int
    private let state = Mutex(State())

    init(maximumThreads: Int, maximumWaiting: Int) {
        self.maximumThreads = max(1, maximumThreads)
        self.maximumWaiting = max(0, maximumWaiting)
    }

    /// Runs `work` and returns what it returns.
    ///
    /// A cancelled caller leaves the line; work that already runs is finished, but not waited for.
    ///
    /// - Throws: ``PasswordError/busy`` when the line is full; `CancellationError`; what `work` throws.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let result = Slot<Value>()
        let job = Job(
            body: {
                // Cancelled between the line and the thread: nobody wants it.
                if !result.isFinished { result.finish(Result(catching: work)) }
            },
            refuse: { result.finish(.failure($0)) })
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard result.wait(continuation) else { return }
                enqueue(job)
            }
        } onCancel: {
            state.withLock { $0.waiting.removeAll { $0 === job } }
            result.finish(.failure(CancellationError()))
        }
    }

    /// How many wait for a thread; for tests.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// How many threads there are; for tests.
    var threadCount: Int { state.withLock { $0.threads } }

    private func enqueue(_ job: Job) {
        enum Decision { case queued, needsThread, refused }
        let decision = state.withLock { state -> Decision in
            if state.threads < maximumThreads {
                state.threads += 1
                return .needsThread
            }
            guard state.waiting.count < maximumWaiting else { return .refused }
            state.waiting.append(job)
            return .queued
        }
        switch decision {
        case .queued: return
        case .refused: job.refuse(.busy)
        case .needsThread:
            if WorkThread.run({ [self] in work(beginningWith: job) }) { return }
            let stranded = state.withLock { state -> [Job] in
                state.threads -= 1
                // With no thread left, nobody would come for those who queued behind this one.
                guard state.threads == 0 else { return [] }
                defer { state.waiting = [] }
                return state.waiting
            }
            for job in [job] + stranded { job.refuse(.systemFailed("the system gives no thread")) }
        }
    }

    private func work(beginningWith first: Job) {
        var next: Job? = first
        while let job = next {
            job.body()
            next = state.withLock { state in
                if state.waiting.isEmpty {
                    state.threads -= 1
                    return nil
                }
                return state.waiting.removeFirst()
            }
        }
    }
}

/// One piece of work; a class, so that it can be found again in the line.
private final class Job: Sendable {
    let body: @Sendable () -> Void
    let refuse: @Sendable (PasswordError) -> Void

    init(body: @escaping @Sendable () -> Void, refuse: @escaping @Sendable (PasswordError) -> Void) {
        self.body = body
        self.refuse = refuse
    }
}

/// Where a task waits for one result; the first counts.
private final class Slot<Value: Sendable>: Sendable {
    private enum State {
        case created
        case waiting(CheckedContinuation<Value, any Error>)
        case finished
    }

    private let state = Mutex(State.created)

    var isFinished: Bool {
        state.withLock { if case .finished = $0 { true } else { false } }
    }

    /// False when the task was cancelled before.
    func wait(_ continuation: CheckedContinuation<Value, any Error>) -> Bool {
        let waits = state.withLock { state in
            guard case .created = state else { return false }
            state = .waiting(continuation)
            return true
        }
        if !waits { continuation.resume(throwing: CancellationError()) }
        return waits
    }

    func finish(_ result: Result<Value, any Error>) {
        let continuation = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            defer { state = .finished }
            guard case .waiting(let continuation) = state else { return nil }
            return continuation
        }
        continuation?.resume(with: result)
    }
}
