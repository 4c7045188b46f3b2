public import Events
public import Logging
public import ServiceLifecycle

/// Resumes what a crash, a lost message or a slow participant has left: finds sagas whose next attempt is due and
/// sends again or, at the deadline, cancels.
public struct SagaSweeper: Service {
    private static let batchSize = 100

    private let coordinators: [SagaCoordinator]
    private let transactor: Transactor
    private let interval: Duration
    private let logger: Logger

    public init(coordinators: [SagaCoordinator], transactor: Transactor, interval: Duration, logger: Logger) {
        self.coordinators = coordinators
        self.transactor = transactor
        self.interval = interval
        self.logger = logger
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
        } catch {
            if !Task.isCancelled { logger.warning("the sweeper is held up", metadata: ["error": "\(error)"]) }
        }
    }
}
