import Postgres

/// A hand for a database that a migrator cannot go on with by itself.
public struct MigrationRepair: Sendable {
    /// Clears the mark of a migration that was left half done.
    public var clearsDirty = false
    /// The version that the schema really has, where it is not the marked one.
    public var version: Int64?
    /// The version that was applied, where the database's is lower.
    public var appliedVersion: Int64?
    /// Versions whose SQL has changed since they were applied, and is accepted as it is.
    public var accepted: [Int64] = []
    /// Builds INVALID indexes again.
    public var rebuildsIndexes = false
    /// Only tells what would be done.
    public var isDryRun = false
    /// The reason, for the history.
    public let reason: String

    /// A repair that does nothing yet.
    public init(reason: String) { self.reason = reason }
}

extension MigrationRunner {
    /// Mends what the repair says.
    ///
    /// - Returns: What was done, a line each; none if there was nothing to do.
    /// - Throws: `MigrationError.notRepairable` where it would make matters worse.
    public func repair(_ repair: MigrationRepair) async throws(MigrationError) -> [String] {
        try await withLock { work in
            var done: [String] = []
            if !repair.isDryRun { try await work.session.query(MigrationHistory.creation) }
            if repair.clearsDirty { done += try await clearDirty(repair, work) }
            if let version = repair.appliedVersion { done += try await setVersion(version, repair, work) }
            if !repair.accepted.isEmpty { done += try await accept(repair, work) }
            if repair.rebuildsIndexes { done += try await rebuildIndexes(repair, work) }
            return done
        }
    }

    /// Takes a database over whose versions were written by golang-migrate: the migrations at hand are taken for those
    /// that were applied.
    ///
    /// - Parameter isDryRun: Whether only the checks are made.
    /// - Returns: The database's version, and the names of the migrations taken over; none if all were known.
    public func adopt(isDryRun: Bool = false) async throws(MigrationError) -> (version: Int64, adopted: [String]) {
        try await withLock { work in
            let database = configuration.database
            guard case .version = try await VersionTable.read(on: work.session) else {
                _ = try await work.readVersion()
                throw MigrationError.notAdoptable(
                    database: database, reason: "it has no schema_migrations that golang-migrate has written")
            }
            let version = try await isDryRun ? work.readVersion() : work.adoptVersionTable()
            guard version > 0 else {
                throw MigrationError.notAdoptable(
                    database: database, reason: "its schema_migrations is empty: nothing was applied")
            }
            let history = try await MigrationHistory.read(on: work.session)
            let passedOver = passedOver(at: version, history)
            guard passedOver.isEmpty else {
                throw MigrationError.notAdoptable(
                    database: database,
                    reason: """
                        \(passedOver.joined(separator: ", ")) was never applied: the history has lower versions, and not \
                        this one; give its files a version above \(version), so that 'up' applies it
                        """)
            }
            let unknown = migrations.migrations.filter {
                $0.version <= version && history.checksum(of: $0.version) == nil
            }
            guard !isDryRun else { return (version, unknown.map(\.name)) }
            try await work.session.batch(
                unknown.map { MigrationHistory.record(.baseline, $0, by: author, reason: "from golang-migrate") })
            return (version, unknown.map(\.name))
        }
    }

    private func clearDirty(_ repair: MigrationRepair, _ work: MigrationWork) async throws -> [String] {
        let database = configuration.database
        guard case .version(let marked, dirty: true) = try await VersionTable.read(on: work.session) else {
            throw MigrationError.notRepairable(database: database, reason: "it is not marked dirty")
        }
        let version = repair.version ?? marked
        guard version == 0 || migrations[version] != nil else {
            throw MigrationError.notRepairable(
                database: database, reason: "there is no version \(version) for \(migrations.role)")
        }
        if !repair.isDryRun {
            let note = "\(MigrationHistory.clearedDirty)\(marked), set to \(version): \(repair.reason)"
            let migration = migrations[version] ?? Migration(version: 0, title: "", up: "", down: nil)
            try await work.session.batch(
                VersionTable.record(version)
                    + [
                        MigrationHistory.record(
                            .repair, migration, by: author, reason: note, isOfItsSQL: version > 0)
                    ])
        }
        return ["version \(marked) is no longer marked dirty; the database is at version \(version)"]
    }

