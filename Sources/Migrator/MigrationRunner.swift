public import Logging
public import Postgres

/// Runs one role's migrations on its database.
///
/// One migrator at a time works on a database, under golang-migrate's own advisory lock; each migration and the
/// record of its version are one transaction, so that there is never a half of one. The lock belongs to a session:
/// a pooler that gives every transaction another session must not stand between.
public struct MigrationRunner: Sendable {
    var configuration: PostgresConfiguration
    let migrations: MigrationSet
    let lockTimeout: Duration
    let createDatabase: Bool
    let author: MigrationAuthor
    let logger: Logger
    /// Called once where another migrator has been waited for, for a second.
    public var onLongWait: @Sendable (DatabaseSession?) -> Void = { _ in }

    /// The name of the database.
    public var database: String { configuration.database }

    /// `host:port` of its server, or of each.
    public var place: String { configuration.place }

    /// A runner; it connects when it is asked to do something.
    ///
    /// - Parameters:
    ///   - configuration: The database. Its statement timeout does not hold for migrations; its lock timeout does.
    ///   - migrations: What to run, as from `MigrationSet.for(_:)`.
    ///   - lockTimeout: How long to wait for another migrator to finish.
    ///   - createDatabase: Whether ``up(to:)`` creates the database, through the server's `postgres` database, if
    ///     there is none yet.
    ///   - author: The one who migrates, for the history.
    public init(
        configuration: PostgresConfiguration, migrations: MigrationSet, lockTimeout: Duration = .seconds(60),
        createDatabase: Bool = false, author: MigrationAuthor = .unknown, logger: Logger
    ) {
        var configuration = configuration
        configuration.applicationName += "-migrate"
        configuration.statementTimeout = .zero
        configuration.maximumConnections = 2
        self.configuration = configuration
        self.migrations = migrations
        self.lockTimeout = lockTimeout
        self.createDatabase = createDatabase
        self.author = author
        self.logger = logger
    }

    /// Applies what is pending, all or up to and with the version given.
    public func up(to version: Int64) async throws(MigrationError) -> MigrationReport {
        try await up(.version(version))
    }

    /// Passes if the target is one of the migrations' versions, whatever the database has.
    public func check(_ target: MigrationTarget) throws(MigrationError) {
        if case .version(let version) = target { _ = try migrations.path(.up, from: 0, to: .version(version)) }
    }

    /// Applies what is pending, as far as the target says. Nothing pending is success.
    ///
    /// What was applied before a failing migration stays applied.
    ///
    /// - Parameter isDryRun: Whether only the checks are made; no database is created.
    public func up(
        _ target: MigrationTarget = .end, isDryRun: Bool = false
    ) async throws(MigrationError) -> MigrationReport {
        try check(target)
        guard !isDryRun else { return try await rehearse(target) }
        let isNew = createDatabase ? try await makeDatabase() : false
        return try await withLock { work in
            let current = try await work.adoptVersionTable()
            return try await run(.up, from: current, to: target, work, createdDatabase: isNew)
        }
    }

    /// Makes the checks of ``up(_:isDryRun:)``, of a database that would be created too.
    private func rehearse(_ target: MigrationTarget) async throws(MigrationError) -> MigrationReport {
        do {
            return try await withLock { work in
                try await run(.up, from: work.readVersion(), to: target, work, isDryRun: true)
            }
        } catch {
            guard case .databaseMissing = error, createDatabase else { throw error }
            let chosen = try migrations.path(.up, from: 0, to: target)
            return MigrationReport(
                role: migrations.role, database: configuration.database, from: 0, to: chosen.last?.version ?? 0,
                direction: .up, migrations: chosen.map(\.name), createdDatabase: true, isDryRun: true,
                rebuiltIndexes: [], changed: [])
        }
    }

    /// Takes back the latest migrations, as many as `steps` says or as there are. Nothing applied is success.
    public func down(steps: Int) async throws(MigrationError) -> MigrationReport {
        precondition(steps >= 0, "a number of steps cannot be negative")
        return try await down(.steps(steps))
    }

    /// Takes back the latest migrations, as far as the target says. Nothing applied is success.
    ///
    /// - Parameters:
    ///   - reason: Why, for the history; nil where nobody said.
    ///   - isDryRun: Whether only the checks are made.
    public func down(
        _ target: MigrationTarget, because reason: String? = nil, isDryRun: Bool = false
    ) async throws(MigrationError) -> MigrationReport {
        try await withLock(because: reason) { work in
            let current = try await isDryRun ? work.readVersion() : work.adoptVersionTable()
            return try await run(.down, from: current, to: target, work, isDryRun: isDryRun)
        }
    }

    /// Takes the latest migration back and applies it again, under one lock.
    ///
    /// - Parameters:
    ///   - reason: Why, for the history; nil where nobody said.
    ///   - isDryRun: Whether only the checks are made.
    /// - Returns: A report of each way; of none where nothing is applied.
    public func redo(
        because reason: String? = nil, isDryRun: Bool = false
    ) async throws(MigrationError) -> [MigrationReport] {
        try await withLock(because: reason) { work in
            let current = try await isDryRun ? work.readVersion() : work.adoptVersionTable()
            guard current > 0 else { return [] }
            let down = try await run(.down, from: current, to: .steps(1), work, isDryRun: isDryRun)
            do {
                return [
                    down, try await run(.up, from: down.to, to: .version(current), work, isDryRun: isDryRun),
                ]
            } catch {
                throw MigrationError.partly(
                    .down, done: down.migrations, version: down.to, cause: migrationError(error))
            }
        }
    }

    /// Runs migrations one after the other.
    ///
    /// - Throws: `MigrationError`, which tells what was run before the failure.
    private func run(
        _ direction: MigrationDirection, from current: Int64, to target: MigrationTarget, _ work: MigrationWork,
        createdDatabase: Bool = false, isDryRun: Bool = false
    ) async throws -> MigrationReport {
        let chosen = try migrations.path(direction, from: current, to: target)
        // A way that ends before its goal is not begun.
        if direction == .down, let last = chosen.first(where: { $0.down == nil }) {
            throw MigrationError.noWayDown(database: configuration.database, migration: last.name)
        }
        var done: [String] = []
        var version = current
        var rebuilt: [String] = []
        for migration in chosen {
            do {
                if !isDryRun { rebuilt += try await work.run(migration, direction) }
            } catch {
                let cause = migrationError(error)
                if done.isEmpty { throw cause }
                throw MigrationError.partly(direction, done: done, version: version, cause: cause)
            }
            done.append(migration.name)
            version = direction == .up ? migration.version : migrations.version(before: migration.version)
        }
        // What was taken back is no longer applied.
        let changed =
            direction == .up ? self.changed(at: current, try await MigrationHistory.read(on: work.session)) : []
        return MigrationReport(
            role: migrations.role, database: configuration.database, from: current, to: version, direction: direction,
            migrations: done, createdDatabase: createdDatabase, isDryRun: isDryRun, rebuiltIndexes: rebuilt,
            changed: changed)
    }
}
