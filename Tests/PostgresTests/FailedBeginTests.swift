import TestSupport
import Testing

@testable import Postgres

/// Without its BEGIN nothing of a transaction is run, whatever the body makes of the error.
@Suite struct FailedBeginTests {
    private func withTransaction(
        _ body: (Scene, PostgresTransaction, TCPProxy) async throws -> Void
    ) async throws {
        try await withScene { scene in
            try await scene.client.query("CREATE TABLE t (n int4)")
            let (client, proxy) = try scene.throughProxy()
            let loop = ConnectionLoop(
                role: .leased, configuration: client.configuration, logger: quietLogger,
                metrics: DriverMetrics(database: "t"))
            // A level that no server knows.
            let opening = TransactionOpening("BEGIN ISOLATION LEVEL IMAGINED", isReadOnly: false)
            try await body(scene, PostgresTransaction(loop, opening: opening), proxy)
            loop.abort()
            await loop.waitForTermination()
        }
    }

    @Test func laterStatementsDoNotCommitOneByOne() async throws {
        try await withTransaction { scene, transaction, _ in
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

    /// Statements that are there before the BEGIN is answered. Each has a text of its own: one that is the first to
    /// prepare a text would keep the others from running it.
    @Test(.timeLimit(.minutes(60))) func norDoThoseThatFollowAtOnce() async throws {
        try await withTransaction { scene, transaction, proxy in
            let (begun, begins) = AsyncStream.makeStream(of: Void.self)
            proxy.hold(at: "IMAGINED", .afterTheServerAnswered)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        begins.yield()
                        _ = try? await transaction.query(
                            PostgresQuery(unsafeSQL: "INSERT INTO t VALUES (\(number))"))
                    }
                }
                try await eventually("the BEGIN is on its way") { proxy.holds == 1 }
                for await _ in begun.prefix(50) {}
                proxy.release()
            }
            let kept = try await scene.client.query("SELECT FROM t").count
            #expect(kept == 0)
            #expect(await transaction.rollback(CallSite(file: "f", line: 1)))
        }
    }
}
