public import Postgres

/// Why migrations could not be loaded or run. Each names the database or file it is about, and what to do.
public enum MigrationError: Error, Sendable {
    /// A file that cannot be one of a set of migrations.
    case invalidFile(path: String, reason: String)
    /// The binary has no migrations for that role.
    case unknownRole(String, known: [String])
    /// A target version that the set does not have, or that lies the other way.
    case invalidTarget(Int64, reason: String)
    /// The database does not exist, and creating it was not asked for.
    case databaseMissing(database: String)
    /// golang-migrate left a migration half done.
    case dirty(database: String, version: Int64)
    /// The database's version is none of this binary's: a newer one has been here, or it is another's database.
    case unknownVersion(database: String, version: Int64, latest: Int64)
    /// There is a `schema_migrations`, but not golang-migrate's.
    case foreignVersionTable(database: String, reason: String)
    /// Another migrator held the lock until the end of the patience given.
    case locked(database: String, waited: Duration, holder: LockHolder?)
    /// A migration's SQL failed; nothing of it was kept, and the version is the one before it.
    case failed(database: String, migration: String, direction: MigrationDirection, cause: PostgresError)
    /// The database could not be reached or refused something other than a migration's own SQL.
    case database(String, cause: any Error)
    /// The calling task was cancelled; what was not finished was rolled back.
    case cancelled(database: String)
}

extension MigrationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidFile(let path, let reason):
            return "migration file \(path): \(reason)"
        case .unknownRole(let role, let known):
            return "no migrations are known for '\(role)'; there are some for: \(known.joined(separator: ", "))"
        case .invalidTarget(let version, let reason):
            return "cannot migrate to version \(version): \(reason)"
        case .databaseMissing(let database):
            return "database '\(database)' does not exist; create it first"
        case .dirty(let database, let version):
            return """
                database '\(database)' is marked dirty at version \(version): another tool stopped half way through \
                that migration. Finish or undo its statements by hand, then set the row in schema_migrations to the \
                version that the schema really has, with dirty = false
                """
        case .unknownVersion(let database, let version, let latest):
            return """
                database '\(database)' is at version \(version), which this binary does not know (its latest is \
                \(latest)); use the binary that brought it there, or a newer one
                """
        case .foreignVersionTable(let database, let reason):
            return "table schema_migrations in database '\(database)' is not golang-migrate's: \(reason)"
        case .locked(let database, let waited, let holder):
            let who = holder.map { "it is held by \($0)" } ?? "its holder has just gone: try again"
            return "the migration lock of database '\(database)' was not free within \(waited); \(who)"
        case .failed(let database, let migration, let direction, let cause):
            return """
                migration \(migration) (\(direction.rawValue)) of database '\(database)' failed, and was rolled \
                back: \(cause)
                """
        case .database(let database, let cause):
            return "database '\(database)': \(cause)"
        case .cancelled(let database):
            return "migrating database '\(database)' was cancelled; what was not finished was rolled back"
        }
    }
}
