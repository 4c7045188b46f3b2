import Synchronization
import TestSupport
import Testing

@testable import Postgres

/// Statements that go with the COMMIT of their transaction.
@Suite struct ClosingStatementTests {
    private func withTable(_ body: (Scene) async throws -> Void) async throws {
        try await withScene { scene in
            try await scene.client.query("CREATE TABLE t (n int4 PRIMARY KEY)")
            try await body(scene)
        }
    }

    private func numbers(_ scene: Scene) async throws -> [Int] {
        try await scene.client.query("SELECT n FROM t ORDER BY n").decode(Int.self)
    }

    /// Runs the transaction on a connection of its own.
    ///
    /// - Returns: how many flushes it cost.
    private func syncs(
        _ scene: Scene, _ body: @Sendable (PostgresTransaction) async throws -> Void
    ) async throws -> Int {
        let loop = ConnectionLoop(
            role: .leased, configuration: scene.configuration, logger: quietLogger,
            metrics: DriverMetrics(database: "t"))
        let (outcome, isFit) = await TransactionAttempt.run(
            on: loop, options: .init(), site: CallSite(file: "f", line: 1), body)
        loop.abort()
        await loop.waitForTermination()
        if case .rolledBack(let error, _) = outcome { throw error }
        #expect(isFit)
        return loop.statistics.syncs.load(ordering: .relaxed)
    }

    @Test func theyCostNoRoundTripAndBringTheirResults() async throws {
        try await withTable { scene in
            let answers = Mutex<ClosingAnswers?>(nil)
            let count = try await syncs(scene) { transaction in
                try await transaction.query("INSERT INTO t VALUES (1)")
                try transaction.enqueue("INSERT INTO t VALUES (2)")
                let last = try transaction.enqueueLast(["INSERT INTO t VALUES (3) RETURNING n", "SELECT n FROM t"])
                #expect(last.rows == nil)
                try transaction.enqueue("INSERT INTO t VALUES (4)")
                answers.withLock { $0 = last }
            }
            #expect(count == 2)
            let rows = try #require(answers.withLock { $0?.rows })
            #expect(try rows.map { try $0.decode(Int.self).sorted() } == [[3], [1, 2, 3, 4]])
            #expect(try await numbers(scene) == [1, 2, 3, 4])
        }
    }

    @Test func withNothingBeforeThemTheyBringTheBegin() async throws {
        try await withTable { scene in
            let count = try await syncs(scene) { _ = try $0.enqueueLast(["INSERT INTO t VALUES (1)"]) }
            #expect(count == 1)
            #expect(try await numbers(scene) == [1])
        }
    }

    @Test func eachCallHasItsOwnResults() async throws {
        try await withTable { scene in
            let (first, second) = try await scene.client.transaction { transaction in
                (try transaction.enqueueLast(["SELECT 1", "SELECT 2"]), try transaction.enqueueLast(["SELECT 3"]))
            }
            #expect(try first.rows?.map { try $0.decode(Int.self) } == [[1], [2]])
            #expect(try second.rows?.map { try $0.decode(Int.self) } == [[3]])
        }
    }

    /// The COMMIT behind them is not run.
    @Test(arguments: [true, false]) func theirFailureIsThatOfTheTransaction(isFirst: Bool) async throws {
        try await withTable { scene in
            let answers = Mutex<ClosingAnswers?>(nil)
            let error = await postgresError {
                try await scene.client.transaction { transaction in
                    if !isFirst { try await transaction.query("INSERT INTO t VALUES (1)") }
                    let last = try transaction.enqueueLast([
                        "INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (2)", "SELECT 1",
                    ])
                    answers.withLock { $0 = last }
                }
            }
            #expect(error?.sqlState == .uniqueViolation)
            #expect(error?.query == "INSERT INTO t VALUES (2)")
            #expect(answers.withLock { $0?.rows == nil })
            #expect(try await numbers(scene) == [])
            // The same connection goes on.
            try await scene.client.transaction { _ = try $0.enqueueLast(["INSERT INTO t VALUES (3)"]) }
            #expect(try await numbers(scene) == [3])
        }
    }

