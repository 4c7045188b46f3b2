import DevStack
import TestSupport
import Testing

@testable import Postgres

/// A server that says nothing any more is not waited for without end, and one that is still at work is not given up.
@Suite struct SilentServerTests {
    @Test(.timeLimit(.minutes(60))) func aStallAtCommitEndsAndFreesItsConnection() async throws {
        try await withScene { scene in
            try await scene.client.query("CREATE TABLE t (n int4)")
            let (client, proxy) = try scene.throughProxy {
                $0.statementTimeout = .seconds(1)
                $0.maximumConnections = 2
            }
            proxy.hold(at: "COMMIT", .afterTheServerAnswered)
            func insert(_ number: Int32) async -> PostgresError? {
                await postgresError {
                    try await client.transaction { try await $0.query("INSERT INTO t VALUES (\(number))") }
                }
            }
            // On a busy machine a statement's second may be over before the COMMIT is sent.
            var error: PostgresError?
            try await eventually("the answer to COMMIT is held") {
                error = await insert(1)
                return proxy.holds == 1
            }
            #expect(error?.kind == .commitOutcomeUnknown)
            try await eventually("the only connection for transactions is there again") { await insert(2) == nil }
            let numbers = try await scene.client.query("SELECT DISTINCT n FROM t ORDER BY n").decode(Int.self)
            #expect(numbers == [1, 2])
        }
    }

    @Test(.timeLimit(.minutes(60))) func aStallInASessionEnds() async throws {
        try await withScene { scene in
            let (client, proxy) = try scene.throughProxy { $0.statementTimeout = .seconds(1) }
            var error: PostgresError?
            try await eventually("a statement is held") {
                error = await postgresError {
                    try await client.withConnection { session in
                        try await session.query("SELECT 1")
                        proxy.hold(at: "stalled", .beforeTheServerGetsIt)
                        try await session.query("SELECT 'stalled'")
                    }
                }
                return proxy.holds == 1
            }
            #expect(error?.kind == .connection)
        }
    }

    /// The answer breaks off in the middle of a row.
    @Test func aRowThatBreaksOffIsALostConnection() async throws {
        try await withScene { scene in
            let (client, proxy) = try scene.throughProxy()
            try await client.query("SELECT 1")
            proxy.cut(after: 5000)
            let shared = await postgresError { try await client.query("SELECT repeat('x', 100000)") }
            #expect(shared?.kind == .connection)
            #expect(shared?.isRetryable == true)
            let lent = await postgresError {
                try await client.withConnection { session in
                    try await session.query("SELECT 1")
                    proxy.cut(after: 5000)
                    try await session.query("SELECT repeat('x', 100000)")
                }
            }
            #expect(lent?.kind == .connection)
            #expect(proxy.cuts == 2)
            let row = try await client.query("SELECT repeat('x', 100000)")[0].decode(String.self)
            #expect(row.utf8.count == 100_000)
        }
    }

    /// The URL gives the server more time than the configuration.
    @Test func theTimeoutOfTheURLIsWaitedFor() async throws {
        try await withScene { scene in
            let server = scene.fixture.stack.state.postgres
            var configuration = try PostgresConfiguration(
                url: "postgres://\(server.user):\(server.password)@127.0.0.1:\(server.port)/"
                    + "\(scene.configuration.database)?options=-c%20statement_timeout%3D30s")
            configuration.statementTimeout = .milliseconds(100)
            let client = PostgresClient(configuration: configuration, logger: quietLogger)
            scene.fixture.atEnd { await client.close() }
            try await client.query("SELECT pg_sleep(6)")
        }
    }

    /// Every statement of a batch has its own time, and the server answers when all are done.
    @Test func aBatchHasTheTimeOfAllItsStatements() async throws {
        try await withScene({ $0.statementTimeout = .seconds(10) }) { scene in
            // Longer than one statement has and than the server may then be silent.
            try await scene.client.batch(Array(repeating: "SELECT pg_sleep(2)", count: 8))
        }
    }

    @Test func aTransactionThatTakesMoreTimeIsGivenIt() async throws {
        try await withScene({ $0.statementTimeout = .seconds(4) }) { scene in
            try await scene.client.transaction { transaction in
                try await transaction.query("SET LOCAL statement_timeout = 0")
                try await transaction.query("SELECT pg_sleep(10)")
            }
            try await scene.client.withConnection { session in
                try await session.query("SET statement_timeout = '30s'")
                try await session.execute(script: "SELECT pg_sleep(5); SELECT pg_sleep(5)")
            }
        }
    }
}
