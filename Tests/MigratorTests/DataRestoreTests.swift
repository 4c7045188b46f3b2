import Migrator
import Postgres
import TestSupport
import Testing

@testable import DevStack

/// A dump of data alone goes into a freshly migrated database, by the way that `migrate up --help` describes.
@Suite struct DataRestoreTests {
    private static let rows = [
        "customers": """
        INSERT INTO accounts (user_id, kind, currency, balance)
            VALUES (0, 'external', 'RUB', -100), (7, 'available', 'RUB', 100);
        INSERT INTO ledger_transactions (kind) VALUES ('top_up');
        INSERT INTO ledger_entries (transaction_id, account_id, amount) VALUES (1, 1, -100), (1, 2, 100);
        """,
        "products": """
        INSERT INTO categories (name) VALUES ('books');
        INSERT INTO products (seller_id, name, description, category, price, currency, amount)
            VALUES (1, 'Медведь', 'мягкий', 'books', 100, 'RUB', 3);
        """,
    ]

    private func migrated(_ role: String, _ fixture: Fixture) async throws -> PostgresConfiguration {
        var configuration = try PostgresConfiguration(url: try await fixture.database().url)
        configuration.schema = "public"
        _ = try await MigrationRunner(
            configuration: configuration, migrations: try MigrationSet.for(role), logger: testLogger
        ).up()
        return configuration
    }

    /// Every table's number of rows.
    private func counts(_ database: String, _ fixture: Fixture) async throws -> [String] {
        try await fixture.stack.postgres.execute(
            """
            SELECT relname || ' ' || (xpath('/row/c/text()', query_to_xml(
                format('SELECT count(*) AS c FROM %I.%I', schemaname, relname), false, true, '')))[1]
            FROM pg_stat_user_tables ORDER BY 1
            """, database: database)
    }

    @Test(arguments: MigrationSet.roles)
    func dataAloneIsRestored(role: String) async throws {
        try await withFixture { fixture in
            let source = try await migrated(role, fixture)
            let target = try await migrated(role, fixture)
            if let rows = Self.rows[role] {
                try await fixture.stack.postgres.execute(rows, database: source.database)
            }
            let programs = try Installation.find([.postgres], in: Installation.SearchPath(path: nil)).postgresPrograms
            let endpoint = fixture.stack.state.postgres
            let empty = role == "products" ? "echo 'TRUNCATE categories CASCADE;';" : ""
            let script = """
                set -o pipefail
                (\(empty) pg_dump --data-only --exclude-table='schema_migrations*' \(source.database)) |
                    psql --quiet --single-transaction -v ON_ERROR_STOP=1 \(target.database)
                """
            _ = try await Command(
                program: "/bin/bash", arguments: ["-c", script],
                environment: [
                    "PGHOST": endpoint.host, "PGPORT": "\(endpoint.port)", "PGUSER": endpoint.user,
                    "PGPASSWORD": endpoint.password, "PATH": "\(programs):/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                ], directory: "/"
            ).output()
            let expected = try await counts(source.database, fixture)
            #expect(expected.contains { $0.hasPrefix("schema_migrations ") })
            #expect(try await counts(target.database, fixture) == expected)
        }
    }

    /// The ledger is guarded there as before.
    @Test func theRestoredLedgerMustBalance() async throws {
        try await withFixture { fixture in
            let configuration = try await migrated("customers", fixture)
            await #expect(throws: DevStackError.self) {
                try await fixture.stack.postgres.execute(
                    (Self.rows["customers"] ?? "") + """
                        SELECT set_config('search_path', '', false);
                        INSERT INTO public.ledger_entries (transaction_id, account_id, amount) VALUES (1, 1, -100)
                        """, database: configuration.database)
            }
        }
    }
}
