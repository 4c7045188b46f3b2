import Logging
import Postgres

extension MigrationRunner {
    /// Runs the body on a connection of its own, and gives every failure its place in `MigrationError`.
    func withSession<Result: Sendable>(
        _ body: (PostgresSession) async throws -> Result
    ) async throws(MigrationError) -> Result {
        let client = PostgresClient(configuration: configuration, logger: logger)
        let result: Result
        do {
            result = try await client.withConnection(body)
        } catch {
            await client.close()
            throw migrationError(error)
        }
        await client.close()
        return result
    }

    /// Runs the body under the migration lock.
    func withLock<Result: Sendable>(
        _ body: (MigrationWork) async throws -> Result
    ) async throws(MigrationError) -> Result {
        try await withSession { session in
            let lock = try await lock(on: session)
            try await lock.acquire(on: session, patience: lockTimeout) { holder in
                logger.notice(
                    "waiting for another migrator",
                    metadata: [
                        "database": "\(configuration.database)",
                        "holder": "\(holder.map(String.init(describing:)) ?? "unknown")",
                    ])
            }
            // On an error the connection is closed, and the lock goes with it.
            let result = try await body(
                MigrationWork(
                    session: session, database: configuration.database, migrations: migrations, logger: logger))
            try await lock.release(on: session)
            return result
        }
    }

    /// The lock of this database and the schema that new tables go to.
    func lock(on session: PostgresSession) async throws -> MigrationLock {
        let rows = try await session.query(
            "SELECT current_database()::text AS database, current_schema()::text AS schema")
        guard let row = rows.first, let schema = try row.decode("schema", as: String?.self) else {
            throw MigrationError.foreignVersionTable(
                database: configuration.database, reason: "the search_path names no schema that exists")
        }
        return MigrationLock(database: try row.decode("database"), schema: schema)
    }

    private func migrationError(_ error: any Error) -> MigrationError {
        let database = configuration.database
        switch error {
        case let error as MigrationError: return error
        case is CancellationError: return .cancelled(database: database)
        case let error as PostgresError where error.kind == .cancelled: return .cancelled(database: database)
        case let error as PostgresError where error.sqlState == .invalidCatalogName:
            return .databaseMissing(database: database)
        default: return .database(database, cause: error)
        }
    }
}
