import Synchronization
import TestSupport
import Testing

@testable import Postgres

/// Connections lent to one caller at a time.
@Suite struct PoolTests {
    /// A client with two connections for transactions.
    private func withSmallPool(
        timeout: Duration = .seconds(30), _ body: (Scene) async throws -> Void
    ) async throws {
        try await withScene({
            $0.maximumConnections = 3
            $0.poolTimeout = timeout
        }) { try await body($0) }
    }

    /// Holds a connection until told to let go.
    private func hold(_ scene: Scene) async throws -> (release: AsyncStream<Void>.Continuation, Task<Void, any Error>) {
        let (held, isHeld) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await scene.client.transaction { transaction in
                try await transaction.query("SELECT 1")
                isHeld.yield()
                for await _ in released { break }
            }
        }
        for await _ in held { break }
        return (release, task)
    }

    @Test func anExhaustedPoolGivesUpInTime() async throws {
        try await withSmallPool(timeout: .milliseconds(50)) { scene in
            let holds = [try await hold(scene), try await hold(scene)]
            let error = await postgresError { try await scene.client.transaction { try await $0.query("SELECT 1") } }
            #expect(error?.kind == .poolTimeout)
            #expect(error?.isRetryable == true)
            #expect(error?.message.contains("2 connections") == true)
            // Single statements do not need one.
            try await scene.client.query("SELECT 1")
            for (release, task) in holds {
                release.yield()
                try await task.value
            }
            try await eventually("there is one again") {
                (try? await scene.client.transaction { try await $0.query("SELECT 1") }) != nil
            }
        }
    }

    /// A timer that fires in the moment it is started finds its waiter in the line.
    @Test(.timeLimit(.minutes(60))) func aWaiterWhoseTimeIsOverAtOnceIsTold() async throws {
        let configuration = try PostgresConfiguration(url: "postgres://nobody@localhost/nothing")
        let metrics = DriverMetrics(database: "t")
        let pool = ConnectionPool(
            capacity: 0, configuration: configuration, metrics: metrics,
            timer: { _, whenOver in
                whenOver()
                return Task {}
            },
            makeConnection: {
                ConnectionLoop(role: .leased, configuration: configuration, logger: quietLogger, metrics: metrics)
            })
        let error = await postgresError { try await pool.lease() }
        #expect(error?.kind == .poolTimeout)
        await pool.close()
    }

    @Test func waitersAreServedWhenAConnectionComesBack() async throws {
        try await withSmallPool { scene in
            try await scene.client.query("CREATE TABLE t (n int4)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        try await scene.client.transaction {
                            _ = try await $0.query("INSERT INTO t VALUES (\(number))")
                        }
                    }
                }
                try await group.waitForAll()
            }
            let count = try await scene.client.query("SELECT FROM t").count
            #expect(count == 40)
            let backends = try await scene.client.query(
                "SELECT FROM pg_stat_activity WHERE datname = current_database()"
            ).count
            #expect(backends <= 3)
        }
    }

    @Test func aCancelledWaiterLeavesTheLine() async throws {
        try await withSmallPool { scene in
            let holds = [try await hold(scene), try await hold(scene)]
            let waiter = Task { try await scene.client.transaction { try await $0.query("SELECT 1") } }
            waiter.cancel()
            #expect(await postgresError { try await waiter.value }?.kind == .cancelled)
            for (release, task) in holds {
                release.yield()
                try await task.value
            }
            try await scene.client.transaction { try await $0.query("SELECT 1") }
        }
    }

    @Test func aSessionIsOnesOwnAndIsLeftAsItWas() async throws {
        try await withSmallPool { scene in
            let backend = try await scene.client.withConnection { session in
                try await session.query("SELECT pg_advisory_lock(7)")
                try await session.query("SET work_mem = '1234kB'")
                try await session.query("CREATE TEMP TABLE mine (n int4)")
                let locks = try await scene.client.query("SELECT pg_try_advisory_xact_lock(7)")[0]
                    .decode(at: 0, as: Bool.self)
                #expect(!locks)
                return try await session.query("SELECT pg_backend_pid()")[0].decode(at: 0, as: Int.self)
            }
            try await scene.client.withConnection { session in
                let again = try await session.query("SELECT pg_backend_pid()")[0].decode(at: 0, as: Int.self)
                #expect(again == backend)
                let setting = try await session.query("SHOW work_mem")[0].decode(at: 0, as: String.self)
                #expect(setting != "1234kB")
                let mine = try await session.query("SELECT to_regclass('mine')::text")[0]
                    .decode(at: 0, as: String?.self)
                #expect(mine == nil)
            }
            let locks = try await scene.client.query("SELECT pg_try_advisory_xact_lock(7)")[0].decode(
                at: 0, as: Bool.self)
            #expect(locks)
        }
    }

    @Test func aSessionThatFailsIsClosed() async throws {
        struct Refused: Error {}
        try await withSmallPool { scene in
            await #expect(throws: Refused.self) {
                try await scene.client.withConnection { session in
                    try await session.query("SELECT pg_advisory_lock(7)")
                    throw Refused()
                }
            }
            try await eventually {
                try await scene.client.query("SELECT pg_try_advisory_xact_lock(7)")[0].decode(at: 0, as: Bool.self)
            }
        }
    }

    @Test func aSessionNoticesThatItsConnectionIsLost() async throws {
        try await withSmallPool { scene in
            let error = await postgresError {
                try await scene.client.withConnection { session in
                    #expect(session.isOpen)
                    let pid = try await session.query("SELECT pg_backend_pid()")[0].decode(at: 0, as: Int32.self)
                    try await scene.client.query("SELECT pg_terminate_backend(\(pid))")
                    try await eventually("the loss is noticed without a statement") { !session.isOpen }
                    try await session.query("SELECT 1")
                }
            }
            #expect(error?.kind == .connection)
        }
    }

    @Test func aSessionRunsTransactionsOfItsOwn() async throws {
        try await withSmallPool { scene in
            try await scene.client.withConnection { session in
                try await session.query("CREATE TABLE t (n int4)")
                try await session.transaction { try await $0.query("INSERT INTO t VALUES (1)") }
                let error = await postgresError {
                    try await session.transaction { transaction in
                        try await transaction.query("INSERT INTO t VALUES (2)")
                        try await transaction.query("SELECT 1 / 0")
                    }
                }
                #expect(error?.sqlState?.rawValue == "22012")
                let numbers = try await session.query("SELECT n FROM t").decode(Int.self)
                #expect(numbers == [1])
            }
        }
    }

    @Test func aTransactionLeftOpenInASessionIsNotLentAgain() async throws {
        try await withSmallPool { scene in
            try await scene.client.query("CREATE TABLE t (n int4)")
            try await scene.client.withConnection { session in
                try await session.query("BEGIN")
                try await session.query("INSERT INTO t VALUES (1)")
            }
            for _ in 0..<3 { try await scene.client.transaction { try await $0.query("SELECT 1") } }
            try await eventually("what was left open is rolled back") {
                try await scene.client.query(
                    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
                ).isEmpty
            }
            let rows = try await scene.client.query("SELECT FROM t")
            #expect(rows.isEmpty)
        }
    }
}
