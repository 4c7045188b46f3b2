import DevStack
import Migrator
import Postgres
import TestSupport
import Testing

/// Migrations run in the schema that is set, in a database that can hold and find all text, or not at all.
@Suite struct ConnectionCheckTests {
    private func runner(_ scene: MigrationScene, schema: String?) -> MigrationRunner {
        var configuration = scene.configuration
        configuration.schema = schema
        return MigrationRunner(configuration: configuration, migrations: scene.set, logger: testLogger)
    }

    private func tables(_ scene: MigrationScene, in schema: String) async throws -> [String] {
        try await scene.client.query("SELECT tablename::text FROM pg_tables WHERE schemaname = \(schema) ORDER BY 1")
            .map { try $0.decode(at: 0, as: String.self) }
    }

    @Test func aSchemaThatIsNamedAfterTheUserGetsNoSecondShop() async throws {
        try await withMigrations { scene in
            _ = try await runner(scene, schema: "public").up()
            try await scene.execute("CREATE SCHEMA AUTHORIZATION CURRENT_USER")
            let user = scene.configuration.redacted.split(separator: "@")[0]
            // It comes first in the search path that the server sets.
            #expect(try await scene.client.query("SELECT current_schema()::text").first?.decode(at: 0) == String(user))
            let pinned = runner(scene, schema: "public")
            #expect(try await pinned.status().pending == 0)
            #expect(try await pinned.up().migrations.isEmpty)
            #expect(try await pinned.down(steps: 1).migrations == ["3_third"])

            // Not even where it is asked for.
            for schema in [nil, String(user)] {
                let other = runner(scene, schema: schema)
                let parts = ("schema 'public' has migrations already", "SHOPCTL_DATABASE_SCHEMA=public")
                await expectFailure(parts.0, parts.1) { try await other.up() }
                await expectFailure(parts.0, parts.1) { try await other.status() }
            }
            #expect(try await tables(scene, in: String(user)).isEmpty)
        }
    }

    @Test func anotherSchemaIsTakenIfItIsSet() async throws {
        try await withMigrations { scene in
            await expectFailure("has no schema 'shop'", "CREATE SCHEMA shop") {
                try await runner(scene, schema: "shop").up()
            }
            try await scene.execute("CREATE SCHEMA shop")
            #expect(try await runner(scene, schema: "shop").up().migrations.count == 3)
            #expect(
                try await tables(scene, in: "shop") == [
                    "first", "schema_migrations", "schema_migrations_history", "second", "third",
                ])
            #expect(try await tables(scene, in: "public").isEmpty)
        }
    }

    /// As where the URL's options, or a pooler that drops ours, say otherwise.
    @Test func connectionsThatLeadElsewhereAreRefused() async throws {
        try await withFixture { fixture in
            let url = try await fixture.database().url
            var configuration = try PostgresConfiguration(url: url + "?options=-c%20search_path%3Dother")
            let client = PostgresClient(configuration: configuration, logger: testLogger)
            fixture.atEnd { await client.close() }
            try await client.query("CREATE SCHEMA other")
            configuration.schema = "public"
            let runner = MigrationRunner(
                configuration: configuration, migrations: try threeMigrations(), logger: testLogger)
            await expectFailure("lead to the schema 'other', and not to 'public'") { try await runner.up() }
            await expectFailure("lead to the schema 'other'") { try await runner.status() }
        }
    }

    /// The versions of two roles' schemas may be equal by chance.
    @Test func anotherRolesDatabaseIsLeftAlone() async throws {
        let roles = MigrationSet.roles
        try await withFixture { fixture in
            for (role, other) in zip(roles, roles.dropFirst() + roles.prefix(1)) {
                let configuration = try PostgresConfiguration(url: try await fixture.database().url)
                func runner(_ role: String) throws -> MigrationRunner {
                    MigrationRunner(
                        configuration: configuration, migrations: try MigrationSet.for(role), logger: testLogger)
                }
                let version = try await runner(role).up().to
                let parts = (
                    "is the one of the role \(role), and not of \(other)", "SHOPCTL_\(other.uppercased())_DATABASE_URL"
                )
                await expectFailure(parts.0, parts.1) { try await runner(other).up() }
                await expectFailure(parts.0, parts.1) { try await runner(other).down(steps: 1) }
                await expectFailure(parts.0, parts.1) { try await runner(other).status() }
                #expect(try await runner(role).status().version == version)
                #expect(try await runner(role).down(steps: Int(version)).to == 0)
            }
        }
    }

    @Test(arguments: [
        ("ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'", "LC_CTYPE"),
        ("ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'", "SQL_ASCII"),
    ])
    func aDatabaseThatDoesNotSuitTextIsRefused(properties: String, part: String) async throws {
        try await withFixture { fixture in
            let name = fixture.stack.uniqueName()
            try await fixture.stack.postgres.execute("CREATE DATABASE \(name) TEMPLATE template0 \(properties)")
            fixture.atEnd { try await fixture.stack.postgres.dropDatabase(name) }
            let runner = MigrationRunner(
                configuration: try PostgresConfiguration(url: fixture.stack.state.postgresURL(database: name)),
                migrations: try threeMigrations(), logger: testLogger)
            await expectFailure("does not suit the shop", part, "C.UTF-8") { try await runner.up() }
            await expectFailure("does not suit the shop", part) { try await runner.status() }
        }
    }

    /// A server that was set up in the locale C, as where LANG is not set.
    @Test func aDatabaseThatIsCreatedSuitsText() async throws {
        try await withPrivateServers([.postgres]) { servers in
            let control = servers.fixture.stack.postgres
            try await control.execute(
                "UPDATE pg_database SET datctype = 'C', datcollate = 'C' WHERE datname = 'template0'")
            let runner = MigrationRunner(
                configuration: try PostgresConfiguration(url: servers.state.postgresURL(database: "made")),
                migrations: try threeMigrations(), createDatabase: true, logger: testLogger)
            #expect(try await runner.up().createdDatabase)
            #expect(
                try await control.execute("SELECT datctype FROM pg_database WHERE datname = 'made'") == ["C.UTF-8"])
        }
    }
}
