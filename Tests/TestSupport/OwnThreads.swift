import Glibc
public import Testing

/// Runs each job on a thread of its own: for what blocks its thread, which the few that all tests share would be
/// missing.
private final class OwnThreads: TaskExecutor {
    static let shared = OwnThreads()

    func enqueue(_ job: consuming ExecutorJob) {
        let work = Unmanaged.passRetained(Work(job: UnownedJob(job)))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { work in
                Unmanaged<Work>.fromOpaque(work!).takeRetainedValue().run()
                return nil
            }, work.toOpaque())
        precondition(status == 0, "no thread for a task: \(status)")
        pthread_detach(thread)
    }

    private final class Work {
        private let job: UnownedJob

        init(job: UnownedJob) { self.job = job }

        func run() { job.runSynchronously(on: OwnThreads.shared.asUnownedTaskExecutor()) }
    }
}

/// Keeps a test off the threads of all others, as one in a process of its own must be: waiting for that process blocks
/// a thread.
public struct OwnThreadsTrait: TestTrait, TestScoping {
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(OwnThreads.shared) { try await function() }
    }
}

extension Trait where Self == OwnThreadsTrait {
    /// For tests that block a thread.
    public static var ownThreads: Self { Self() }
}
