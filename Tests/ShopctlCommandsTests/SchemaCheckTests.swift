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
            let configuration = try ShopConfiguration(
                flags: [:], file: nil, environment: ["SHOPCTL_ORDERS_DATABASE_URL": url])
            let runner = MigrationRunner(
                configuration: try PostgresConfiguration(url: url), migrations: try MigrationSet.for("orders"),
                logger: testLogger)
            let schema = try SchemaCheck(
                role: .orders, configuration: configuration, roles: [.orders], logger: testLogger)
            let readiness = schema.readiness(memory: .zero)
            await #expect(throws: CommandFailure.self) { try await readiness.check() }
            for _ in 0..<2 {
                _ = try await runner.up()
                try await readiness.check()
                _ = try await runner.down(steps: 1)
                await #expect(throws: CommandFailure.self) { try await readiness.check() }
            }
        }
    }
}
