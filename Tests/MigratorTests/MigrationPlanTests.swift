import Migrator
import Postgres
import TestSupport
import Testing

@testable import DevStack

/// The SQL of a plan, run by psql, leaves what `up` leaves.
@Suite struct MigrationPlanTests {
    /// Runs a script of bash with PostgreSQL's programs and this server's address.
    private func shell(_ script: String, _ fixture: Fixture, input: String = "") async throws -> String {
        let programs = try Installation.find([.postgres], in: Installation.SearchPath(path: nil)).postgresPrograms
        let endpoint = fixture.stack.state.postgres
        return try await Command(
            program: "/bin/bash", arguments: ["-c", "set -o pipefail; " + script],
            environment: [
                "PGHOST": endpoint.host, "PGPORT": "\(endpoint.port)", "PGUSER": endpoint.user,
                "PGPASSWORD": endpoint.password, "PATH": "\(programs):/usr/bin:/bin", "LC_ALL": "C.UTF-8", "SQL": input,
            ], directory: "/"
        ).output()
    }

    /// The schema and the version as pg_dump tells them; the history without what differs between any two runs.
    private func contents(_ database: String, _ fixture: Fixture) async throws -> String {
        try await shell(
            """
            pg_dump --schema-only \(database) | grep -v '^\\\\'
            psql -Atc 'TABLE schema_migrations' \(database)
            psql -Atc 'SELECT deed, version, title, checksum FROM schema_migrations_history
                WHERE milliseconds >= 0 ORDER BY id' \(database)
            """, fixture)
    }

    private func runner(_ set: MigrationSet, _ fixture: Fixture) async throws -> MigrationRunner {
        var configuration = try PostgresConfiguration(url: try await fixture.database().url)
        configuration.schema = "public"
        return MigrationRunner(
            configuration: configuration, migrations: set, author: MigrationAuthor(program: "it's 1.0", who: "Ann"),
            logger: testLogger)
    }

    private func psql(_ script: MigrationScript, _ database: String, _ fixture: Fixture) async throws -> String {
        try await shell("printf '%s' \"$SQL\" | psql -q \(database) 2>&1", fixture, input: script.sql)
    }

    @Test(arguments: MigrationSet.roles)
    func psqlDoesWhatUpDoes(role: String) async throws {
        try await withFixture { fixture in
            let set = try MigrationSet.for(role)
            let (byHand, byUs) = (try await runner(set, fixture), try await runner(set, fixture))
            let script = try await byHand.plan()
            #expect(script.from == 0 && script.to == set.latest && script.migrations.count == set.migrations.count)
            _ = try await psql(script, byHand.database, fixture)
            _ = try await byUs.up()
            let expected = try await contents(byUs.database, fixture)
            #expect(expected.contains("schema_migrations_history") && expected.contains("\(set.latest)|f"))
            #expect(try await contents(byHand.database, fixture) == expected)
            #expect(try await byHand.verify().entries.allSatisfy { $0.state == .same })
            #expect(try await byHand.plan().sql.contains("nothing is pending"))
        }
    }

    @Test func anInvalidIndexIsDroppedFirst() async throws {
        let build = "CREATE UNIQUE INDEX CONCURRENTLY first_x ON first (x)"
        let files = [
            migration(1, "first", up: "CREATE TABLE first (x int); INSERT INTO first VALUES (1), (1)"),
            migration(2, "second", up: build, down: "DROP INDEX first_x"),
        ]
        let set = try MigrationSet(role: "shop", files: files.flatMap(\.self))
        try await withFixture { fixture in
            let runner = try await runner(set, fixture)
            await expectFailure("2_second (up)") { try await runner.up() }
            _ = try await shell("psql -qc 'DELETE FROM first' \(runner.database)", fixture)
            let script = try await runner.plan()
            #expect(script.sql.contains("DROP INDEX CONCURRENTLY first_x;\n\(build)"))
            _ = try await psql(script, runner.database, fixture)
            #expect(try await runner.status().anomalies.isEmpty)
            #expect(try await runner.verify().version == 2)
        }
    }

    @Test func everyKindOfFileIsPlanned() async throws {
        let files = [
            migration(1, "first", up: "CREATE TABLE first (x int); -- no end"),
            migration(2, "second", up: "CREATE INDEX CONCURRENTLY first_x ON first (x)", down: "DROP INDEX first_x"),
            migration(3, "third", up: "BEGIN; CREATE TABLE third (); COMMIT", down: "DROP TABLE third"),
            migration(4, "fourth", up: "-- migrate:no-transaction\nCREATE TABLE fourth ()"),
        ]
        let set = try MigrationSet(role: "shop", files: files.flatMap(\.self), rules: .golangMigrate)
        try await withFixture { fixture in
            let (byHand, byUs) = (try await runner(set, fixture), try await runner(set, fixture))
            #expect(try await byHand.plan(.steps(1)).migrations == ["1_first"])
            _ = try await psql(try await byHand.plan(.version(1)), byHand.database, fixture)
            let rest = try await byHand.plan()
            #expect(rest.from == 1 && rest.migrations.count == 3)
            _ = try await psql(rest, byHand.database, fixture)
            // It is for one place in the history, and says so at any other.
            await #expect(throws: DevStackError.self) { try await psql(rest, byHand.database, fixture) }
            _ = try await byUs.up()
            let told = try await contents(byUs.database, fixture).split(separator: "\n").filter {
                !$0.hasPrefix("begun|2")
            }
            #expect(try await contents(byHand.database, fixture).split(separator: "\n") == told)
        }
    }
}
