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

    /// The same on the database of the shop, which has been found to suit it.
    func withShop<Result: Sendable>(
        _ body: (PostgresSession) async throws -> Result
    ) async throws(MigrationError) -> Result {
        try await withSession { session in
            try await ConnectionCheck(
                role: migrations.role, checksOwner: migrations.isEmbedded,
                configuration: configuration, logger: logger
            ).run(on: session)
            return try await body(session)
        }
    }

    /// Runs the body under the migration lock.
    func withLock<Result: Sendable>(
        because reason: String? = nil, _ body: (MigrationWork) async throws -> Result
    ) async throws(MigrationError) -> Result {
        try await withShop { session in
            let lock = try await lock(on: session)
            try await lock.acquire(on: session, patience: lockTimeout, lasting: onLongWait) { holder in
                logger.notice(
                    "waiting for another migrator",
                    metadata: [
                        "database": "\(configuration.database)",
                        "holder": "\(holder.map(String.init(describing:)) ?? "unknown")",
                    ])
            }
            // On an error the connection is closed, and the lock goes with it.
            var work = self.work(on: session)
            work.reason = reason
            let result = try await body(work)
            try await lock.release(on: session)
            return result
        }
    }

    /// The database as it is worked on.
    func work(on session: PostgresSession) -> MigrationWork {
        MigrationWork(
            session: session, configuration: configuration, migrations: migrations, author: author, logger: logger)
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

    func migrationError(_ error: any Error) -> MigrationError {
        let database = configuration.database
        switch error {
        case let error as MigrationError: return error
        case is CancellationError: return .cancelled(database: database)
        case let error as PostgresError where error.kind == .cancelled: return .cancelled(database: database)
        case let error as PostgresError where error.sqlState == .invalidCatalogName:
            return .databaseMissing(database: database)
        case let error as PostgresError where error.message.contains("unsupported startup parameter"):
            return .refusedParameter(database: database, reason: error.message)
        default: return .database(database, cause: error)
        }
    }
}
