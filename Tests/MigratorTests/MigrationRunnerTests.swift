import DevStack
import DevStack
import Migrator
import Postgres
import TestSupport
import Testing

@Suite struct MigrationRunnerTests {
    @Test func upAppliesAllInOrderAndStatusTellsEach() async throws {
        try await withMigrations { scene in
            let before = try await scene.runner.status()
            #expect(before.version == 0)
            #expect(before.pending == 3)
            #expect(before.anomalies.isEmpty)

            let report = try await scene.runner.up()
            #expect(report.migrations == ["1_first", "2_second", "3_third"])
            #expect(report.from == 0)
            #expect(report.to == 3)
            #expect(try await scene.tables() == ["first", "second", "third"])

            let after = try await scene.runner.status()
            #expect(after.version == 3)
            #expect(after.pending == 0)
            #expect(after.entries.map(\.title) == ["first", "second", "third"])
            #expect(after.entries.allSatisfy { $0.isApplied })
        }
    }

    @Test func upWithNothingToDoIsSuccess() async throws {
        try await withMigrations { scene in
            _ = try await scene.runner.up()
            let again = try await scene.runner.up()
            #expect(again.migrations.isEmpty)
            #expect(again.from == 3)
            #expect(again.to == 3)
        }
    }

    @Test func upToAVersionStopsThere() async throws {
        try await withMigrations { scene in
            let report = try await scene.runner.up(to: 2)
            #expect(report.migrations == ["1_first", "2_second"])
            #expect(try await scene.tables() == ["first", "second"])
            #expect(try await scene.runner.status().entries.map(\.isApplied) == [true, true, false])
            #expect(try await scene.runner.up().migrations == ["3_third"])
        }
    }

    @Test func aTargetThatIsUnknownOrBehindIsRefused() async throws {
        try await withMigrations { scene in
            _ = try await scene.runner.up()
            await expectFailure("cannot migrate to version 4: the versions known for shop end at 3") {
                try await scene.runner.up(to: 4)
            }
            await expectFailure("cannot migrate to version 1: the database is at 3") {
                try await scene.runner.up(to: 1)
            }
        }
    }

    @Test func downTakesBackAsManyAsAskedOrAsThereAre() async throws {
        try await withMigrations { scene in
            _ = try await scene.runner.up()
            let one = try await scene.runner.down(steps: 1)
            #expect(one.migrations == ["3_third"])
            #expect(one.to == 2)
            #expect(try await scene.tables() == ["first", "second"])
            #expect(try await scene.versionRows() == ["2 false"])

            let rest = try await scene.runner.down(steps: 100)
            #expect(rest.migrations == ["2_second", "1_first"])
            #expect(rest.to == 0)
            #expect(try await scene.tables().isEmpty)
            #expect(try await scene.versionRows().isEmpty)

            #expect(try await scene.runner.down(steps: 1).migrations.isEmpty)
        }
    }

    @Test func aFailingMigrationIsRolledBackWholeAndKeepsTheOnesBefore() async throws {
        let broken = migration(2, "second", up: "CREATE TABLE second ();\nINSERT INTO nowhere VALUES (1);")
        try await withMigrations(MigrationSet(role: "shop", files: migration(1, "first") + broken)) { scene in
            await expectFailure("migration 2_second (up)", "rolled back", "nowhere") {
                try await scene.runner.up()
            }
            #expect(try await scene.tables() == ["first"])
            #expect(try await scene.versionRows() == ["1 false"])
            let status = try await scene.runner.status()
            #expect(status.version == 1)
            #expect(status.anomalies.isEmpty)
        }
    }

    /// The SQL succeeds here, and recording the version does not: without one transaction around both, the table
    /// would stay.
    @Test func aMigrationAndItsVersionAreOneTransaction() async throws {
        let second = migration(
            2, "second", up: "CREATE TABLE second (); ALTER TABLE schema_migrations ADD CHECK (version < 2);")
        try await withMigrations(MigrationSet(role: "shop", files: migration(1, "first") + second)) { scene in
            await expectFailure("migration 2_second (up)") { try await scene.runner.up() }
            let tables = try await scene.tables()
            #expect(tables == ["first"])
            #expect(try await scene.versionRows() == ["1 false"])
        }
    }

    @Test func aFailingWayDownIsRolledBackWhole() async throws {
        let broken = migration(1, "first", down: "DROP TABLE first;\nDROP TABLE nowhere;")
        try await withMigrations(MigrationSet(role: "shop", files: broken)) { scene in
            _ = try await scene.runner.up()
            await expectFailure("migration 1_first (down)") { try await scene.runner.down(steps: 1) }
            #expect(try await scene.tables() == ["first"])
            #expect(try await scene.versionRows() == ["1 false"])
        }
    }

    @Test func aDatabaseThatIsNotThereIsNamed() async throws {
        try await withFixture { fixture in
            let missing = try PostgresConfiguration(url: try await fixture.database().url)
                .withDatabase(fixture.stack.uniqueName())
            let runner = MigrationRunner(configuration: missing, migrations: try threeMigrations(), logger: testLogger)
            await expectFailure("database '\(missing.database)' does not exist") { try await runner.up() }
            await expectFailure("database '\(missing.database)' does not exist") { try await runner.status() }
        }
    }

    @Test func theDatabaseIsCreatedWhenThatIsAskedFor() async throws {
        try await withFixture { fixture in
            // A name that SQL would not take unquoted.
            let name = fixture.stack.uniqueName() + "-shop.1"
            let configuration = try PostgresConfiguration(url: try await fixture.database().url).withDatabase(name)
            fixture.atEnd { try await fixture.stack.postgres.dropDatabase(name) }
            let runner = MigrationRunner(
                configuration: configuration, migrations: try threeMigrations(), createDatabase: true,
                logger: testLogger)
            // Both want to create it; one of them does.
            async let first = runner.up()
            async let second = runner.up()
            let reports = try await [first, second]
            #expect(reports.count(where: \.createdDatabase) == 1)
            #expect(reports.flatMap(\.migrations) == ["1_first", "2_second", "3_third"])
            #expect(try await runner.up().createdDatabase == false)
        }
    }

    /// Every role's real migrations, one by one: each way down leads back to exactly what was before its way up.
    @Test(arguments: MigrationSet.roles)
    func theRealMigrationsGoBothWays(role: String) async throws {
        try await withMigrations(MigrationSet.for(role)) { scene in
            let migrations = try MigrationSet.for(role).migrations
            var schemas = [try await scene.schema()]
            for migration in migrations {
                #expect(try await scene.runner.up(to: migration.version).migrations == [migration.name])
                schemas.append(try await scene.schema())
                #expect(schemas[schemas.count - 1] != schemas[schemas.count - 2], "\(migration.name) changes nothing")
            }
            for migration in migrations.reversed() {
                schemas.removeLast()
                #expect(try await scene.runner.down(steps: 1).migrations == [migration.name])
                #expect(try await scene.schema() == schemas.last, "\(migration.name) leaves something behind")
            }
            #expect(try await scene.runner.up().migrations == migrations.map(\.name))
        }
    }
}
