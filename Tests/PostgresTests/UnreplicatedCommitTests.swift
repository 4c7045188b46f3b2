import DevStack
import Synchronization
import TestSupport
import Testing

@testable import Postgres

/// A primary whose synchronous standby is away: its commits wait, and an operator may end their waiting.
@Suite struct UnreplicatedCommitTests {
    @Test("A COMMIT that is let go before its standby has it is reported by the server as done, and is not")
    func transaction() async throws {
        try await expectUnknown { client in
            try await client.transaction(PostgresTransactionOptions(attempts: 1)) {
                _ = try await $0.query("INSERT INTO t VALUES (1)")
            }
        }
    }

    @Test("The same for a statement that commits by itself")
    func singleStatement() async throws {
        try await expectUnknown { try await $0.query("INSERT INTO t VALUES (1)") }
    }

    @Test("The same for a script")
    func script() async throws {
        try await expectUnknown {
            try await $0.withConnection { try await $0.execute(script: "INSERT INTO t VALUES (1)") }
        }
    }

    /// Repeats a write until it waits for a standby, ends its waiting, and expects that nobody calls it done.
    private func expectUnknown(_ write: @escaping @Sendable (PostgresClient) async throws -> Void) async throws {
        try await withPrivateServers([.postgres], durable: true, member: ClusterMember(number: 1)) { servers in
            let control = servers.fixture.stack.postgres
            let client = PostgresClient(
                configuration: try PostgresConfiguration(url: try await servers.fixture.database().url),
                logger: quietLogger)
            try await client.query("CREATE TABLE t (n int4)")
            servers.fixture.atEnd {
                // Else nothing here would ever commit again.
                try await control.execute("ALTER SYSTEM RESET synchronous_standby_names")
                try await control.execute("SELECT pg_reload_conf()")
            }
            try await control.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
            try await control.execute("SELECT pg_reload_conf()")
            let isLetGo = Atomic(false)
            async let outcome = postgresError {
                // The server heeds the setting in a moment: the first ones may not wait.
                while !isLetGo.load(ordering: .acquiring) { try await write(client) }
            }
            let waiting = try await eventuallyValue("a commit waits") {
                try await control.execute("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'").first
            }
            isLetGo.store(true, ordering: .releasing)
            try await control.execute("SELECT pg_cancel_backend(\(waiting))")
            let error = await outcome
            #expect(error?.kind == .commitOutcomeUnknown)
            #expect(error?.isRetryable == false)
            await client.close()
        }
    }
}
