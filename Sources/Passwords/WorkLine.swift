import Synchronization

/// Runs blocking work on threads of its own, a few at a time, the rest in lines of bounded length, which take turns.
///
/// A thread is started when there is work and ends when there is none: what it costs is nothing beside scrypt.
final class WorkLine: Sendable {
    private struct State {
        /// A line for each lane.
        var waiting = PasswordLane.allCases.map { _ in [Job]() }
        var threads = 0
        /// The lane whose turn it is, if somebody waits there.
        var turn = 0

        /// Takes the next job, of the lane whose turn it is or of the next one that has any.
        mutating func next() -> Job? {
            for step in waiting.indices {
                let lane = (turn + step) % waiting.count
                guard !waiting[lane].isEmpty else { continue }
                turn = (lane + 1) % waiting.count
                return waiting[lane].removeFirst()
            }
            return nil
        }
    }

    let maximumThreads: Int
    private let maximumWaiting: Int
    private let state = Mutex(State())

    init(maximumThreads: Int, maximumWaiting: Int) {
        self.maximumThreads = max(1, maximumThreads)
        self.maximumWaiting = max(0, maximumWaiting)
    }

    /// Runs `work` in its lane's turn and returns what it returns.
    ///
    /// A cancelled caller leaves the line; work that already runs is finished, but not waited for.
    ///
    /// - Throws: ``PasswordError/busy`` when the lane is full; `CancellationError`; what `work` throws.
    func run<Value: Sendable>(
        in lane: PasswordLane = .signIn, _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
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
                enqueue(job, in: lane)
            }
        } onCancel: {
            state.withLock { $0.waiting[lane.rawValue].removeAll { $0 === job } }
            result.finish(.failure(CancellationError()))
        }
    }

    /// The number of those that wait for a thread; for tests.
    var waitingCount: Int { state.withLock { $0.waiting.reduce(0) { $0 + $1.count } } }

    /// The number of threads; for tests.
    var threadCount: Int { state.withLock { $0.threads } }

    private func enqueue(_ job: Job, in lane: PasswordLane) {
        enum Decision { case queued, needsThread, refused }
        let decision = state.withLock { state -> Decision in
            if state.threads < maximumThreads {
                state.threads += 1
                return .needsThread
            }
            guard state.waiting[lane.rawValue].count < maximumWaiting else { return .refused }
            state.waiting[lane.rawValue].append(job)
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
                defer { for lane in state.waiting.indices { state.waiting[lane] = [] } }
                return state.waiting.flatMap { $0 }
            }
            for job in [job] + stranded { job.refuse(.systemFailed("the system gives no thread")) }
        }
    }

    private func work(beginningWith first: Job) {
        var next: Job? = first
        while let job = next {
            job.body()
            next = state.withLock { state in
                let next = state.next()
                if next == nil { state.threads -= 1 }
                return next
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

/// The place where a task waits for one result; the first counts.
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
