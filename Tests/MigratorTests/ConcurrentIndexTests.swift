import Postgres
import TestSupport
import Testing

@testable import Migrator

/// An index that is built concurrently, and what a build that failed leaves behind.
@Suite struct ConcurrentIndexTests {
    private static let build = "CREATE UNIQUE INDEX CONCURRENTLY first_x ON first (x);"

    private func set() throws -> MigrationSet {
        try MigrationSet(
            role: "shop",
            files: migration(1, "first", up: "CREATE TABLE first (x int);")
                + migration(2, "index", up: Self.build, down: "DROP INDEX CONCURRENTLY first_x;"))
    }

    private func validity(_ scene: MigrationScene) async throws -> [String] {
        try await scene.strings(
            "SELECT indexrelid::regclass || ' ' || indisvalid FROM pg_index WHERE indrelid = 'first'::regclass")
    }

    @Test func itRunsOutsideOfATransaction() async throws {
        try await withMigrations(set()) { scene in
            let report = try await scene.runner.up()
            #expect(report.migrations == ["1_first", "2_index"] && report.rebuiltIndexes.isEmpty)
            #expect(try await validity(scene) == ["first_x true"])
            #expect(try await scene.versionRows() == ["2 false"])
            #expect(try await scene.runner.down(steps: 1).migrations == ["2_index"])
            #expect(try await validity(scene).isEmpty)
            #expect(
                try await scene.deeds() == [
                    "up 1 first", "begun 2 index", "up 2 index", "begun 2 index", "down 2 index",
                ])
        }
    }

    @Test func whatAFailedBuildLeavesIsFoundToldAndBuiltAgain() async throws {
        try await withMigrations(set()) { scene in
            _ = try await scene.runner.up(to: 1)
            try await scene.execute("INSERT INTO first VALUES (1), (1)")
            await expectFailure(
                "2_index (up)", "could not create unique index", "INVALID index is dropped and built",
                "(x)=(1) is duplicated"
            ) {
                try await scene.runner.up()
            }
            // A key may be somebody's address: the history has none.
            let kept = try await scene.runner.history().first
            #expect(kept?.reason?.contains("duplicated") == false)
            #expect(try await validity(scene) == ["first_x false"])
            // No dirty mark: the next run mends it.
            #expect(try await scene.versionRows() == ["1 false"])
            #expect(try await scene.runner.status().anomalies == [.invalidIndex("first_x")])
            try await scene.execute("DELETE FROM first")
            let report = try await scene.runner.up()
            #expect(report.migrations == ["2_index"] && report.rebuiltIndexes == ["first_x"])
            #expect(try await validity(scene) == ["first_x true"])
            #expect(try await scene.runner.status().anomalies.isEmpty)
        }
    }

    /// The process ended after the build, and before its record.
    @Test func whatWasBuiltButNotRecordedIsTaken() async throws {
        try await withMigrations(set()) { scene in
            _ = try await scene.runner.up()
            try await scene.execute(
                "UPDATE schema_migrations SET version = 1; DELETE FROM schema_migrations_history WHERE version = 2 AND deed = 'up'"
            )
            #expect(try await scene.runner.up().migrations == ["2_index"])
            // Where nothing says that it was this migration's doing, it is another index of the same name.
            try await scene.execute("UPDATE schema_migrations SET version = 1")
            await expectFailure("already exists") { try await scene.runner.up() }
        }
    }

    @Test func repairBuildsInvalidIndexesAgain() async throws {
        try await withMigrations(set()) { scene in
            _ = try await scene.runner.up(to: 1)
            try await scene.execute("INSERT INTO first VALUES (1), (1)")
            await expectFailure("2_index (up)") { try await scene.runner.up() }
            var repair = MigrationRepair(reason: "duplicates are gone")
            repair.rebuildsIndexes = true
            await expectFailure("could not create unique index", "(x)=(1) is duplicated") {
                try await scene.runner.repair(repair)
            }
            try await scene.execute("DELETE FROM first")
            repair.isDryRun = true
            #expect(try await scene.runner.repair(repair).count == 1)
            #expect(try await validity(scene) == ["first_x false"])
            repair.isDryRun = false
            let done = try await scene.runner.repair(repair)
            #expect(done == ["index first_x of table first was INVALID: dropped and built again"])
            #expect(try await validity(scene) == ["first_x true"])
            #expect(try await scene.runner.repair(repair).isEmpty)
            // The migration that began it is still to be recorded, and finds its index.
            #expect(try await scene.runner.up().rebuiltIndexes.isEmpty)
        }
    }
}
