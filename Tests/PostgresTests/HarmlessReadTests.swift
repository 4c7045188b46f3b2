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
    ]) func readsByItsText(sql: String) {
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

    /// A view whose column is what a function returns that writes.
    private func withWritingView(_ body: (Scene) async throws -> Void) async throws {
        try await withScene { scene in
            try await scene.client.batch([
                "CREATE TABLE t (n int4)",
                "CREATE FUNCTION f() RETURNS int4 LANGUAGE sql AS $$ INSERT INTO t VALUES (1) RETURNING n $$",
                "CREATE VIEW v AS SELECT f() AS n",
            ])
            try await body(scene)
        }
    }

    @Test func aViewOverAFunctionThatWritesHasAnUnknownOutcome() async throws {
        try await withWritingView { scene in
            let (client, proxy) = try scene.throughProxy()
            // A text that no client of this process has sent before.
            let query = PostgresQuery(unsafeSQL: "SELECT n FROM v /* \(UInt64.random(in: 0 ... .max)) */")
            let rows = { try await scene.client.query("SELECT FROM t").count }
            // The server has refused it, and the refusal is lost.
            proxy.cut(at: "FROM v", .afterTheServerAnswered)
            let first = await postgresError { try await client.query(query) }
            #expect(first?.kind == .connection && first?.isRetryable == true)
            #expect(try await rows() == 0)
            // It is sent again as what it is.
            #expect(try await client.query(query)[0].decode(Int.self) == 1)
            #expect(try await rows() == 1)
            let (another, second) = try scene.throughProxy()
            second.cut(at: "FROM v", .afterTheServerAnswered)
            let error = await postgresError { try await another.query(query) }
            #expect(error?.kind == .commitOutcomeUnknown && error?.isRetryable == false)
            #expect(try await rows() == 2)
            #expect(proxy.cuts == 1 && second.cuts == 1)
        }
    }

    @Test func whatIsDeclaredToReadAndWritesIsRefused() async throws {
        try await withWritingView { scene in
            for sql in ["SELECT n FROM v", "SELECT f()"] {
                let query = PostgresQuery(unsafeSQL: sql)
                let error = await postgresError { try await scene.client.query(query.readOnly()) }
                #expect(error?.kind == .server && error?.isRetryable == false)
                #expect(error?.sqlState == .readOnlyTransaction)
            }
            #expect(try await scene.client.query("SELECT FROM t").count == 0)
            // What holds for a read holds for nothing after it.
            try await scene.client.query("INSERT INTO t VALUES (1)")
            try await scene.client.withConnection { session in
                try await session.query("SELECT 1")
                try await session.query("INSERT INTO t VALUES (2)")
                try await session.query("BEGIN")
                try await session.query("SELECT 1")
                try await session.query("INSERT INTO t VALUES (3)")
                try await session.query("COMMIT")
            }
            #expect(try await scene.client.query("SELECT FROM t").count == 3)
        }
    }
}
