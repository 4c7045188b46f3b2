import Migrator
import Postgres
import TestSupport
import Testing

/// golang-migrate's table: taken over, kept in its format, and refused where it says that something is wrong.
@Suite struct VersionTableTests {
    private static let golangMigrateTable =
        "CREATE TABLE \"public\".\"schema_migrations\" (version bigint not null primary key, dirty boolean not null)"

    @Test func golangMigratesTableIsAdopted() async throws {
        try await withMigrations { scene in
            try await scene.execute(
                Self.golangMigrateTable + "; INSERT INTO schema_migrations VALUES (2, false);"
                    + "CREATE TABLE first (); CREATE TABLE second ()")
            #expect(try await scene.runner.status().version == 2)
            #expect(try await scene.runner.up().migrations == ["3_third"])
            #expect(try await scene.versionRows() == ["3 false"])
        }
    }

    @Test func anEmptyTableIsVersionZero() async throws {
        try await withMigrations { scene in
            try await scene.execute(Self.golangMigrateTable)
            #expect(try await scene.runner.status().version == 0)
            #expect(try await scene.runner.up().migrations.count == 3)
        }
    }

    @Test func ourTableIsGolangMigratesToTheLetter() async throws {
        try await withMigrations { ours in
            try await withMigrations { theirs in
                _ = try await ours.runner.up()
                try await theirs.execute(Self.golangMigrateTable)
                let described = try await ours.versionTableShape()
                #expect(!described.isEmpty)
                #expect(try await theirs.versionTableShape() == described)
            }
        }
    }

    @Test func aDirtyOneIsRefusedWithWhatToDo() async throws {
        try await withMigrations { scene in
            try await scene.execute(Self.golangMigrateTable + "; INSERT INTO schema_migrations VALUES (2, true)")
            await expectFailure("dirty at version 2", "dirty = false") { try await scene.runner.up() }
            await expectFailure("dirty at version 2") { try await scene.runner.down(steps: 1) }
            #expect(try await scene.versionRows() == ["2 true"])
            #expect(try await scene.tables().isEmpty)
            #expect(try await scene.runner.status().anomalies == [.dirty(version: 2)])
        }
    }

    @Test func aVersionTheBinaryDoesNotKnowIsRefusedByName() async throws {
        try await withMigrations { scene in
            try await scene.execute(Self.golangMigrateTable + "; INSERT INTO schema_migrations VALUES (17, false)")
            await expectFailure("is at version 17, which this binary does not know", "latest is 3") {
                try await scene.runner.up()
            }
            await expectFailure("is at version 17") { try await scene.runner.down(steps: 1) }
            #expect(try await scene.runner.status().anomalies == [.unknownVersion(17)])
            #expect(try await scene.versionRows() == ["17 false"])
        }
    }

    @Test(arguments: [
        ("CREATE TABLE schema_migrations (version varchar PRIMARY KEY)", "version character varying"),
        ("\(golangMigrateTable); INSERT INTO schema_migrations VALUES (1, false), (2, false)", "2 rows"),
    ])
    func anotherToolsTableIsLeftAlone(sql: String, reason: String) async throws {
        try await withMigrations { scene in
            try await scene.execute(sql)
            await expectFailure("is not golang-migrate's", reason) { try await scene.runner.up() }
            let status = try await scene.runner.status()
            #expect(status.version == nil)
            #expect(status.pending == 3)
            #expect(status.anomalies.count == 1)
            #expect(try await scene.tables().isEmpty)
        }
    }
}
