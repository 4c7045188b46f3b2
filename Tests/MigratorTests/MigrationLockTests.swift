import Logging
import Postgres
import TestSupport
import Testing

@testable import Migrator

@Suite struct MigrationLockTests {
    /// Its numbers, so that a running golang-migrate and this one see each other: CRC-32 of
    /// `public\0schema_migrations\0/shop`, times its constant.
    @Test func theKeyIsThatOfGolangMigrate() {
        #expect(MigrationLock.key(names: ["123456789"]) == Int64(UInt32(0xCBF4_3926) &* 1_486_364_155))
        #expect(MigrationLock(database: "shop", schema: "public").key == 2_101_699_660)
    }

    @Test func twoRunnersAtOnceApplyEachMigrationOnce() async throws {
        try await withMigrations { scene in
            let reports = try await withThrowingTaskGroup { group in
                for _ in 0..<4 { group.addTask { try await scene.runner.up() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(reports.flatMap(\.migrations) == ["1_first", "2_second", "3_third"])
            #expect(reports.allSatisfy { $0.to == 3 })
        }
    }

    @Test func aWaitingRunnerGoesOnWhenTheLockIsFree() async throws {
        try await withMigrations { scene in
            let (waits, logger) = waitingSignal()
            let task = try await withLockHeld(scene) { _ in
                let task = Task { try await scene.runner(logger: logger).up() }
                for await _ in waits { break }
                return task
            }
            #expect(try await task.value.migrations.count == 3)
        }
    }

    @Test func aLongWaitIsToldWithTheHoldersName() async throws {
        try await withMigrations { scene in
            let (told, telling) = AsyncStream.makeStream(of: Int32?.self)
            let task = try await withLockHeld(scene) { holder in
                var runner = scene.runner
                runner.onLongWait = { telling.yield($0?.pid) }
                let waiting = runner
                let task = Task { try await waiting.up() }
                for await pid in told {
                    #expect(pid == holder)
                    break
                }
                return task
            }
            #expect(try await task.value.migrations.count == 3)
        }
    }

    @Test func patienceEndsWithTheHoldersName() async throws {
        try await withMigrations { scene in
            try await withLockHeld(scene) { holder in
                let runner = scene.runner(lockTimeout: .milliseconds(10))
                await expectFailure(
                    "lock of database '\(scene.configuration.database)'", "PostgreSQL pid \(holder)",
                    "lock-holder", "connected since 20"
                ) {
                    try await runner.up()
                }
                #expect(try await scene.tables().isEmpty)

                let status = try await runner.status()
                guard case .locked(let shown) = status.anomalies.first else {
                    Issue.record("the status shows no lock: \(status.anomalies)")
                    return
                }
                #expect(shown.pid == holder)
                #expect(shown.applicationName == "lock-holder")
            }
        }
    }

    @Test func aCancelledWaitEndsAtOnceAndHoldsNothing() async throws {
        try await withMigrations { scene in
            try await withLockHeld(scene) { _ in
                let (waits, logger) = waitingSignal()
                let task = Task { try await scene.runner(logger: logger).up() }
                for await _ in waits { break }
                task.cancel()
                await expectFailure("was cancelled") { try await task.value }
            }
            #expect(try await scene.runner.up().migrations.count == 3)
        }
    }
}
