import Testing

@testable import Postgres

/// Statements that go with the next ones.
@Suite struct EnqueuedStatementTests {
    private func withTable(_ body: (Scene) async throws -> Void) async throws {
        try await withScene { scene in
            try await scene.client.query("CREATE TABLE t (n int4 PRIMARY KEY)")
            try await body(scene)
        }
    }

    private func numbers(_ scene: Scene) async throws -> [Int] {
        try await scene.client.query("SELECT n FROM t ORDER BY n").decode(Int.self)
    }

    @Test func theNextStatementSeesThemAndHasItsOwnResults() async throws {
        try await withTable { scene in
            try await scene.client.transaction { transaction in
                try transaction.enqueue("INSERT INTO t VALUES (1)")
                try transaction.enqueue(["INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (3)"])
                let rows = try await transaction.batch(["SELECT n FROM t ORDER BY n", "SELECT 9"])
                #expect(try rows.map { try $0.decode(Int.self) } == [[1, 2, 3], [9]])
                try await transaction.query("DELETE FROM t WHERE n = 1")
            }
            #expect(try await numbers(scene) == [2, 3])
        }
    }

    @Test func theCommitHasThem() async throws {
        try await withTable { scene in
            try await scene.client.transaction { try $0.enqueue("INSERT INTO t VALUES (1)") }
            #expect(try await numbers(scene) == [1])
        }
    }

    @Test func aScriptAndASavepointComeBehindThem() async throws {
        try await withTable { scene in
            try await scene.client.transaction { transaction in
                try transaction.enqueue("INSERT INTO t VALUES (1)")
                try await transaction.execute(script: "UPDATE t SET n = n + 10")
                try transaction.enqueue("INSERT INTO t VALUES (2)")
                try? await transaction.savepoint { inner in
                    try inner.enqueue("INSERT INTO t VALUES (3)")
                    throw CancellationError()
                }
                try await transaction.savepoint { try $0.enqueue("INSERT INTO t VALUES (4)") }
            }
            #expect(try await numbers(scene) == [2, 4, 11])
        }
    }

    @Test(arguments: [true, false])
    func theirFailureIsThatOfTheTransaction(isFollowed: Bool) async throws {
        try await withTable { scene in
            let error = await #expect(throws: PostgresError.self) {
                try await scene.client.transaction { transaction in
                    try transaction.enqueue(["INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)"])
                    if isFollowed { try await transaction.query("SELECT 1") }
                }
            }
            #expect(error?.sqlState == .uniqueViolation)
            #expect(try await numbers(scene) == [])
            try await scene.client.transaction { try $0.enqueue("INSERT INTO t VALUES (2)") }
            #expect(try await numbers(scene) == [2])
        }
    }

    @Test func whoIsCancelledTakesNoneOfThemAway() async throws {
        try await withTable { scene in
            /// Goes on when whoever took the statement along was cancelled.
            @Sendable func goOn(_ transaction: PostgresTransaction) async throws {
                try transaction.enqueue("INSERT INTO t VALUES (1)")
                let other = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await transaction.query("SELECT 1")
                }
                _ = try? await other.value
            }
            let error = await #expect(throws: PostgresError.self) {
                try await scene.client.transaction { try await goOn($0) }
            }
            #expect(error?.kind == .transactionAborted)
            let kept = try await numbers(scene)
            #expect(kept == [])
        }
    }

    @Test func whatEndsTheTransactionIsRefusedAtOnce() async throws {
        try await withTable { scene in
            await #expect(throws: PostgresError.self) {
                try await scene.client.transaction { try $0.enqueue("COMMIT") }
            }
        }
    }
}
