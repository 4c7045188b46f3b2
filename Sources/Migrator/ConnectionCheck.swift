import Logging
import Postgres

/// Looks at a database before anything is done there: whether the connection keeps its session, whether it leads to
/// the schema that was asked for, whether the database can hold and find all text, and whether it is another role's.
struct ConnectionCheck {
    /// Whose migrations are meant for the database.
    let role: String
    /// Whether the tables tell the role: not where migrations are another program's.
    let checksOwner: Bool
    let configuration: PostgresConfiguration
    let logger: Logger

    private var database: String { configuration.database }

    func run(on session: PostgresSession) async throws {
        if try await PoolerCheck(configuration: configuration, logger: logger).sharesSessions(session) {
            throw MigrationError.sharedSessions(database: database)
        }
        try await checkSchema(session)
        try await checkText(session)
        if checksOwner { try await checkOwner(session) }
    }

    /// A table of each role's database that no other role's has.
    private static let ownTables = [
        "gateway": "users", "products": "categories", "orders": "orders", "customers": "accounts", "reviews": "reviews",
    ]

    /// Refuses the database of another role: the versions of two roles' schemas may happen to be equal, and undoing
    /// one role's migration in the other's database destroys it.
    private func checkOwner(_ session: PostgresSession) async throws {
        guard let own = Self.ownTables[role] else { return }
        let found = try await session.query(
            """
            SELECT tablename::text AS name FROM pg_tables
            WHERE schemaname = current_schema() AND tablename = ANY(\(Self.ownTables.values.sorted())::text[])
            """
        ).map { try $0.decode("name", as: String.self) }
        guard !found.contains(own) else { return }
        let owners = Self.ownTables.filter { found.contains($0.value) }.keys.sorted()
        guard let owner = owners.first else { return }
        throw MigrationError.anotherRole(database: database, role: role, owner: owner)
    }

    private func checkSchema(_ session: PostgresSession) async throws {
        guard let schema = configuration.schema else { return }
        let rows = try await session.query(
            """
            SELECT current_schema()::text AS present,
                   EXISTS (SELECT FROM pg_namespace WHERE nspname = \(schema)) AS exists
            """)
        guard let row = rows.first else { return }
        let present = try row.decode("present", as: String?.self)
        guard present != schema else { return }
        throw MigrationError.wrongSchema(
            database: database, wanted: schema, present: present, exists: try row.decode("exists"))
    }

    private func checkText(_ session: PostgresSession) async throws {
        let encoding = try await session.query("SELECT getdatabaseencoding()::text AS name").first?
            .decode("name", as: String.self)
        guard encoding == "UTF8" else {
            throw MigrationError.unfitText(
                database: database, reason: "its encoding is \(encoding ?? "unknown") and not UTF8")
        }
        // A capital and a small Cyrillic letter: in the locale C a search finds ASCII words only.
        let rows = try await session.query(
            """
            SELECT lower(chr(1046)) = chr(1078)
                AND to_tsvector('simple', chr(1046)) @@ plainto_tsquery('simple', chr(1078)) AS fits
            """)
        guard try rows.first?.decode("fits") ?? false else {
            throw MigrationError.unfitText(
                database: database,
                reason: "its LC_CTYPE knows no letters beyond ASCII, so that a search would not find them")
        }
    }
}
