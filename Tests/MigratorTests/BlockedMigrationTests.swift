import Migrator
import Postgres
import TestSupport
import Testing

/// A migration that does not get its locks names who has them, and what was done before it.
@Suite struct BlockedMigrationTests {
    /// Runs the body while a transaction of `lock-holder` reads a table.
    private func withReader(
        of table: String, _ scene: MigrationScene, _ body: @Sendable (Int32) async throws -> Void
    ) async throws {
        var configuration = scene.configuration
        configuration.applicationName = "lock-holder"
        let client = PostgresClient(configuration: configuration, logger: testLogger)
        do {
            try await client.transaction { transaction in
                let rows = try await transaction.query("SELECT pg_backend_pid() AS pid")
                try await transaction.query("LOCK TABLE \(unescaped: table) IN ACCESS SHARE MODE")
                try await body(try rows.first?.decode("pid") ?? 0)
            }
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    private func runner(_ scene: MigrationScene) -> MigrationRunner {
        var configuration = scene.configuration
        configuration.lockTimeout = .seconds(3)
        return MigrationRunner(configuration: configuration, migrations: scene.set, logger: testLogger)
    }

    @Test func theWayDownTellsWhatItHasUndone() async throws {
        try await withMigrations { scene in
            _ = try await scene.runner.up()
            try await withReader(of: "second", scene) { pid in
                await expectFailure(
                    "migration 2_second (down)", "did not get a lock in time", "was rolled back",
                    "held by lock-holder (PostgreSQL pid \(pid)", "Before that 3_third was undone",
                    "the database is at version 2"
                ) {
                    try await runner(scene).down(steps: 3)
                }
            }
            #expect(try await scene.tables() == ["first", "second"])
            #expect(try await scene.versionRows() == ["2 false"])
            #expect(try await runner(scene).down(steps: 3).migrations == ["2_second", "1_first"])
        }
    }

    @Test func theWayUpTellsWhatItHasApplied() async throws {
        let third = migration(3, "third", up: "ALTER TABLE first ADD x int;", down: "ALTER TABLE first DROP x;")
        let set = try MigrationSet(role: "shop", files: migration(1, "first") + migration(2, "second") + third)
        try await withMigrations(set) { scene in
            _ = try await scene.runner.up(to: 1)
            try await withReader(of: "first", scene) { pid in
                await expectFailure(
                    "migration 3_third (up)", "pid \(pid)", "Before that 2_second was applied", "at version 2"
                ) {
                    try await runner(scene).up()
                }
            }
        }
    }
}
