import Synchronization
import TestSupport
import Testing

@testable import Postgres

/// The connection is lost while a COMMIT is under way.
@Suite struct CommitOutcomeTests {
    private func insert(
        _ client: PostgresClient, _ options: PostgresTransactionOptions = .init()
    ) async throws -> Int {
        try await client.transaction(options) { transaction in
            try await transaction.query("INSERT INTO t VALUES (1)")
            return 42
        }
    }

    private func count(_ scene: Scene) async throws -> Int {
        try await scene.client.query("SELECT FROM t").count
    }

    /// Asks by inserting the same key, which waits for the transaction, and keeps it out if it comes later.
    private let probing = PostgresTransactionOptions { session in
        let rows = try await session.query(
            """
            INSERT INTO t VALUES (1, true) ON CONFLICT (n) DO UPDATE SET is_fence = t.is_fence RETURNING is_fence
            """)
        let isFence = try rows[0].decode(Bool.self)
        if isFence { try await session.query("DELETE FROM t WHERE is_fence") }
        return !isFence
    }

    @Test func withoutAProbeItIsUnknown() async throws {
        try await withScene { scene in
            try await scene.client.query("CREATE TABLE t (n int4 PRIMARY KEY, is_fence boolean NOT NULL DEFAULT false)")
            let (client, proxy) = try scene.throughProxy()
            proxy.cut(at: "COMMIT", .beforeTheServerGetsIt)
            let never = await postgresError { try await insert(client) }
            #expect(never?.kind == .commitOutcomeUnknown)
            let none = try await count(scene)
            #expect(none == 0)
            proxy.cut(at: "COMMIT", .afterTheServerAnswered)
            let unheard = await postgresError { try await insert(client) }
            #expect(unheard?.kind == .commitOutcomeUnknown)
            #expect(unheard?.isRetryable == false)
            let one = try await count(scene)
            #expect(one == 1)
        }
    }

    @Test func aProbeThatFindsTheCommitMakesItASuccess() async throws {
        try await withScene { scene in
            try await scene.client.query("CREATE TABLE t (n int4 PRIMARY KEY, is_fence boolean NOT NULL DEFAULT false)")
            let (client, proxy) = try scene.throughProxy()
            proxy.cut(at: "COMMIT", .afterTheServerAnswered)
            let value = try await insert(client, probing)
            #expect(value == 42)
            #expect(proxy.cuts == 1)
            let one = try await count(scene)
            #expect(one == 1)
        }
    }

    @Test func aProbeThatFindsNoCommitRunsTheBodyAgain() async throws {
        try await withScene { scene in
            try await scene.client.query("CREATE TABLE t (n int4 PRIMARY KEY, is_fence boolean NOT NULL DEFAULT false)")
            let (client, proxy) = try scene.throughProxy()
            proxy.cut(at: "COMMIT", .beforeTheServerGetsIt)
            let value = try await insert(client, probing)
            #expect(value == 42)
            #expect(proxy.cuts == 1)
            let one = try await count(scene)
            #expect(one == 1)
        }
    }

    /// The backend dies in the middle of the COMMIT: a deferred trigger ends it.
    @Test func aBackendThatDiesCommittingIsUnknownToo() async throws {
        try await withScene { scene in
            try await scene.client.batch([
                "CREATE TABLE t (n int4 PRIMARY KEY, is_fence boolean NOT NULL DEFAULT false)",
                """
                CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END $$
                """,
                """
                CREATE CONSTRAINT TRIGGER die AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION die()
                """,
            ])
            let error = await postgresError { try await insert(scene.client) }
            #expect(error?.kind == .commitOutcomeUnknown)
            #expect(error?.sqlState == .adminShutdown)
            // A backend that has said that it dies will commit no more: looking is enough.
            let options = PostgresTransactionOptions(attempts: 2) { session in
                try await session.query("SELECT FROM t").count > 0
            }
            let found = await postgresError { try await insert(scene.client, options) }
            #expect(found?.kind == .connection)
            #expect(found?.isRetryable == true)
            let none = try await count(scene)
            #expect(none == 0)
        }
    }

    /// Once sent, a COMMIT is not cancelled: the caller learns what happened.
    @Test func aCommitIsNotStoppedByCancellation() async throws {
        try await withScene { scene in
            try await scene.client.batch([
                "CREATE TABLE t (n int4 PRIMARY KEY, is_fence boolean NOT NULL DEFAULT false)",
                """
                CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$
                """,
                """
                CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION linger()
                """,
            ])
            let task = try await scene.another().transaction { holder in
                try await holder.query("SELECT pg_advisory_xact_lock(7)")
                let task = Task { try await insert(scene.client) }
                try await eventually { try await scene.running("COMMIT") == 1 }
                task.cancel()
                return task
            }
            let value = try await task.value
            #expect(value == 42)
            let one = try await count(scene)
            #expect(one == 1)
        }
    }
}
