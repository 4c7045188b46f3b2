import DevStack
import Synchronization
import TestSupport
import Testing

@testable import Postgres

/// A lost connection is made again, and what it means for the work under way is told, not guessed.
@Suite struct ConnectionLossTests {
    /// Ends every other backend on the scene's database.
    private func terminateAll(_ scene: Scene, by killer: PostgresClient) async throws {
        try await killer.query(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """)
    }

    @Test func anIdleClientConnectsAgain() async throws {
        try await withScene { scene in
            let killer = scene.another()
            try await scene.client.query("SELECT 1")
            try await scene.client.transaction { try await $0.query("SELECT 1") }
            for _ in 0..<3 {
                try await terminateAll(scene, by: killer)
                let answer = try await scene.client.query("SELECT 2")[0].decode(at: 0, as: Int.self)
                #expect(answer == 2)
                try await scene.client.transaction { try await $0.query("SELECT 1") }
            }
        }
    }

    /// The server says that it ended the connection before the statement had: so it was rolled back.
    @Test func aStatementWhoseBackendIsTerminatedIsSentAgain() async throws {
        try await withScene({
            $0.sharedConnections = 1
            // The pool has none to lend to single statements.
            $0.maximumConnections = 2
        }) { scene in
            let killer = scene.another()
            let observer = Scene(client: killer, configuration: scene.configuration, fixture: scene.fixture)
            try await scene.client.batch(["CREATE TABLE t (n int4)", "CREATE TABLE calm ()"])
            let sleepers = (0..<5).map { number in
                Task {
                    try await scene.client.batch([
                        "INSERT INTO t VALUES (\(number))",
                        "SELECT pg_sleep(CASE WHEN EXISTS (SELECT FROM calm) THEN 0 ELSE 600 END) /* sleeper */",
                    ])
                }
            }
            try await eventually { try await observer.running("sleeper") == 1 }
            // Who sleeps goes on sleeping; who comes after the loss does not begin to.
            try await killer.query("INSERT INTO calm DEFAULT VALUES")
            try await terminateAll(scene, by: killer)
            for sleeper in sleepers { _ = try await sleeper.value }
            let numbers = try await scene.client.query("SELECT n FROM t ORDER BY n").decode(Int.self)
            #expect(numbers == [0, 1, 2, 3, 4])
            #expect(scene.client.shared[0].statistics.connects.load(ordering: .relaxed) == 2)
        }
    }

    @Test func aTransactionWhoseBackendIsTerminatedRunsAgain() async throws {
        try await withScene { scene in
            let killer = scene.another()
            let runs = Atomic(0)
            try await scene.client.query("CREATE TABLE t (n int4)")
            try await scene.client.transaction { transaction in
                let run = runs.add(1, ordering: .relaxed).newValue
                try await transaction.query("INSERT INTO t VALUES (\(run))")
                let backend = try await transaction.query("SELECT pg_backend_pid()")[0].decode(at: 0, as: Int.self)
                if run < 3 { try await killer.query("SELECT pg_terminate_backend(\(Int32(backend)))") }
                try await transaction.query("SELECT 1")
            }
            let numbers = try await scene.client.query("SELECT n FROM t").decode(Int.self)
            #expect(numbers == [3])
        }
    }

    @Test func aWriteWhoseAnswerIsLostHasAnUnknownOutcome() async throws {
        try await withScene { scene in
            try await scene.client.query("CREATE TABLE t (n int4)")
            let (client, proxy) = try scene.throughProxy()
            try await client.query("SELECT 1")
            for moment in [TCPProxy.Moment.beforeTheServerGetsIt, .afterTheServerAnswered] {
                proxy.cut(at: "INSERT", moment)
                let error = await postgresError { try await client.query("INSERT INTO t VALUES (1)") }
                #expect(error?.kind == .commitOutcomeUnknown)
                #expect(error?.isRetryable == false)
                #expect(error?.query == "INSERT INTO t VALUES (1)")
            }
            #expect(proxy.cuts == 2)
            let count = try await client.query("SELECT FROM t").count
            #expect(count == 1)
        }
    }

    @Test func aReadWhoseAnswerIsLostCanBeTriedAgain() async throws {
        try await withScene { scene in
            let (client, proxy) = try scene.throughProxy()
            try await client.query("SELECT 1")
            proxy.cut(at: "lost", .afterTheServerAnswered)
            let error = await postgresError { try await client.query("SELECT 'lost'") }
            #expect(error?.kind == .connection)
            #expect(error?.isRetryable == true)
            try await client.query("SELECT 'lost'")
        }
    }

    @Test func aServerThatStopsAndComesBackIsFoundAgain() async throws {
        try await withPrivateServers([.postgres]) { servers in
            let url = servers.state.postgresURL(database: "postgres")
            let client = PostgresClient(configuration: try PostgresConfiguration(url: url), logger: quietLogger)
            servers.fixture.atEnd { await client.close() }
            try await client.query("SELECT 1")
            try await servers.stack.kill(.postgres)
            let refused = await postgresError { try await client.query("SELECT 1") }
            #expect(refused?.kind == .connection)
            #expect(refused?.isRetryable == true)
            try await servers.stack.start(.postgres)
            try await eventually("the client is connected again") {
                await postgresError { try await client.ping() } == nil
            }
            try await client.transaction { try await $0.query("SELECT 1") }
        }
    }
}