    @Test func swallowedFailuresDoNotPassForACommit() async throws {
        try await withTable { scene in
            let error = await postgresError {
                try await scene.client.transaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    _ = try? await transaction.query("INSERT INTO t VALUES (1)")
                    _ = try transaction.enqueueLast(["SELECT 1"])
                }
            }
            #expect(error?.sqlState == .inFailedTransaction)
            let kept = try await numbers(scene)
            #expect(kept == [])
        }
    }

    @Test func aConstraintThatFailsTheCommitIsItsError() async throws {
        try await withTable { scene in
            try await scene.client.query("CREATE TABLE child (n int4 REFERENCES t DEFERRABLE INITIALLY DEFERRED)")
            let error = await postgresError {
                try await scene.client.transaction { _ = try $0.enqueueLast(["INSERT INTO child VALUES (1)"]) }
            }
            #expect(error?.sqlState == .foreignKeyViolation)
            #expect(error?.query == "COMMIT")
            let kept = try await scene.client.query("SELECT FROM child").count
            #expect(kept == 0)
        }
    }

    @Test func whoIsCancelledBeforeCommitsNothing() async throws {
        try await withTable { scene in
            let task = Task {
                try await scene.client.transaction { transaction in
                    _ = try transaction.enqueueLast(["INSERT INTO t VALUES (1)"])
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            #expect(await postgresError { try await task.value }?.kind == .cancelled)
            let kept = try await numbers(scene)
            #expect(kept == [])
        }
    }

    /// A conflict among them is one of the transaction, which is run again.
    @Test func aConflictRunsTheBodyAgain() async throws {
        try await withTable { scene in
            let runs = Atomic(0)
            let answers = try await scene.client.transaction { transaction in
                let run = runs.add(1, ordering: .relaxed).newValue
                return try transaction.enqueueLast([
                    "INSERT INTO t VALUES (\(Int32(run)))",
                    """
                    DO $$ BEGIN IF (SELECT max(n) FROM t) = 1 THEN
                    RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END IF; END $$
                    """, "SELECT n FROM t",
                ])
            }
            #expect(runs.load(ordering: .relaxed) == 2)
            #expect(try answers.rows?.last?.decode(Int.self) == [2])
            #expect(try await numbers(scene) == [2])
        }
    }

    @Test func whatEndsTheTransactionIsRefusedAtOnce() async throws {
        try await withTable { scene in
            let error = await postgresError {
                try await scene.client.transaction { _ = try $0.enqueueLast(["COMMIT"]) }
            }
            #expect(error?.kind == .usage)
        }
    }

    @Test func aServerThatEndsBeforeTheCommitHasNotCommitted() async throws {
        try await withTable { scene in
            let error = await postgresError {
                try await scene.client.transaction(.init(attempts: 1)) { transaction in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    _ = try transaction.enqueueLast([
                        "SELECT pg_terminate_backend(pg_backend_pid())", "SELECT pg_sleep(600)",
                    ])
                }
            }
            #expect(error?.kind == .connection)
            #expect(error?.isRetryable == true)
            let kept = try await numbers(scene)
            #expect(kept == [])
        }
    }

    @Test func whenTheAnswerIsLostTheOutcomeIsUnknown() async throws {
        try await withTable { scene in
            let (client, proxy) = try scene.throughProxy()
            for moment in [TCPProxy.Moment.beforeTheServerGetsIt, .afterTheServerAnswered] {
                proxy.cut(at: "COMMIT", moment)
                let error = await postgresError {
                    try await client.transaction { _ = try $0.enqueueLast(["INSERT INTO t VALUES (1)"]) }
                }
                #expect(error?.kind == .commitOutcomeUnknown)
            }
            #expect(try await numbers(scene) == [1])
            proxy.cut(at: "COMMIT", .afterTheServerAnswered)
            let answers = try await client.transaction(.init { _ in true }) {
                try $0.enqueueLast(["INSERT INTO t VALUES (2)"])
            }
            #expect(answers.rows == nil)
            #expect(try await numbers(scene) == [1, 2])
        }
    }

    /// What a task left behind says after the end is in no transaction any more.
    @Test func nothingIsRunBehindTheCommit() async throws {
        try await withTable { scene in
            let (client, proxy) = try scene.throughProxy()
            proxy.hold(at: "COMMIT", .beforeTheServerGetsIt)
            let escaped = Mutex<PostgresTransaction?>(nil)
            let working = Task {
                try await client.transaction { transaction in
                    escaped.withLock { $0 = transaction }
                    _ = try transaction.enqueueLast(["INSERT INTO t VALUES (1)"])
                }
            }
            try await eventually("the COMMIT is on its way") { proxy.holds == 1 }
            let transaction = try #require(escaped.withLock { $0 })
            let late = await postgresError { try await transaction.query("INSERT INTO t VALUES (2)") }
            #expect(late?.kind == .usage)
            proxy.release()
            try await working.value
            #expect(try await numbers(scene) == [1])
        }
    }

    @Test func whetherItMayHaveWrittenIsToldByItsTexts() async throws {
        try await withTable { scene in
            try await scene.client.transaction { transaction in
                #expect(!transaction.mayHaveWritten)
                try await transaction.query("SELECT n FROM t")
                #expect(!transaction.mayHaveWritten)
                try transaction.enqueue("UPDATE t SET n = 1")
                #expect(transaction.mayHaveWritten)
            }
            try await scene.client.transaction { transaction in
                try await transaction.execute(script: "SELECT 1")
                #expect(transaction.mayHaveWritten)
            }
        }
    }
}
