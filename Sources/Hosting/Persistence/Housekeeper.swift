public import Logging
public import Postgres
public import ServiceLifecycle

/// Deletes rows whose time is over, a few at a time.
public struct Housekeeper: Service {
    private let database: PostgresClient
    private let chores: [PostgresQuery]
    private let logger: Logger

    /// - Parameter chores: Statements that each delete a bounded number of rows.
    public init(database: PostgresClient, chores: [PostgresQuery], logger: Logger) {
        self.database = database
        self.chores = chores
        self.logger = logger
    }

    /// Runs once a minute until it is cancelled or asked to stop gracefully.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(60))
                for chore in chores where !Task.isCancelled {
                    do {
                        try await database.query(chore)
                    } catch {
                        logger.warning("housekeeping failed", metadata: ["error": "\(error)"])
                    }
                }
            }
        }
    }
}
