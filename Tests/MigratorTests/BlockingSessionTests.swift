import Postgres
import TestSupport
import Testing

@testable import Migrator

/// Sessions that keep others from a table, and databases that take no writes.
@Suite struct BlockingSessionTests {
    private func client(_ scene: MigrationScene, _ name: String) -> PostgresClient {
        var configuration = scene.configuration
        configuration.applicationName = name
        configuration.lockTimeout = .seconds(300)
        return PostgresClient(configuration: configuration, logger: testLogger)
    }

    @Test("Whoever keeps a table locked is told, with its tables, and with how many wait for them")
    func tableLock() async throws {
        try await withMigrations { scene in
            try await scene.execute("CREATE TABLE busy ()")
            #expect(try await scene.runner.status().blockers.isEmpty)
            let (holder, reader) = (client(scene, "holder"), client(scene, "reader"))
            let reading = try await holder.transaction { transaction in
                try await transaction.query("LOCK TABLE busy IN ACCESS EXCLUSIVE MODE")
                func told(waiting: Int64) async throws -> Bool {
                    // What is idle for too long is ended by the server.
                    try await transaction.query("SELECT 1")
                    return try await scene.runner.status().blockers.contains {
                        $0.session.applicationName == "holder" && $0.tables == ["busy"] && $0.waiting == waiting
                    }
                }
                try await eventually("the lock is seen though nobody waits") { try await told(waiting: 0) }
                let reading = Task { try await reader.query("SELECT count(*) FROM busy").decode(Int64.self) }
                try await eventually("the reader is seen to wait") { try await told(waiting: 1) }
                let blocker = try #require(try await scene.runner.status().blockers.first)
                #expect(blocker.session.transactionSince != nil && "\(blocker)".contains("1 session waits for it"))
                let sessions = try await scene.runner.locks()
                #expect(sessions.map(\.part) == [.blocks] && sessions.first?.session.pid == blocker.session.pid)
                #expect(sessions.first?.tables == ["busy"] && sessions.first?.waiting == 1)
                return reading
            }
            #expect(try await reading.value == [0])
            #expect(try await scene.runner.status().blockers.isEmpty)
            await holder.close()
            await reader.close()
        }
    }

    @Test("Who waits behind another that waits for a row is counted at the row's holder")
    func rowLock() async throws {
        try await withMigrations { scene in
            try await scene.execute("CREATE TABLE busy (x int); INSERT INTO busy VALUES (1)")
            let (holder, writer) = (client(scene, "holder"), client(scene, "writer"))
            let writing = try await holder.transaction { transaction in
                try await transaction.query("UPDATE busy SET x = 2")
                let writing = (0..<2).map { _ in
                    Task { try await writer.transaction { try await $0.query("UPDATE busy SET x = x + 1") } }
                }
                try await eventually("both are seen to wait for the first") {
                    try await transaction.query("SELECT 1")
                    let blockers = try await scene.runner.status().blockers
                    return blockers.map(\.session.applicationName) == ["holder"] && blockers[0].tables == ["busy"]
                        && blockers[0].waiting == 2
                }
                return writing
            }
            for task in writing { _ = try await task.value }
            await holder.close()
            await writer.close()
        }
    }

    @Test("A database that takes no writes is told, with what has said so")
    func readOnly() async throws {
        try await withMigrations { scene in
            #expect(try await scene.runner.status().anomalies.isEmpty)
            try await scene.execute(
                "ALTER DATABASE \"\(scene.configuration.database)\" SET default_transaction_read_only = on")
            let reason = "default_transaction_read_only is on, set by: database"
            #expect(try await scene.runner.status().anomalies == [.readOnly(reason: reason)])
        }
    }
}
