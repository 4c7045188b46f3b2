import Testing

@testable import Postgres

/// What one caller leaves behind in a session does not reach the next.
@Suite struct SessionTraceTests {
    @Test(arguments: [
        "SET work_mem = '1MB'", "set role postgres", "RESET ALL", "CREATE TEMP TABLE x (n int4)",
        "CREATE OR REPLACE TEMPORARY VIEW x AS SELECT 1", "SELECT 1 AS n INTO TEMP x", "CREATE TABLE pg_temp.x ()",
        "SELECT pg_advisory_lock(1)", "SELECT pg_try_advisory_lock_shared(1)", "LOAD 'x'",
        "SELECT set_config('work_mem', '1MB', false)", "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
        "/* SELECT */ SET SESSION AUTHORIZATION DEFAULT",
    ]) func aSharedConnectionTakesNone(sql: String) async throws {
        try await withScene { scene in
            let error = await postgresError { try await scene.client.query(PostgresQuery(unsafeSQL: sql)) }
            #expect(error?.kind == .usage)
            #expect(error?.message.contains("withConnection") == true)
        }
    }

    @Test(arguments: [
        "SELECT 'SET x', 'pg_advisory_lock(1)'", "SELECT pg_advisory_xact_lock(1)",
        "SELECT set_config('work_mem', '1MB', true)", "SELECT 1 AS temp", "SELECT 1 -- SET x",
    ]) func whatOnlyLooksLikeItPasses(sql: String) async throws {
        try await withScene { scene in try await scene.client.query(PostgresQuery(unsafeSQL: sql)) }
    }

    /// Each trace by itself, so that none is found only for the company it is in.
    @Test(arguments: [
        "SET work_mem = '1234kB'", "SELECT set_config('work_mem', '1234kB', false)", "CREATE TEMP TABLE mine (n int4)",
        "SELECT 1 AS n INTO TEMP mine", "SELECT pg_advisory_lock(7)", "SET ROLE pg_monitor",
        "DO $$ BEGIN PERFORM pg_advisory_lock(7); END $$",
    ]) func aTransactionsConnectionIsCleanedForTheNext(trace: String) async throws {
        try await withScene({ $0.maximumConnections = 2 }) { scene in
            let backend: PostgresQuery = "SELECT pg_backend_pid()"
            let first = try await scene.client.transaction { transaction in
                try await transaction.query(PostgresQuery(unsafeSQL: trace))
                return try await transaction.query(backend)[0].decode(Int.self)
            }
            try await scene.client.transaction { transaction in
                #expect(try await transaction.query(backend)[0].decode(Int.self) == first)
                let rows = try await transaction.query(
                    "SELECT current_setting('work_mem'), current_user::text, to_regclass('mine')::text")
                let (setting, role, table) = try rows[0].decode((String, String, String?).self)
                #expect(setting != "1234kB")
                #expect(role != "pg_monitor")
                #expect(table == nil)
            }
            let isFree = try await scene.client.query("SELECT pg_try_advisory_xact_lock(7)")[0].decode(Bool.self)
            #expect(isFree)
        }
    }
}
