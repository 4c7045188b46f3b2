import DevStack
import TestSupport
import Testing

@testable import Postgres

/// A server that takes no writes, as a primary that has become a standby, is as good as away.
@Suite struct ReadOnlyServerTests {
    /// Runs the body while new connections to the scene's database cannot write; `heal` ends that.
    private func withReadOnlyServer(
        _ scene: Scene, _ body: (_ heal: @Sendable () async throws -> Void) async throws -> Void
    ) async throws {
        let name = scene.configuration.database
        let server = scene.fixture.stack.state.postgres
        let url =
            "postgres://\(server.user):\(server.password)@127.0.0.1:\(server.port)/\(name)"
            + "?options=-c%20default_transaction_read_only%3Doff"
        let operating = PostgresClient(configuration: try PostgresConfiguration(url: url), logger: quietLogger)
        scene.fixture.atEnd { await operating.close() }
        try await operating.query("CREATE TABLE t (n int4)")
        try await operating.query(
            PostgresQuery(unsafeSQL: "ALTER DATABASE \(name) SET default_transaction_read_only = on"))
        try await body {
            try await operating.query(
                PostgresQuery(unsafeSQL: "ALTER DATABASE \(name) RESET default_transaction_read_only"))
        }
    }

    @Test func aSingleWriteIsRefusedAsByAServerThatIsAway() async throws {
        try await withScene { scene in
            try await withReadOnlyServer(scene) { heal in
                let client = scene.another()
                let error = await postgresError { try await client.query("INSERT INTO t VALUES (1)") }
                #expect(error?.kind == .connection)
                #expect(error?.isRetryable == true)
                #expect(error?.sqlState == .readOnlyTransaction)
                try await heal()
                // The connection was dropped: the next one finds a server that writes.
                try await client.query("INSERT INTO t VALUES (2)")
            }
        }
    }

    /// All connections that were made before are given up, not only the one that has met the refusal.
    @Test func idleConnectionsOfThePoolAreDroppedToo() async throws {
        try await withScene { scene in
            try await withReadOnlyServer(scene) { heal in
                let client = scene.another()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            try await client.transaction { _ = try await $0.query("SELECT pg_sleep(0.2)") }
                        }
                    }
                    try await group.waitForAll()
                }
                let once = PostgresTransactionOptions(attempts: 1)
                let error = await postgresError {
                    try await client.transaction(once) { try await $0.query("INSERT INTO t VALUES (1)") }
                }
                #expect(error?.kind == .connection)
                #expect(error?.isRetryable == true)
                try await heal()
                try await client.transaction(once) { try await $0.query("INSERT INTO t VALUES (2)") }
                try await client.query("INSERT INTO t VALUES (3)")
            }
        }
    }

    @Test func aTransactionIsTriedAgainElsewhere() async throws {
        try await withScene { scene in
            try await withReadOnlyServer(scene) { heal in
                let client = scene.another()
                let count = try await client.transaction { transaction in
                    do {
                        return try await transaction.query("INSERT INTO t VALUES (1)").affectedRows
                    } catch {
                        try await heal()
                        throw error
                    }
                }
                #expect(count == 1)
            }
        }
    }

    @Test func aTransactionThatMayNotWriteIsTheCallersFault() async throws {
        try await withScene { scene in
            try await scene.client.query("CREATE TABLE t (n int4)")
            let error = await postgresError {
                try await scene.client.transaction(.init(readOnly: true)) {
                    try await $0.query("INSERT INTO t VALUES (1)")
                }
            }
            #expect(error?.kind == .server)
            #expect(error?.isRetryable == false)
        }
    }

    @Test func aPingTellsThatItDoesNotWrite() async throws {
        try await withScene { scene in
            try await scene.client.ping()
            try await withReadOnlyServer(scene) { _ in
                let error = await postgresError { try await scene.another().ping() }
                #expect(error?.kind == .connection)
                #expect(error?.sqlState == .readOnlyTransaction)
            }
        }
    }
}
