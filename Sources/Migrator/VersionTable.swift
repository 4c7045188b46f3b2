import Postgres

/// golang-migrate's record of a schema's version: one row, none when nothing is applied.
///
/// Format and meaning are kept exactly, so that golang-migrate can take over at any time.
enum VersionTable {
    static let name = "schema_migrations"

    /// The contents of the table.
    enum State: Equatable {
        /// There is none yet.
        case absent
        case version(Int64, dirty: Bool)
        /// It is not golang-migrate's.
        case foreign(reason: String)
    }

    static let creation: PostgresQuery =
        "CREATE TABLE IF NOT EXISTS schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)"

    /// The statement that records a version, in the transaction of the migration itself.
    static func record(_ version: Int64, isDirty: Bool = false) -> [PostgresQuery] {
        // Rows are deleted, not truncated, so that a reader of the version never waits.
        let deletion: PostgresQuery = "DELETE FROM schema_migrations"
        guard version > 0 || isDirty else { return [deletion] }
        return [deletion, "INSERT INTO schema_migrations (version, dirty) VALUES (\(version), \(isDirty))"]
    }

    /// Passes if no other schema of the database has such a table.
    ///
    /// - Throws: `MigrationError.elsewhere`. A schema that comes first in the search path, as one that is named after
    ///   the user does, would otherwise get a second, empty shop.
    static func refuseSecond(database: String, on session: PostgresSession) async throws {
        let rows = try await session.query(
            """
            SELECT n.nspname::text AS other, coalesce(current_schema(), '')::text AS schema
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relname = \(name) AND c.relkind = 'r' AND n.nspname <> coalesce(current_schema(), '')
              AND n.nspname !~ '^pg_' AND 2 = (
                  SELECT count(*) FROM pg_attribute a
                  WHERE a.attrelid = c.oid AND (a.attname, a.atttypid) IN
                      (('version', 'bigint'::regtype), ('dirty', 'boolean'::regtype)))
            ORDER BY 1 LIMIT 1
            """)
        guard let row = rows.first else { return }
        throw MigrationError.elsewhere(
            database: database, schema: try row.decode("schema"), other: try row.decode("other"))
    }

    static func read(on session: PostgresSession) async throws -> State {
        let columns = try await session.query(
            """
            SELECT column_name::text AS name, data_type::text AS type FROM information_schema.columns
            WHERE table_schema = current_schema() AND table_name = \(name)
            """)
        if columns.isEmpty { return .absent }
        let types = Dictionary(
            try columns.map { row -> (String, String) in (try row.decode("name"), try row.decode("type")) },
            uniquingKeysWith: { first, _ in first })
        guard types == ["version": "bigint", "dirty": "boolean"] else {
            let shape = types.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            return .foreign(reason: "its columns are (\(shape)), not (version bigint, dirty boolean)")
        }
        let rows = try await session.query("SELECT version, dirty FROM schema_migrations ORDER BY version")
        guard rows.count <= 1 else {
            return .foreign(reason: "it has \(rows.count) rows where golang-migrate keeps one")
        }
        guard let row = rows.first else { return .version(0, dirty: false) }
        return .version(try row.decode("version"), dirty: try row.decode("dirty"))
    }
}
