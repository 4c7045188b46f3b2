import Synchronization
import Testing

@testable import Postgres

/// A single statement is committed by its Sync, which may fail: that is its caller's error and nobody else's.
@Suite struct CommitAtSyncTests {
    @Test func aDeferredConstraintHarmsNoStranger() async throws {
        try await withScene({ $0.sharedConnections = 1 }) { scene in
            try await scene.client.batch([
                "CREATE TABLE parent (n int4 PRIMARY KEY)",
                "CREATE TABLE child (n int4 REFERENCES parent DEFERRABLE INITIALLY DEFERRED)",
            ])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        if number % 10 == 0 {
                            let error = await postgresError {
                                try await scene.client.query("INSERT INTO child VALUES (\(number))")
                            }
                            #expect(error?.kind == .server)
                            #expect(error?.sqlState == .foreignKeyViolation)
                            #expect(error?.query == "INSERT INTO child VALUES ($1)")
                        } else {
                            let rows = try await scene.client.query("SELECT \(number)::int8")
                            let value = try rows[0].decode(Int.self)
                            #expect(value == number)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let kept = try await scene.client.query("SELECT FROM child").count
            #expect(kept == 0)
            #expect(scene.client.shared[0].statistics.connects.load(ordering: .relaxed) == 1)
        }
    }

    @Test func aSessionGoesOnAfterIt() async throws {
        try await withScene { scene in
            try await scene.client.withConnection { session in
                try await session.query("CREATE TABLE t (n int4 UNIQUE DEFERRABLE INITIALLY DEFERRED)")
                let error = await postgresError {
                    try await session.batch(["INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)"])
                }
                #expect(error?.sqlState == .uniqueViolation)
                try await session.query("INSERT INTO t VALUES (2)")
                #expect(try await session.query("SELECT n FROM t").decode(Int.self) == [2])
            }
        }
    }
}
