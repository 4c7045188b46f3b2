public import Postgres

/// The reason why migrations could not be loaded or run. Each names the database or file it is about, and what to do.
public enum MigrationError: Error, Sendable {
    /// A file that cannot be one of a set of migrations.
    case invalidFile(path: String, reason: String)
    /// A folder of migrations that cannot be read, or has none.
    case unreadableFolder(path: String, reason: String)
    /// A migration that is to be taken back has no file for that.
    case noWayDown(database: String, migration: String)
    /// A migration that runs outside of transactions failed on its way. Where it is marked dirty, what it has done until
    /// then has to be seen to by hand; else it may be run again.
    case interrupted(
        database: String, migration: String, direction: MigrationDirection, isDirty: Bool, cause: PostgresError)
    /// A repair that the database's state does not allow.
    case notRepairable(database: String, reason: String)
    /// A database that cannot be adopted as one of golang-migrate's.
    case notAdoptable(database: String, reason: String)
    /// The binary has no migrations for that role.
    case unknownRole(String, known: [String])
    /// A target version that the set does not have, or that lies the other way.
    case invalidTarget(Int64, reason: String)
    /// The database does not exist, and creating it was not asked for.
    case databaseMissing(database: String)
    /// A migration was left half done.
    case dirty(database: String, version: Int64)
    /// The database's version is none of this binary's: a newer one has been here, or it is another's database.
    case unknownVersion(database: String, version: Int64, latest: Int64)
    /// There is a `schema_migrations`, but not golang-migrate's.
    case foreignVersionTable(database: String, reason: String)
    /// Another migrator held the lock until the end of the patience given.
    case locked(database: String, waited: Duration, holder: DatabaseSession?)
    /// A migration's SQL failed; nothing of it was kept, and the version is the one before it.
    case failed(database: String, migration: String, direction: MigrationDirection, cause: PostgresError)
    /// The database could not be reached or refused something other than a migration's own SQL.
    case database(String, cause: any Error)
    /// A migration could not get a lock, or met a deadlock, and was rolled back.
    case blocked(database: String, migration: String, direction: MigrationDirection, holder: DatabaseSession?)
    /// Some migrations were run before the one that failed.
    indirect case partly(MigrationDirection, done: [String], version: Int64, cause: MigrationError)
    /// Connections share server sessions, as behind a pooler in transaction mode.
    case sharedSessions(database: String)
    /// A pooler refuses a parameter that connections start with.
    case refusedParameter(database: String, reason: String)
    /// Connections lead to another schema than the one set, or to none.
    case wrongSchema(database: String, wanted: String, present: String?, exists: Bool)
    /// There is no shop in the schema, but one in another schema of the same database.
    case elsewhere(database: String, schema: String, other: String)
    /// The database has the tables of another role.
    case anotherRole(database: String, role: String, owner: String)
    /// The database's encoding or locale does not suit the shop's texts.
    case unfitText(database: String, reason: String)
    /// The calling task was cancelled; what was not finished was rolled back.
    case cancelled(database: String)
}

