import Hosting
import Migrator
import Postgres
import TestSupport
import Testing

@testable import ShopctlCommands

@Suite("A server is ready only while its schema is there")
struct SchemaCheckTests {
    @Test("A schema that is taken back under a running server is noticed, and so is its return")
    func takenBack() async throws {
        try await withFixture { fixture in
            let url = try await fixture.database().url
            let database = try Self.connect(url, fixture)
            let runner = MigrationRunner(
                configuration: try PostgresConfiguration(url: url), migrations: try MigrationSet.for("orders"),
                logger: testLogger)
            let readiness = try Self.check(url).readiness(over: database, memory: .zero)
            await #expect(throws: CommandFailure.self) { try await readiness.check() }
            for _ in 0..<2 {
                _ = try await runner.up()
                try await readiness.check()
                try await readiness.check()
                _ = try await runner.down(steps: 1)
                let refusal = await #expect(throws: CommandFailure.self) { try await readiness.check() }
                #expect(
                    refusal?.message?.hasSuffix("has 1 pending migration") == true, "\(String(describing: refusal))")
            }
        }
    }

    @Test("A schema that was found is asked for again without a connection of its own")
    func askedAgain() async throws {
        try await withFixture { fixture in
            let created = try await fixture.database()
            let (url, name) = (created.url, created.name)
            _ = try await MigrationRunner(
                configuration: try PostgresConfiguration(url: url), migrations: try MigrationSet.for("orders"),
                logger: testLogger
            ).up()
            let database = try Self.connect(url, fixture)
            let readiness = try Self.check(url).readiness(over: database, memory: .zero)
            try await readiness.check()
            // From another database: nobody shuts the one that he is connected to.
            let other = try Self.connect(try await fixture.database().url, fixture)
            try await other.query("ALTER DATABASE \(unescaped: name) ALLOW_CONNECTIONS false")
            try await readiness.check()
            try await database.query("UPDATE schema_migrations SET dirty = true")
            await #expect(throws: (any Error).self) { try await readiness.check() }
            try await database.query("UPDATE schema_migrations SET dirty = false")
            try await readiness.check()
        }
    }

    private static func check(_ url: String) throws -> SchemaCheck {
        try SchemaCheck(
            role: .orders,
            configuration: try ShopConfiguration(
                flags: [:], file: nil, environment: ["SHOPCTL_ORDERS_DATABASE_URL": url]),
            roles: [.orders], logger: testLogger)
    }

    /// A client that keeps one connection.
    private static func connect(_ url: String, _ fixture: Fixture) throws -> PostgresClient {
        var configuration = try PostgresConfiguration(url: url)
        configuration.maximumConnections = 1
        let database = PostgresClient(configuration: configuration, logger: testLogger)
        fixture.atEnd { await database.close() }
        return database
    }
}
