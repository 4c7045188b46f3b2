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
    let logger: Logger

    /// The name of the database.
    public var database: String { configuration.database }

    /// A runner; it connects when it is asked to do something.
    ///
    /// - Parameters:
    ///   - configuration: The database. Its statement timeout does not hold for migrations; its lock timeout does.
    ///   - migrations: What to run, as from `MigrationSet.for(_:)`.
    ///   - lockTimeout: How long to wait for another migrator to finish.
    ///   - createDatabase: Whether ``up(to:)`` creates the database, through the server's `postgres` database, if
    ///     there is none yet.
    public init(
        configuration: PostgresConfiguration, migrations: MigrationSet, lockTimeout: Duration = .seconds(60),
        createDatabase: Bool = false, logger: Logger
    ) {
        var configuration = configuration
        configuration.applicationName += "-migrate"
        configuration.statementTimeout = .zero
        configuration.maximumConnections = 2
        self.configuration = configuration
        self.migrations = migrations
        self.lockTimeout = lockTimeout
        self.createDatabase = createDatabase
        self.logger = logger
    }

    /// Applies what is pending, all or up to and with the version given. Nothing pending is success.
    ///
    /// What was applied before a failing migration stays applied.
    public func up(to target: Int64? = nil) async throws(MigrationError) -> MigrationReport {
        if let target, target != 0, migrations[target] == nil {
            let known = migrations.latest
            throw .invalidTarget(target, reason: "the versions known for \(migrations.role) end at \(known)")
        }
        let isNew = createDatabase ? try await makeDatabase() : false
        return try await withLock { work in
            let current = try await work.adoptVersionTable()
            let target = target ?? migrations.latest
            if target < current {
                throw MigrationError.invalidTarget(target, reason: "the database is at \(current); that way is down")
            }
            let pending = migrations.migrations.filter { $0.version > current && $0.version <= target }
            let names = try await run(pending, .up, work)
            return report(from: current, to: max(current, target), .up, names, createdDatabase: isNew)
        }
    }

    /// Takes back the latest migrations, as many as `steps` says or as there are. Nothing applied is success.
    public func down(steps: Int) async throws(MigrationError) -> MigrationReport {
        precondition(steps >= 0, "a number of steps cannot be negative")
        return try await withLock { work in
            let current = try await work.adoptVersionTable()
            let target = max(0, current - Int64(steps))
            let applied = migrations.migrations.filter { $0.version <= current && $0.version > target }
            let names = try await run(applied.reversed(), .down, work)
            return report(from: current, to: target, .down, names, createdDatabase: false)
        }
    }

    /// Runs migrations one after the other.
    ///
    /// - Returns: Their names.
    /// - Throws: `MigrationError`, which tells what was run before the failure.
    private func run(
        _ chosen: [Migration], _ direction: MigrationDirection, _ work: MigrationWork
    ) async throws -> [String] {
        var done: [Migration] = []
        for migration in chosen {
            do {
                try await work.run(migration, direction)
            } catch {
                let cause = migrationError(error)
                guard let last = done.last else { throw cause }
                throw MigrationError.partly(
                    direction, done: done.map(\.name), version: direction == .up ? last.version : last.version - 1,
                    cause: cause)
            }
            done.append(migration)
        }
        return done.map(\.name)
    }

    private func report(
        from: Int64, to: Int64, _ direction: MigrationDirection, _ names: [String], createdDatabase: Bool
    ) -> MigrationReport {
        MigrationReport(
            role: migrations.role, database: configuration.database, from: from, to: to, direction: direction,
            migrations: names, createdDatabase: createdDatabase)
    }
}
