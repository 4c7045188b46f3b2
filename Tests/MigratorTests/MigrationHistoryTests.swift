import FoundationEssentials
import Postgres
import TestSupport
import Testing

@testable import Migrator

/// What was applied, from which SQL, by whom; what has changed since; and the ways to accept it.
@Suite struct MigrationHistoryTests {
    private func runner(_ scene: MigrationScene, _ set: MigrationSet) -> MigrationRunner {
        MigrationRunner(
            configuration: scene.configuration, migrations: set,
            author: MigrationAuthor(program: "shopctl 9.9", who: "ann@host"), logger: testLogger)
    }

    private func states(_ runner: MigrationRunner) async throws -> [String] {
        try await runner.verify().entries.map { "\($0.version) \($0.state.rawValue)" }
    }

    private func changed() throws -> MigrationSet {
        let second = migration(2, "second", up: "CREATE TABLE second (x int);")
        return try MigrationSet(role: "shop", files: migration(1, "first") + second + migration(3, "third"))
    }

    @Test func everyDeedIsTold() async throws {
        try await withMigrations { scene in
            let runner = runner(scene, scene.set)
            #expect(try await runner.history().isEmpty)
            _ = try await runner.up(.steps(2))
            let redone = try await runner.redo()
            #expect(redone.map(\.direction) == [.down, .up] && redone.map(\.to) == [1, 2])
            _ = try await runner.down(.version(0))
            #expect(try await runner.redo().isEmpty)
            let told = try await scene.deeds()
            #expect(
                told == ["up 1 first", "up 2 second", "down 2 second", "up 2 second", "down 2 second", "down 1 first"])
            let last = try #require(try await runner.history().first)
            #expect(last.kind == .down && last.version == 1 && last.checksum == nil)
            #expect(last.program == "shopctl 9.9" && last.who == "ann@host" && last.milliseconds ?? -1 >= 0)
            #expect(abs(last.at.timeIntervalSinceNow) < 3600 && !last.databaseUser.isEmpty)
        }
    }

    /// The line of success is part of the migration's own transaction; that of a failure is not.
    @Test func aMigrationThatFailsLeavesItsError() async throws {
        let broken = migration(2, "second", up: "CREATE TABLE second (); SELECT 1 / 0;")
        try await withMigrations(MigrationSet(role: "shop", files: migration(1, "first") + broken)) { scene in
            await expectFailure("2_second (up)") { try await scene.runner.up() }
            let deeds = try await scene.deeds()
            #expect(deeds == ["up 1 first", "failed 2 second"])
            let last = try #require(try await scene.runner.history().first)
            #expect(last.kind == .failed && last.checksum == nil)
            #expect(last.reason?.contains("division by zero") == true, "\(last)")
            #expect(try await scene.versionRows() == ["1 false"])
        }
    }

    @Test func aRedoThatFailsTellsWhereTheDatabaseIs() async throws {
        try await withMigrations { scene in
            _ = try await scene.runner.up(to: 2)
            let broken = try MigrationSet(
                role: "shop", files: migration(1, "first") + migration(2, "second", up: "SELECT 1 / 0"))
            await expectFailure("2_second (up)", "Before that 2_second was undone", "at version 1") {
                try await runner(scene, broken).redo()
            }
            #expect(try await scene.versionRows() == ["1 false"])
        }
    }

    @Test func aChangedFileIsToldAndMayBeAccepted() async throws {
        try await withMigrations { scene in
            _ = try await scene.runner.up(to: 2)
            #expect(try await states(runner(scene, scene.set)) == ["1 same", "2 same", "3 pending"])
            let runner = runner(scene, try changed())
            let found = try await runner.verify()
            #expect(!found.isSound && found.entries.map(\.state) == [.same, .changed, .pending])
            #expect(found.entries[1].recorded == scene.set[2]?.checksum && found.entries[1].recorded?.count == 64)

            var repair = MigrationRepair(reason: "the table is empty")
            repair.accepted = [3]
            await expectFailure("3_third is not applied") { try await runner.repair(repair) }
            repair.accepted = [4]
            await expectFailure("no version 4") { try await runner.repair(repair) }
            repair.accepted = [2]
            #expect(try await runner.repair(repair).count == 1)
            #expect(try await states(runner) == ["1 same", "2 same", "3 pending"])
            #expect(try await runner.repair(repair).isEmpty)
            #expect(try await runner.history().first?.reason == "accepted the checksum: the table is empty")
        }
    }

    @Test func aVersionThatIsTooLowIsToldAndSet() async throws {
        try await withMigrations { scene in
            let runner = runner(scene, scene.set)
            _ = try await runner.up()
            try await scene.execute("UPDATE schema_migrations SET version = 1")
            #expect(try await runner.verify().understated == 3)
            #expect(try await runner.status().anomalies == [.understated(version: 1, applied: 3)])
            var repair = MigrationRepair(reason: "restored")
            repair.appliedVersion = 2
            await expectFailure("do not show that 2_second") { try await runner.repair(repair) }
            repair.appliedVersion = 3
            repair.isDryRun = true
            #expect(try await runner.repair(repair).count == 1)
            #expect(try await scene.versionRows() == ["1 false"])
            repair.isDryRun = false
            #expect(try await runner.repair(repair).count == 1)
            #expect(try await scene.versionRows() == ["3 false"])
            #expect(try await runner.history().first?.reason == "set to version 3, from 1: restored")
            let sound = try await runner.verify()
            #expect(sound.isSound && sound.entries.allSatisfy { $0.state == .same })
            // What is taken back is no fault.
            _ = try await runner.down(.version(1))
            #expect(try await runner.verify().understated == nil)
            #expect(try await runner.status().anomalies.isEmpty)
            await expectFailure("do not show that 3_third") { try await runner.repair(repair) }
        }
    }

    /// The migrations of this program are compared with the schema besides.
    @Test func whatTheSchemaLacksWasTakenBackElsewhere() async throws {
        let set = try MigrationSet.for("customers")
        try await withMigrations(set) { scene in
            _ = try await scene.runner.up()
            try await scene.execute("UPDATE schema_migrations SET version = \(set.latest - 1)")
            #expect(try await scene.runner.verify().understated == set.latest)
            try await scene.execute("UPDATE schema_migrations SET version = 0; DROP TABLE notifications CASCADE")
            #expect(try await scene.runner.verify().understated == nil)
        }
    }

    @Test func aVersionThatIsNotHereIsMissing() async throws {
        try await withMigrations { scene in
            _ = try await scene.runner.up()
            let shorter = try MigrationSet(role: "shop", files: migration(1, "first") + migration(2, "second"))
            #expect(try await states(runner(scene, shorter)) == ["1 same", "2 same", "3 missing"])
        }
    }

    @Test func golangMigratesDatabaseIsTakenOver() async throws {
        try await withMigrations { scene in
            await expectFailure("was not adopted", "no schema_migrations") { try await scene.runner.adopt() }
            #expect(try await scene.tables().isEmpty)
            try await scene.execute(
                """
                CREATE TABLE "public"."schema_migrations" (version bigint not null primary key, dirty boolean not null);
                INSERT INTO schema_migrations VALUES (2, true); CREATE TABLE first (); CREATE TABLE second ()
                """)
            await expectFailure("dirty at version 2") { try await scene.runner.adopt() }
            try await scene.execute("UPDATE schema_migrations SET dirty = false")
            #expect(try await states(scene.runner) == ["1 unrecorded", "2 unrecorded", "3 pending"])
            let would = try await scene.runner.adopt(isDryRun: true)
            #expect(would.version == 2 && would.adopted == ["1_first", "2_second"])
            #expect(try await states(scene.runner) == ["1 unrecorded", "2 unrecorded", "3 pending"])
            let (version, adopted) = try await scene.runner.adopt()
            #expect(version == 2 && adopted == ["1_first", "2_second"])
            #expect(try await scene.runner.adopt().adopted.isEmpty)
            #expect(try await states(scene.runner) == ["1 same", "2 same", "3 pending"])
            #expect(try await scene.runner.up().migrations == ["3_third"])
            #expect(try await scene.deeds() == ["baseline 1 first", "baseline 2 second", "up 3 third"])
        }
    }

    /// A branch that was merged late has a number that the database is past already.
    @Test func whatTheDatabaseWentPastWasNeverApplied() async throws {
        let early = try MigrationSet(
            role: "shop", files: migration(1, "first") + migration(3, "third"), rules: .golangMigrate)
        try await withMigrations { scene in
            _ = try await runner(scene, early).up()
            let runner = runner(scene, scene.set)
            let found = try await runner.verify()
            #expect(found.entries.map(\.state) == [.same, .neverApplied, .same] && !found.isSound)
            let status = try await runner.status()
            #expect(status.anomalies == [.passedOver(["2_second"])] && status.pending == 0)
            #expect(status.entries.map(\.isApplied) == [true, false, true])
            await expectFailure("2_second was never applied", "above 3") { try await runner.adopt() }
            #expect(try await states(runner) == ["1 same", "2 never_applied", "3 same"])
            var repair = MigrationRepair(reason: "run by hand")
            repair.accepted = [2]
            #expect(try await runner.repair(repair).count == 1)
            #expect(try await runner.verify().isSound)
            #expect(try await runner.status().anomalies.isEmpty)
        }
    }

    /// Its versions are below the first of ours.
    @Test func golangMigratesVersionsAreUnrecordedAfterOursToo() async throws {
        try await withMigrations { scene in
            try await scene.execute(
                """
                CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null);
                INSERT INTO schema_migrations VALUES (2, false); CREATE TABLE first (); CREATE TABLE second ()
                """)
            _ = try await scene.runner.up()
            #expect(try await states(scene.runner) == ["1 unrecorded", "2 unrecorded", "3 same"])
            #expect(try await scene.runner.adopt().adopted == ["1_first", "2_second"])
        }
    }

    @Test func stepsAndVersionsGoBothWays() async throws {
        try await withMigrations { scene in
            let first = try await scene.runner.up(.steps(2))
            #expect(first.to == 2)
            #expect(try await scene.runner.up(.steps(9)).migrations == ["3_third"])
            #expect(try await scene.runner.down(.version(1)).migrations == ["3_third", "2_second"])
            await expectFailure("that way is up") { try await scene.runner.down(.version(2)) }
            await expectFailure("end at 3") { try await scene.runner.down(.version(7)) }
            #expect(try await scene.runner.down(.end).to == 0)
        }
    }
}