extension MigrationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidFile(let path, let reason):
            return "migration file \(path): \(reason)"
        case .unreadableFolder(let path, let reason):
            return "folder \(path): \(reason)"
        case .noWayDown(let database, let migration):
            return "migration \(migration) of database '\(database)' has no .down.sql, and cannot be taken back"
        case .interrupted(let database, let migration, let direction, let isDirty, let cause):
            let rest =
                isDirty
                ? "it is marked dirty: finish or undo its statements by hand, then clear the mark by 'migrate repair'"
                : "what it has begun is found by the next run: an INVALID index is dropped and built again"
            return """
                migration \(migration) (\(direction.rawValue)) of database '\(database)', which runs outside of \
                transactions, failed: \(cause.summary)\(cause.duplicate); \(rest)
                """
        case .notRepairable(let database, let reason):
            return "nothing was repaired in database '\(database)': \(reason)"
        case .notAdoptable(let database, let reason):
            return "database '\(database)' was not adopted: \(reason)"
        case .unknownRole(let role, let known):
            return "no migrations are known for '\(role)'; there are some for: \(known.joined(separator: ", "))"
        case .invalidTarget(let version, let reason):
            return "cannot migrate to version \(version): \(reason)"
        case .databaseMissing(let database):
            return "database '\(database)' does not exist; create it first"
        case .dirty(let database, let version):
            return """
                database '\(database)' is marked dirty at version \(version): a migrator stopped half way through that \
                migration. Finish or undo its statements by hand, then have 'migrate repair --clear-dirty' set the row in \
                schema_migrations to the version that the schema really has, with dirty = false
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
                back: \(cause.summary)\(cause.duplicate)
                """
        case .database(let database, let cause):
            return "database '\(database)': \((cause as? PostgresError)?.summary ?? "\(cause)")"
        case .blocked(let database, let migration, let direction, let holder):
            let who = holder.map { "it is held by \($0)" } ?? "nobody can be named who holds it"
            return """
                migration \(migration) (\(direction.rawValue)) of database '\(database)' did not get a lock in time, and \
                was rolled back; \(who)
                """
        case .partly(let direction, let done, let version, let cause):
            let verb = direction == .up ? "applied" : "undone"
            return "\(cause). Before that \(done.joined(separator: ", ")) \(done.count == 1 ? "was" : "were") \(verb): "
                + "the database is at version \(version)"
        case .sharedSessions(let database):
            return """
                database '\(database)' is reached through a pooler that gives every transaction another session \
                (PgBouncer's pool_mode transaction or statement), which would run wrong statements: set \
                pool_mode = session for it, or connect to PostgreSQL itself
                """
        case .refusedParameter(let database, let reason):
            return """
                database '\(database)': \(reason): a pooler stands between that does not pass on what connections start \
                with; give PgBouncer ignore_startup_parameters = options and pool_mode = session, and the database's \
                user its settings by ALTER ROLE ... SET search_path, statement_timeout, lock_timeout; or connect to \
                PostgreSQL itself
                """
        case .wrongSchema(let database, let wanted, let present, let exists):
            guard exists else {
                return """
                    database '\(database)' has no schema '\(wanted)', which database.schema names: create it (CREATE \
                    SCHEMA \(wanted)), or set SHOPCTL_DATABASE_SCHEMA
                    """
            }
            let what = present.map { "the schema '\($0)'" } ?? "no schema that its user may use"
            return """
                connections to database '\(database)' lead to \(what), and not to '\(wanted)', which database.schema \
                names: set SHOPCTL_DATABASE_SCHEMA, take search_path out of the URL's options, or grant USAGE on the \
                schema; behind a pooler that drops options, ALTER ROLE ... SET search_path = \(wanted)
                """
        case .elsewhere(let database, let schema, let other):
            return """
                schema '\(schema)' of database '\(database)' is empty, and schema '\(other)' has migrations already: a \
                second shop beside the first is not made; set SHOPCTL_DATABASE_SCHEMA=\(other), or give this shop a \
                database of its own
                """
        case .anotherRole(let database, let role, let owner):
            return """
                database '\(database)' is the one of the role \(owner), and not of \(role): nothing was done there; \
                correct SHOPCTL_\(role.uppercased())_DATABASE_URL, or the DATABASE_URL that all roles share, whose \
                {role} stands for each role's name
                """
        case .unfitText(let database, let reason):
            return """
                database '\(database)' does not suit the shop: \(reason); create it anew with ENCODING 'UTF8' and an \
                LC_CTYPE such as 'C.UTF-8' (TEMPLATE template0), or have 'migrate up --create-databases' do it
                """
        case .cancelled(let database):
            return "migrating database '\(database)' was cancelled; what was not finished was rolled back"
        }
    }
}

extension PostgresError {
    /// The server's detail of rows that a unique index cannot have; nothing for another fault.
    ///
    /// It quotes a row's key, and is for whoever migrates: logs and the history have the ``summary`` alone.
    var duplicate: String { sqlState == .uniqueViolation ? detail.map { " (\($0))" } ?? "" : "" }
}
