import Synchronization
import TestSupport
import Testing

@testable import Postgres

private struct Refused: Error {}

@Suite struct TransactionTests {
    private func withTable(_ body: (Scene) async throws -> Void) async throws {
        try await withScene { scene in
            try await scene.client.query("CREATE TABLE t (n int4 PRIMARY KEY)")
            try await body(scene)
        }
    }

    private func numbers(_ scene: Scene) async throws -> [Int] {
        try await scene.client.query("SELECT n FROM t ORDER BY n").decode(Int.self)
    }

    @Test func commitsWhenTheBodyReturns() async throws {
        try await withTable { scene in
            let count = try await scene.client.transaction { transaction in
                try await transaction.query("INSERT INTO t VALUES (1)")
                try await transaction.batch(["INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (3)"])
                let visible = try await numbers(scene)
                #expect(visible == [])
                return try await transaction.query("SELECT FROM t").count
            }
            #expect(count == 3)
            #expect(try await numbers(scene) == [1, 2, 3])
        }
    }

    @Test func rollsBackWhenTheBodyThrows() async throws {
        try await withTable { scene in
            await #expect(throws: Refused.self) {
                try await scene.client.transaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    throw Refused()
                }
            }
            #expect(try await numbers(scene) == [])
            // The same connection goes on.
            try await scene.client.transaction { try await $0.query("INSERT INTO t VALUES (2)") }
            #expect(try await numbers(scene) == [2])
        }
    }

    @Test func aTransactionWithoutStatementsTouchesNothing() async throws {
        try await withScene { scene in
            let value = try await scene.client.transaction { _ in 7 }
            #expect(value == 7)
        }
    }

    @Test func rollsBackWhenTheTaskIsCancelledInAStatement() async throws {
        try await withTable { scene in
            let task = Task {
                try await scene.client.transaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    try await transaction.query("SELECT pg_sleep(600) /* in transaction */")
                }
            }
            try await eventually { try await scene.running("in transaction") == 1 }
            task.cancel()
            let error = await postgresError { try await task.value }
            #expect(error?.kind == .cancelled)
            #expect(try await numbers(scene) == [])
            try await expectNoOpenTransaction(scene)
        }
    }

    @Test func rollsBackWhenTheTaskIsCancelledBetweenStatements() async throws {
        try await withTable { scene in
            let (inserted, signal) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await scene.client.transaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    signal.yield()
                    // Ends at once when cancelled, and returns as if nothing had happened.
                    try? await Task.sleep(for: .seconds(600))
                    return 1
                }
            }
            for await _ in inserted { break }
            task.cancel()
            #expect(await postgresError { try await task.value }?.kind == .cancelled)
            #expect(try await numbers(scene) == [])
            try await expectNoOpenTransaction(scene)
        }
    }

    private func expectNoOpenTransaction(_ scene: Scene) async throws {
        try await eventually("no transaction left open") {
            let rows = try await scene.client.query(
                """
                SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                AND state LIKE 'idle in transaction%'
                """)
            return try rows[0].decode(Int.self) == 0
        }
    }

    @Test func concurrentStatementsOfOneTransactionArePipelined() async throws {
        try await withTable { scene in
            try await scene.client.transaction { transaction in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<100 {
                        group.addTask { try await transaction.query("INSERT INTO t VALUES (\(number))") }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(try await numbers(scene).count == 100)
        }
    }

    @Test func swallowedFailuresDoNotPassForACommit() async throws {
        try await withTable { scene in
            let error = await postgresError {
                try await scene.client.transaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    _ = try? await transaction.query("INSERT INTO t VALUES (1)")
                }
            }
            #expect(error?.kind == .transactionAborted)
            let kept = try await numbers(scene)
            #expect(kept == [])
        }
    }

    @Test func aDeferredConstraintFailsTheCommit() async throws {
        try await withTable { scene in
            try await scene.client.query(
                "CREATE TABLE child (n int4 REFERENCES t DEFERRABLE INITIALLY DEFERRED)")
            let error = await postgresError {
                try await scene.client.transaction { try await $0.query("INSERT INTO child VALUES (1)") }
            }
            #expect(error?.sqlState == .foreignKeyViolation)
            #expect(error?.kind == .server)
        }
    }

    @Test func savepointsUndoTheirPartOnly() async throws {
        try await withTable { scene in
            try await scene.client.transaction { transaction in
                try await transaction.query("INSERT INTO t VALUES (1)")
                let error = await postgresError {
                    try await transaction.savepoint { inner in
                        try await inner.query("INSERT INTO t VALUES (2)")
                        try await inner.query("INSERT INTO t VALUES (1)")
                    }
                }
                #expect(error?.sqlState == .uniqueViolation)
                try await transaction.savepoint { inner in
                    try await inner.query("INSERT INTO t VALUES (3)")
                    await #expect(throws: Refused.self) {
                        try await inner.savepoint { innermost in
                            try await innermost.query("INSERT INTO t VALUES (4)")
                            throw Refused()
                        }
                    }
                }
            }
            #expect(try await numbers(scene) == [1, 3])
        }
    }

    @Test func aSavepointMayComeFirst() async throws {
        try await withTable { scene in
            try await scene.client.transaction { transaction in
                try await transaction.savepoint { try await $0.query("INSERT INTO t VALUES (1)") }
            }
            #expect(try await numbers(scene) == [1])
        }
    }

    @Test func isolationAndReadOnlyAreAskedFor() async throws {
        try await withTable { scene in
            let level = try await scene.client.transaction(.init(isolation: .serializable)) {
                try await $0.query("SELECT current_setting('transaction_isolation')")[0].decode(String.self)
            }
            #expect(level == "serializable")
            let error = await postgresError {
                try await scene.client.transaction(.init(readOnly: true)) {
                    try await $0.query("INSERT INTO t VALUES (1)")
                }
            }
            #expect(error?.sqlState == .readOnlyTransaction)
        }
    }

    @Test func transactionControlInStatementsIsRefused() async throws {
        try await withTable { scene in
            let error = await postgresError {
                try await scene.client.transaction { try await $0.query("COMMIT") }
            }
            #expect(error?.kind == .usage)
        }
    }

    @Test func aTransactionIsOfNoUseAfterItsClosure() async throws {
        try await withTable { scene in
            let escaped = try await scene.client.transaction { transaction in
                try await transaction.query("SELECT 1")
                return transaction
            }
            #expect(await postgresError { try await escaped.query("SELECT 1") }?.kind == .usage)
        }
    }
}
