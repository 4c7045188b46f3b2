public import Hosting
import Migrator
import Postgres
public import TestSupport

extension Shop {
    /// A database of a role as the program of an earlier schema has left it, migrated up since.
    ///
    /// - Parameters:
    ///   - version: The last migration that it knew.
    ///   - rows: The statements that leave what it was about.
    /// - Returns: Its URL.
    public static func database(
        _ role: Role, leftAt version: Int64, with rows: String, _ fixture: Fixture
    ) async throws -> String {
        let url = try await fixture.database().url
        let configuration = try PostgresConfiguration(url: url)
        let runner = MigrationRunner(
            configuration: configuration, migrations: try MigrationSet.for(role.rawValue), logger: testLogger)
        _ = try await runner.up(to: version)
        let client = PostgresClient(configuration: configuration, logger: testLogger)
        do {
            try await client.withConnection { try await $0.execute(script: rows) }
        } catch {
            await client.close()
            throw error
        }
        await client.close()
        _ = try await runner.up()
        return url
    }
}
