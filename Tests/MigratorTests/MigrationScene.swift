import Logging
import Migrator
import Postgres
import TestSupport
import Testing

/// A database of a test's own, with a set of migrations for it.
struct MigrationScene: Sendable {
    let configuration: PostgresConfiguration
    let client: PostgresClient
    let set: MigrationSet

    var runner: MigrationRunner { runner() }

    func runner(lockTimeout: Duration = .seconds(60), logger: Logger = testLogger) -> MigrationRunner {
        MigrationRunner(configuration: configuration, migrations: set, lockTimeout: lockTimeout, logger: logger)
    }

    func execute(_ script: String) async throws {
        try await client.withConnection { try await $0.execute(script: script) }
    }

    /// The tables that migrations have made.
    func tables() async throws -> [String] {
        try await strings(
            """
            SELECT tablename::text FROM pg_tables
            WHERE schemaname = 'public' AND tablename !~ '^schema_migrations' ORDER BY 1
            """)
    }

    func versionRows() async throws -> [String] {
        try await strings("SELECT version || ' ' || dirty FROM schema_migrations ORDER BY version")
    }

    func versionTableShape() async throws -> [String] {
        try await strings(
            """
            SELECT attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull
            FROM pg_attribute WHERE attrelid = 'schema_migrations'::regclass AND attnum > 0
            UNION ALL
            SELECT contype::text || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
            WHERE conrelid = 'schema_migrations'::regclass
            ORDER BY 1
            """)
    }

    /// All that migrations have made, told so that two schemas that are equal read equal.
    func schema() async throws -> [String] {
        try await strings(
            """
            SELECT * FROM (
                SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
                    || ' ' || coalesce(column_default, '') AS line
                FROM information_schema.columns WHERE table_schema = 'public'
                UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
                UNION ALL SELECT 'relation ' || concat_ws(' ', relkind, relname, reloptions) FROM pg_class
                WHERE relnamespace = 'public'::regnamespace
                UNION ALL SELECT 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
                WHERE connamespace = 'public'::regnamespace
                UNION ALL SELECT 'function ' || proname || ' ' || coalesce(proconfig::text, '') FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
                UNION ALL SELECT 'type ' || typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
            ) lines WHERE line !~ 'schema_migrations' ORDER BY 1
            """)
    }

    /// The history without times and people.
    func deeds() async throws -> [String] {
        try await strings("SELECT deed || ' ' || version || ' ' || title FROM schema_migrations_history ORDER BY id")
    }

    func strings(_ query: PostgresQuery) async throws -> [String] {
        try await client.query(query).map { try $0.decode(at: 0, as: String.self) }
    }
}

/// A migration that makes a table of its title, unless it is told otherwise.
func migration(_ version: Int64, _ title: String, up: String? = nil, down: String? = nil) -> [MigrationFile] {
    [
        MigrationFile(role: "shop", name: "\(version)_\(title).up.sql", text: up ?? "CREATE TABLE \(title) ();"),
        MigrationFile(role: "shop", name: "\(version)_\(title).down.sql", text: down ?? "DROP TABLE \(title);"),
    ]
}

/// Three migrations: first, second, third.
func threeMigrations() throws -> MigrationSet {
    try MigrationSet(role: "shop", files: migration(1, "first") + migration(2, "second") + migration(3, "third"))
}

/// Runs a test on an empty database.
func withMigrations(_ set: MigrationSet? = nil, _ body: (MigrationScene) async throws -> Void) async throws {
    let set = try set ?? threeMigrations()
    try await withFixture { fixture in
        // A busy machine is not a lost server.
        var configuration = try PostgresConfiguration(url: try await fixture.database().url)
        configuration.connectTimeout = .seconds(60)
        configuration.poolTimeout = .seconds(60)
        let client = PostgresClient(configuration: configuration, logger: testLogger)
        fixture.atEnd { await client.close() }
        try await body(MigrationScene(configuration: configuration, client: client, set: set))
    }
}

/// Expects an error of this room's that says all of these.
func expectFailure(
    _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation, of body: () async throws -> some Any
) async {
    do {
        _ = try await body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch {
        #expect(error is MigrationError || error is TopologyError, sourceLocation: sourceLocation)
        for part in parts {
            #expect("\(error)".contains(part), sourceLocation: sourceLocation)
        }
    }
}
