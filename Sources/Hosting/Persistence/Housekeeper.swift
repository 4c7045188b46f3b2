public import Logging
public import Postgres
public import ServiceLifecycle
import Telemetry

/// Deletes rows whose time is over, a bounded number at a time, until none is left.
///
/// A deletion does not wait for the disk: rows that a crash of the database brings back are deleted a minute later.
public struct Housekeeper: Service {
    private let database: PostgresClient
    private let chores: [PostgresQuery]
    private let log: LoopLog

    /// - Parameter chores: Statements that each delete a bounded number of rows, and are repeated until they find none.
    public init(database: PostgresClient, chores: [PostgresQuery], logger: Logger) {
        self.database = database
        self.chores = chores
        log = LoopLog("housekeeping", logger: logger)
    }

    /// Runs once a minute until it is cancelled or asked to stop gracefully.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(60))
                await tidyUp()
            }
        }
    }

    func tidyUp() async {
        var failed = false
        for chore in chores where !Task.isCancelled {
            do {
                while try await database.batch([.commitWithoutWaiting, chore])[1].affectedRows > 0,
                    !Task.isCancelled
                {}
            } catch {
                failed = true
                log.heldUp(error)
            }
        }
        if !failed { log.goesOn() }
    }
}
