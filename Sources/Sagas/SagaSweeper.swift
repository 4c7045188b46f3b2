public import Events
public import Logging
public import ServiceLifecycle
import Telemetry

/// Resumes what a crash, a lost message or a slow participant has left: finds sagas whose next attempt is due and
/// sends again or, at the deadline, cancels.
public struct SagaSweeper: Service {
    private static let batchSize = 100

    private let coordinators: [SagaCoordinator]
    private let transactor: Transactor
    private let interval: Duration
    private let logs: [String: LoopLog]

    public init(coordinators: [SagaCoordinator], transactor: Transactor, interval: Duration, logger: Logger) {
        self.coordinators = coordinators
        self.transactor = transactor
        self.interval = interval
        logs = Dictionary(
            uniqueKeysWithValues: coordinators.map { coordinator in
                let name = coordinator.definition.name
                return (name, LoopLog("the sweeper of \(name)", logger: logger))
            })
    }

    /// Runs until it is cancelled or asked to stop gracefully.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                for coordinator in coordinators { await sweep(coordinator) }
                try? await Task.sleep(for: interval)
            }
        }
    }

    private func sweep(_ coordinator: SagaCoordinator) async {
        do {
            var found = Self.batchSize
            while found == Self.batchSize, !Task.isCancelled {
                found = try await transactor.run { try await coordinator.sweep(limit: Self.batchSize, in: $0) }
            }
            logs[coordinator.definition.name]?.goesOn()
        } catch {
            if !Task.isCancelled { logs[coordinator.definition.name]?.heldUp(error) }
        }
    }
}
