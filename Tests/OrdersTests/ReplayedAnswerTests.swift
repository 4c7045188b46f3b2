import DevStack
import Hosting
import Logging
import Postgres
import Synchronization
import TestSupport
import Testing

/// Stored answers on a primary whose synchronous standby is away.
@Suite struct ReplayedAnswerTests {
    private static let request = IdempotencyKeys.Request(userID: 7, key: "k", hash: [1])
    private static let keys = IdempotencyKeys(operation: "orders.place")

    @Test("An answer that a standby may not have is not given again", .timeLimit(.minutes(60)))
    func answer() async throws {
        try await expectWait { _ = try await Self.keys.standing(of: Self.request, in: $0) }
    }

    @Test("The same where the key is taken", .timeLimit(.minutes(60)))
    func taken() async throws {
        try await expectWait { client in
            try await client.transaction { _ = try await Self.keys.take(Self.request, in: $0) }
        }
    }

    /// Stores an answer, takes the standby away, and expects that replaying waits for it, and fails without it.
    private func expectWait(_ replay: @escaping @Sendable (PostgresClient) async throws -> Void) async throws {
        try await withPrivateServers([.postgres], durable: true, member: ClusterMember(number: 1)) { servers in
            let control = servers.fixture.stack.postgres
            let client = PostgresClient(
                configuration: try PostgresConfiguration(url: try await servers.fixture.database().url),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            servers.fixture.atEnd {
                // Else nothing here would ever commit again.
                try await control.execute("ALTER SYSTEM RESET synchronous_standby_names")
                try await control.execute("SELECT pg_reload_conf()")
                await client.close()
            }
            try await client.batch([
                """
                CREATE TABLE idempotency_keys (
                    user_id int8, operation text, key text, request_hash bytea, claim uuid, response bytea,
                    claimed_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (user_id, operation, key))
                """,
                "INSERT INTO idempotency_keys VALUES (7, 'orders.place', 'k', '\\x01', gen_random_uuid(), '\\x02')",
            ])
            #expect(try await Self.keys.standing(of: Self.request, in: client) == .replay([2]))
            try await control.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
            try await control.execute("SELECT pg_reload_conf()")
            // The server heeds the setting in a moment: no commit of ours may have passed without a standby.
            try await eventually("the standby is waited for") {
                try await client.query("SHOW synchronous_standby_names")[0].decode(String.self) == "nobody"
            }
            let isLetGo = Atomic(false)
            let replaying = Task {
                while !isLetGo.load(ordering: .acquiring) { try await replay(client) }
            }
            let waiting = try await eventuallyValue("the replay waits for the standby") {
                try await control.execute("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'").first
            }
            isLetGo.store(true, ordering: .releasing)
            try await control.execute("SELECT pg_cancel_backend(\(waiting))")
            let error = await #expect(throws: PostgresError.self) { try await replaying.value }
            #expect(error?.kind == .commitOutcomeUnknown)
        }
    }
}
