import TestSupport
import Testing

@testable import Postgres

/// Only what surely changes nothing may be tried again when its answer is lost.
@Suite struct HarmlessReadTests {
    @Test(arguments: [
        "SELECT f()", "SELECT shop.f(1)", "SELECT * FROM f()", "VALUES (f())", "SELECT nextval('s')", "select \"f\"()",
        "SELECT 1 INTO t", "WITH x AS (DELETE FROM t RETURNING 1) SELECT * FROM x", "SELECT pg_notify('a', 'b')",
        "INSERT INTO t VALUES (1)", "CALL p()", "SELECT count(*) FILTER (WHERE f(n)) FROM t", "SELECT f/* */(1)",
        "SELECT f\n(1)", "SELECT 1 FROM t FOR UPDATE", "SELECT pg_terminate_backend(1)", "",
    ]) func isTakenForAWrite(sql: String) {
        #expect(StatementRules.effect(of: [PostgresQuery(unsafeSQL: sql)]) == .autocommit)
    }

    @Test(arguments: [
        "SELECT 1", "SELECT coalesce(max(n), 0) FROM t WHERE a IN ($1, $2)", "TABLE t", "SHOW work_mem",
        "SELECT * FROM unnest($1::int8[], $2::text[]) AS m (id, name)", "SELECT 'f()', \"f()\" FROM t -- f()",
        "WITH x AS (SELECT count(*) AS n FROM t) SELECT n FROM x", "SELECT pg_catalog.now()",
        "SELECT $$f()$$, $a$ $$f()$$ $a$, E'\\'f()', /* f() /* g() */ h() */ 1::numeric(10, 2)",
        "(SELECT row_number() OVER (PARTITION BY a ORDER BY b) FROM t)",
    ]) func isProvenHarmless(sql: String) {
        #expect(StatementRules.effect(of: [PostgresQuery(unsafeSQL: sql)]) == .read)
    }

    @Test func oneWriteMakesABatchAWrite() {
        #expect(StatementRules.effect(of: ["SELECT 1", "SELECT f()"]) == .autocommit)
        #expect(StatementRules.effect(of: ["SELECT 1", PostgresQuery(unsafeSQL: "SELECT f()").readOnly()]) == .read)
    }

    @Test func aFunctionThatWritesHasAnUnknownOutcome() async throws {
        try await withScene { scene in
            try await scene.client.batch([
                "CREATE TABLE t (n int4)",
                "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ INSERT INTO t VALUES (1) $$",
            ])
            let (client, proxy) = try scene.throughProxy()
            try await client.query("SELECT 1")
            proxy.cut(at: "f()", .afterTheServerAnswered)
            let error = await postgresError { try await client.query("SELECT f()") }
            #expect(error?.kind == .commitOutcomeUnknown)
            #expect(error?.isRetryable == false)
            #expect(try await scene.client.query("SELECT FROM t").count == 1)
            proxy.cut(at: "f()", .beforeTheServerGetsIt)
            let query: PostgresQuery = "SELECT f()"
            let declared = await postgresError { try await client.query(query.readOnly()) }
            #expect(declared?.isRetryable == true)
            #expect(proxy.cuts == 2)
        }
    }
}
