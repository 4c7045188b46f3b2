import Postgres

/// Runs one readiness check, but never longer than it may take and never twice at a time.
actor CheckRunner {
    private let check: ReadinessCheck
    private let timeout: Duration
    private var isRunning = false

    init(_ check: ReadinessCheck, timeout: Duration) {
        self.check = check
        self.timeout = timeout
    }

    func run(for role: Role) async -> HealthReport.Entry {
        let started = ContinuousClock.now
        let failure = await outcome()
        return HealthReport.Entry(
            role: role, name: check.name, isRequired: check.isRequired, failure: failure,
            duration: ContinuousClock.now - started)
    }

    /// The reason why the check fails; `nil` if it passes.
    private func outcome() async -> String? {
        guard !isRunning else { return "has not answered yet" }
        isRunning = true
        // Tasks of their own, not a group: a check that does not heed its cancellation must not hold up the others.
        let (results, continuation) = AsyncStream<String?>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let work = Task {
            do {
                try await check.check()
                continuation.yield(nil)
            } catch {
                // The statement of a check, and its place in the source, tell an operator nothing.
                continuation.yield((error as? PostgresError)?.summary ?? "\(error)")
            }
            isRunning = false
        }
        let timer = Task {
            try? await Task.sleep(for: timeout)
            continuation.yield("no answer within \(timeout)")
        }
        defer {
            work.cancel()
            timer.cancel()
        }
        for await result in results { return result }
        return "was given up"
    }
}
