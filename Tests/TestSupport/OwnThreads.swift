public import Testing

/// Runs each job on a thread of its own: for what blocks its thread, which the few that all tests share would be
/// missing.
private final class OwnThreads: TaskExecutor {
    static let shared = OwnThreads()

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        DetachedThread.start { job.runSynchronously(on: Self.shared.asUnownedTaskExecutor()) }
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
