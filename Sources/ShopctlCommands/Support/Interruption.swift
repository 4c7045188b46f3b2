import Glibc
import Synchronization
import UnixSignals

/// A wish to end early what can be gone on with later: SIGINT or SIGTERM, a second one of which ends the process.
final class Interruption: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }

    /// Runs the body, which looks now and then whether it is to end.
    static func heeding<Result: Sendable>(
        _ context: CommandContext, isolation: isolated (any Actor)? = #isolation,
        _ body: (Interruption) async throws -> Result
    ) async throws -> Result {
        let interruption = Interruption()
        guard context.obeysSignals else { return try await body(interruption) }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let watch = Task {
            for await _ in signals {
                if interruption.isSet { _exit(ExitStatus.failure.rawValue) }
                interruption.set()
                context.note("stopping")
            }
        }
        defer { watch.cancel() }
        return try await body(interruption)
    }

    /// Waits until then, or until it is set.
    func wait(until end: ContinuousClock.Instant) async throws {
        while !isSet, ContinuousClock.now < end {
            try await Task.sleep(for: min(.milliseconds(50), end - ContinuousClock.now))
        }
    }

    /// Runs the body, and cancels it when it is set.
    func cancelling<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) async -> Result {
        let work = Task { await body() }
        let watch = Task {
            while !isSet, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(50)) }
            if isSet { work.cancel() }
        }
        defer { watch.cancel() }
        return await work.value
    }
}
