import Postgres
import TestSupport
import Testing

@testable import Migrator

/// Who has the migration lock, who waits for it, and who keeps its holder from going on.
@Suite struct MigrationLocksTests {
    @Test func theHolderAndThoseWhoWaitAreTold() async throws {
        try await withMigrations { scene in
            let none = try await scene.runner.locks()
            #expect(none.isEmpty)
            let (waits, logger) = waitingSignal()
            let task = try await withLockHeld(scene) { pid in
                let held = try await scene.runner.locks()
                #expect(held.map(\.session.pid) == [pid] && held.map(\.part) == [.holds])
                #expect(held.first?.session.applicationName == "lock-holder" && held.first?.blockedBy == [])
                let task = Task { try await scene.runner(logger: logger).up() }
                for await _ in waits { break }
                try await eventually("the one who waits is seen") {
                    try await scene.runner.locks().map(\.part) == [.holds, .waits]
                }
                let waiting = try #require(try await scene.runner.locks().last)
                #expect(waiting.session.applicationName.hasSuffix("-migrate-waiting"))
                // golang-migrate stands in the server's own queue.
                let other = PostgresClient(configuration: scene.configuration, logger: testLogger)
                let key = MigrationLock(database: scene.configuration.database, schema: "public").key
                let queued = Task {
                    try await other.withConnection { try await $0.query("SELECT pg_advisory_lock(\(key))") }
                }
                try await eventually("the other one is seen behind the holder") {
                    let locks = try await scene.runner.locks()
                    return locks.count == 3 && locks.contains { $0.part == .waits && $0.blockedBy == [pid] }
                }
                queued.cancel()
                _ = await queued.result
                await other.close()
                return task
            }
            #expect(try await task.value.migrations.count == 3)
            let after = try await scene.runner.locks()
            #expect(after.isEmpty)
        }
    }

    @Test func whatKeepsTheHolderIsTold() async throws {
        let set = try MigrationSet(role: "shop", files: migration(1, "first", up: "ALTER TABLE busy ADD x int"))
        try await withMigrations(set) { scene in
            try await scene.execute("CREATE TABLE busy ()")
            var configuration = scene.configuration
            configuration.applicationName = "reader"
            let reader = PostgresClient(configuration: configuration, logger: testLogger)
            let migrating = try await reader.transaction { transaction in
                try await transaction.query("LOCK TABLE busy IN ACCESS SHARE MODE")
                var patient = scene.configuration
                patient.lockTimeout = .seconds(300)
                let runner = MigrationRunner(configuration: patient, migrations: set, logger: testLogger)
                let task = Task { try await runner.up() }
                try await eventually("the reader is seen") {
                    try await scene.runner.locks().map(\.part) == [.holds, .blocks]
                }
                let sessions = try await scene.runner.locks()
                #expect(
                    sessions.last?.session.applicationName == "reader" && sessions.last?.session.transactionSince != nil
                )
                #expect(sessions.first?.blockedBy == sessions.suffix(1).map(\.session.pid))
                return task
            }
            #expect(try await migrating.value.migrations == ["1_first"])
            await reader.close()
        }
    }
}
