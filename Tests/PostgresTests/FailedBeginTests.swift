import Testing

@testable import Postgres

/// Without its BEGIN nothing of a transaction is run, whatever the body makes of the error.
@Suite struct FailedBeginTests {
    private func withTransaction(_ body: (Scene, PostgresTransaction) async throws -> Void) async throws {
        try await withScene { scene in
            try await scene.client.query("CREATE TABLE t (n int4)")
            let loop = ConnectionLoop(
                role: .leased, configuration: scene.configuration, logger: quietLogger,
                metrics: DriverMetrics(database: "t"))
            // A level that no server knows.
            let opening = TransactionOpening("BEGIN ISOLATION LEVEL IMAGINED", isReadOnly: false)
            try await body(scene, PostgresTransaction(loop, opening: opening))
            loop.abort()
            await loop.waitForTermination()
        }
    }

    @Test func laterStatementsDoNotCommitOneByOne() async throws {
        try await withTransaction { scene, transaction in
            let first = await postgresError { try await transaction.query("INSERT INTO t VALUES (1)") }
            #expect(first?.sqlState == .syntaxError)
            let second = await postgresError { try await transaction.query("INSERT INTO t VALUES (2)") }
            #expect(second?.kind == .transactionAborted)
            let script = await postgresError { try await transaction.execute(script: "INSERT INTO t VALUES (3)") }
            #expect(script?.kind == .transactionAborted)
            let commit = await postgresError { try await transaction.commit(CallSite(file: "f", line: 1)) }
            #expect(commit?.kind == .transactionAborted)
            let kept = try await scene.client.query("SELECT FROM t").count
            #expect(kept == 0)
        }
    }

    /// Statements that are under way together with the first.
    @Test func norDoThoseThatFollowAtOnce() async throws {
        try await withTransaction { scene, transaction in
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask { _ = try? await transaction.query("INSERT INTO t VALUES (\(number))") }
                }
            }
            let kept = try await scene.client.query("SELECT FROM t").count
            #expect(kept == 0)
            #expect(await transaction.rollback(CallSite(file: "f", line: 1)))
        }
    }
}