    private func setVersion(
        _ version: Int64, _ repair: MigrationRepair, _ work: MigrationWork
    ) async throws -> [String] {
        let database = configuration.database
        guard case .version(let present, dirty: false) = try await VersionTable.read(on: work.session) else {
            throw MigrationError.notRepairable(
                database: database, reason: "its version is marked dirty, or there is none to set")
        }
        guard let migration = migrations[version] else {
            throw MigrationError.notRepairable(
                database: database, reason: "there is no version \(version) for \(migrations.role)")
        }
        guard present != version else { return [] }
        let history = try await MigrationHistory.read(on: work.session)
        guard try await understated(present, history, on: work.session) == version else {
            throw MigrationError.notRepairable(
                database: database,
                reason: "its history and its schema do not show that \(migration.name) is the last that was applied")
        }
        if !repair.isDryRun {
            let note = "\(MigrationHistory.versionSet)\(version), from \(present): \(repair.reason)"
            try await work.session.batch(
                VersionTable.record(version)
                    + [MigrationHistory.record(.repair, migration, by: author, reason: note, isOfItsSQL: false)])
        }
        return ["the database is at version \(version), and no longer said to be at \(present)"]
    }

    private func accept(_ repair: MigrationRepair, _ work: MigrationWork) async throws -> [String] {
        let history = try await MigrationHistory.read(on: work.session)
        var done: [String] = []
        var lines: [PostgresQuery] = []
        for version in repair.accepted {
            guard let migration = migrations[version] else {
                throw MigrationError.notRepairable(
                    database: configuration.database, reason: "there is no version \(version) for \(migrations.role)")
            }
            guard try await VersionTable.read(on: work.session).isApplied(version) else {
                throw MigrationError.notRepairable(
                    database: configuration.database, reason: "\(migration.name) is not applied")
            }
            guard history.checksum(of: version) != migration.checksum else { continue }
            lines.append(
                MigrationHistory.record(
                    .repair, migration, by: author, reason: "accepted the checksum: \(repair.reason)"))
            done.append("\(migration.name) is accepted as it is: \(migration.checksum)")
        }
        if !repair.isDryRun { try await work.session.batch(lines) }
        return done
    }

    private func rebuildIndexes(_ repair: MigrationRepair, _ work: MigrationWork) async throws -> [String] {
        var done: [String] = []
        let version = try await VersionTable.read(on: work.session).version ?? 0
        for index in try await InvalidIndex.all(on: work.session) {
            let deed = index.isLeftover ? "dropped" : "dropped and built again"
            let line = "index \(index.name) of table \(index.table) was INVALID: \(deed)"
            done.append(line)
            if repair.isDryRun { continue }
            try await work.session.execute(script: "DROP INDEX CONCURRENTLY \(index.quoted)")
            if !index.isLeftover {
                do {
                    try await work.session.execute(script: index.concurrentDefinition)
                } catch var error as PostgresError {
                    error.message += error.duplicate
                    throw error
                }
            }
            let migration = migrations[version] ?? Migration(version: version, title: "", up: "", down: nil)
            try await work.session.query(
                MigrationHistory.record(
                    .repair, migration, by: author, reason: "\(line): \(repair.reason)", isOfItsSQL: false))
        }
        return done
    }
}

extension VersionTable.State {
    /// Nil where it cannot be told.
    var version: Int64? { if case .version(let version, _) = self { version } else { nil } }

    func isApplied(_ version: Int64) -> Bool { version <= self.version ?? 0 }
}
