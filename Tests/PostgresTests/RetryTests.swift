import Synchronization
import TestSupport
import Testing

@testable import Postgres

/// What loses a race is run again.
@Suite struct RetryTests {
    @Test func serializationFailuresAreRetried() async throws {
        try await withScene({ $0.maximumConnections = 6 }) { scene in
            try await scene.client.batch(["CREATE TABLE t (n int4)", "INSERT INTO t VALUES (0)"])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let options = PostgresTransactionOptions(isolation: .repeatableRead, attempts: 100)
                        try await scene.client.transaction(options) { transaction in
                            let n = try await transaction.query("SELECT n FROM t")[0].decode(Int.self)
                            try await transaction.query("UPDATE t SET n = \(n + 1)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await scene.client.query("SELECT n FROM t")[0].decode(Int.self) == 4)
        }
    }

    @Test func aFailureThatTheBodyTranslatesIsRetriedToo() async throws {
        struct Translated: Error {}
        try await withScene { scene in
            let runs = Atomic(0)
            try await scene.client.transaction { transaction in
                let run = runs.add(1, ordering: .relaxed).newValue
                do {
                    try await transaction.query(raise(run < 3 ? "40001" : nil))
                } catch {
                    throw Translated()
                }
            }
            #expect(runs.load(ordering: .relaxed) == 3)
        }
    }

    @Test func attemptsAreBounded() async throws {
        try await withScene { scene in
            for code in ["40001", "40P01"] {
                let runs = Atomic(0)
                let error = await postgresError {
                    try await scene.client.transaction(.init(attempts: 3)) { transaction in
                        runs.add(1, ordering: .relaxed)
                        try await transaction.query(raise(code))
                    }
                }
                #expect(error?.sqlState?.rawValue == code)
                #expect(error?.isRetryable == true)
                #expect(runs.load(ordering: .relaxed) == 3)
            }
        }
    }

    @Test func otherFailuresAreNotRetried() async throws {
        try await withScene { scene in
            let runs = Atomic(0)
            let error = await postgresError {
                try await scene.client.transaction { transaction in
                    runs.add(1, ordering: .relaxed)
                    try await transaction.query(raise("P0001"))
                }
            }
            #expect(error?.sqlState == .raiseException)
            #expect(error?.isRetryable == false)
            #expect(runs.load(ordering: .relaxed) == 1)
        }
    }

    @Test func aDeadlockEndsWithBothDone() async throws {
        try await withScene { scene in
            try await scene.client.batch(["CREATE TABLE t (id int4, n int4)", "INSERT INTO t VALUES (1, 0), (2, 0)"])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for order in [[1, 2], [2, 1]] {
                    group.addTask {
                        try await scene.client.transaction { transaction in
                            try await transaction.query("UPDATE t SET n = n + 1 WHERE id = \(order[0])")
                            try await eventually("both hold a lock, or one is done") {
                                try await scene.client.query(
                                    """
                                    SELECT FROM pg_stat_activity WHERE datname = current_database() \
                                    AND backend_xid IS NOT NULL HAVING count(*) = 2 \
                                    UNION ALL SELECT FROM t WHERE n > 0
                                    """
                                ).isEmpty == false
                            }
                            try await transaction.query("UPDATE t SET n = n + 1 WHERE id = \(order[1])")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await scene.client.query("SELECT n FROM t").decode(Int.self) == [2, 2])
        }
    }

    private func raise(_ code: String?) -> PostgresQuery {
        guard let code else { return "SELECT 1" }
        return PostgresQuery(unsafeSQL: "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '\(code)'; END $$")
    }
}
