import Logging
import Postgres

/// A database under the migration lock, and what is done to it there.
struct MigrationWork {
    let session: PostgresSession
    let configuration: PostgresConfiguration
    let migrations: MigrationSet
    let author: MigrationAuthor
    let logger: Logger
    /// The reason, for the history; nil where nobody said.
    var reason: String?

    var database: String { configuration.database }

    /// Reads the version, and makes the tables that hold it and its history if there are none yet.
    ///
    /// - Throws: an error for a dirty table, another tool's, or a version that is not known.
    func adoptVersionTable() async throws -> Int64 {
        let version = try await readVersion()
        try await session.batch([VersionTable.creation, MigrationHistory.creation])
        return version
    }

    /// Reads the version; 0 where there is no table yet.
    ///
    /// - Throws: as ``adoptVersionTable()``.
    func readVersion() async throws -> Int64 {
        switch try await VersionTable.read(on: session) {
        case .absent:
            try await VersionTable.refuseSecond(database: database, on: session)
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

    /// Runs one migration and records the version that follows: as one transaction, unless its file asks for none.
    ///
    /// - Returns: Names of indexes that an earlier run had left INVALID, and that were built again.
    func run(_ migration: Migration, _ direction: MigrationDirection) async throws -> [String] {
        guard let text = migration.text(direction) else {
            throw MigrationError.noWayDown(database: database, migration: migration.name)
        }
        let script = SQLScript(text)
        let mode = MigrationMode(script)
        let started = ContinuousClock.now
        let pid: Int32 = try await session.query("SELECT pg_backend_pid() AS pid").first?.decode("pid") ?? 0
        let watch = BlockerWatch(configuration, pid: pid, logger: logger)
        var rebuilt: [String] = []
        do {
            if mode == .transaction {
                // Tried once: a failure is told to whoever asked, who may try again.
                try await session.transaction(.init(attempts: 1)) { transaction in
                    if !script.statements.isEmpty { try await transaction.execute(script: text) }
                    try await transaction.batch(record(migration, direction))
                }
            } else {
                rebuilt = try await runUnbound(migration, direction, script, mode)
            }
            _ = await watch.stop()
        } catch {
            let blocker = await watch.stop()
            await keep(error, of: migration, direction, mode, ContinuousClock.now - started)
            throw told(error, of: migration, direction, mode, blocker)
        }
        logger.info(
            "migrated",
            metadata: [
                "database": "\(database)", "migration": "\(migration.name)", "direction": "\(direction.rawValue)",
                "seconds": "\((ContinuousClock.now - started) / .seconds(1))",
            ])
        return rebuilt
    }

    /// The statements that record a migration's version and history.
    func record(_ migration: Migration, _ direction: MigrationDirection, milliseconds: Int64? = nil) -> [PostgresQuery]
    {
        let isUp = direction == .up
        let version = isUp ? migration.version : migrations.version(before: migration.version)
        return VersionTable.record(version)
            + [
                MigrationHistory.record(
                    isUp ? .up : .down, migration, by: author, milliseconds: milliseconds, reason: reason)
            ]
    }

    /// Notes a run that failed, beside what was rolled back. Where the server is gone, or the caller, nobody can.
    private func keep(
        _ error: any Error, of migration: Migration, _ direction: MigrationDirection, _ mode: MigrationMode,
        _ span: Duration
    ) async {
        guard let error = error as? PostgresError, error.kind == .server || error.kind == .timeout else { return }
        do {
            // A transaction that a file has begun itself stays open where it fails.
            if mode == .own { try await session.execute(script: "ROLLBACK") }
            try await session.query(
                MigrationHistory.record(
                    .failed, migration, by: author, milliseconds: Int64(span / .milliseconds(1)),
                    reason: "\(direction.rawValue): \(error.summary)", isOfItsSQL: false))
        } catch {
            logger.warning(
                "the failure of a migration was not noted in its history",
                metadata: ["database": "\(database)", "migration": "\(migration.name)", "error": "\(error)"])
        }
    }

    private func told(
        _ error: any Error, of migration: Migration, _ direction: MigrationDirection, _ mode: MigrationMode,
        _ blocker: DatabaseSession?
    ) -> any Error {
        guard let error = error as? PostgresError else { return error }
        let isBlocked = error.sqlState == .lockNotAvailable || error.sqlState == .deadlockDetected
        if isBlocked, mode == .transaction {
            return MigrationError.blocked(
                database: database, migration: migration.name, direction: direction, holder: blocker)
        }
        guard error.kind == .server || error.kind == .timeout else { return error }
        guard mode == .transaction else {
            return MigrationError.interrupted(
                database: database, migration: migration.name, direction: direction, isDirty: mode.leavesHalves,
                cause: error)
        }
        return MigrationError.failed(
            database: database, migration: migration.name, direction: direction, cause: error)
    }
}
