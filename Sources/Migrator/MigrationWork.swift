import Logging
import Postgres

/// A database under the migration lock, and what is done to it there.
struct MigrationWork {
    let session: PostgresSession
    let configuration: PostgresConfiguration
    let migrations: MigrationSet
    let logger: Logger

    private var database: String { configuration.database }

    /// Reads the version, and makes the table that holds it if there is none yet.
    ///
    /// - Throws: an error for a dirty table, another tool's, or a version that is not known.
    func adoptVersionTable() async throws -> Int64 {
        switch try await VersionTable.read(on: session) {
        case .absent:
            try await VersionTable.refuseSecond(database: database, on: session)
            try await session.query(VersionTable.creation)
            return 0
        case .foreign(let reason):
            throw MigrationError.foreignVersionTable(database: database, reason: reason)
        case .version(let version, dirty: true):
            throw MigrationError.dirty(database: database, version: version)
        case .version(let version, dirty: false):
            if version != 0, migrations[version] == nil {
                throw MigrationError.unknownVersion(database: database, version: version, latest: migrations.latest)
            }
            return version
        }
    }

    /// Runs one migration and records the version that follows, as one transaction.
    func run(_ migration: Migration, _ direction: MigrationDirection) async throws {
        let isUp = direction == .up
        let started = ContinuousClock.now
        let pid: Int32 = try await session.query("SELECT pg_backend_pid() AS pid").first?.decode("pid") ?? 0
        let watch = BlockerWatch(configuration, pid: pid, logger: logger)
        do {
            // Tried once: a failure is told to whoever asked, who may try again.
            try await session.transaction(.init(attempts: 1)) { transaction in
                try await transaction.execute(script: isUp ? migration.up : migration.down)
                try await transaction.batch(VersionTable.record(isUp ? migration.version : migration.version - 1))
            }
            _ = await watch.stop()
        } catch {
            let blocker = await watch.stop()
            guard let error = error as? PostgresError else { throw error }
            if error.sqlState == .lockNotAvailable || error.sqlState == .deadlockDetected {
                throw MigrationError.blocked(
                    database: database, migration: migration.name, direction: direction, holder: blocker)
            }
            guard error.kind == .server || error.kind == .timeout else { throw error }
            throw MigrationError.failed(
                database: database, migration: migration.name, direction: direction, cause: error)
        }
        logger.info(
            "migrated",
            metadata: [
                "database": "\(database)", "migration": "\(migration.name)", "direction": "\(direction.rawValue)",
                "seconds": "\((ContinuousClock.now - started) / .seconds(1))",
            ])
    }
}
