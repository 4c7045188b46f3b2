import Testing

@testable import Postgres

/// Texts of several statements, as migrations are.
@Suite struct ScriptTests {
    private let script = """
        -- Two tables.
        CREATE TABLE a (n int4);
        CREATE TABLE b (n int4);
        INSERT INTO a SELECT generate_series(1, 10);
        CREATE FUNCTION f() RETURNS int4 LANGUAGE sql AS $$ SELECT 1; SELECT 2 $$;
        """

    @Test func runsInTheTransactionAroundIt() async throws {
        try await withScene { scene in
            let error = await postgresError {
                try await scene.client.transaction { transaction in
                    try await transaction.execute(script: script)
                    let count = try await transaction.query("SELECT FROM a").count
                    #expect(count == 10)
                    try await transaction.query("SELECT 1 / 0")
                }
            }
            #expect(error?.sqlState?.rawValue == "22012")
            let gone = try await scene.client.query("SELECT to_regclass('a')::text")[0].decode(at: 0, as: String?.self)
            #expect(gone == nil)
            try await scene.client.transaction { transaction in
                try await transaction.query("SELECT 1")
                try await transaction.execute(script: script)
                try await transaction.query("INSERT INTO b VALUES (f())")
            }
            let value = try await scene.client.query("SELECT n FROM b")[0].decode(at: 0, as: Int.self)
            #expect(value == 2)
        }
    }

    @Test func anErrorTellsItsPlaceAndUndoesAll() async throws {
        try await withScene { scene in
            try await scene.client.withConnection { session in
                let error = await postgresError {
                    try await session.execute(script: script + "\nSELECT nonsense;")
                }
                #expect(error?.sqlState == .undefinedColumn)
                #expect(error?.position == script.count + 9)
                let gone = try await session.query("SELECT to_regclass('a')::text")[0].decode(at: 0, as: String?.self)
                #expect(gone == nil)
                try await session.execute(script: "")
                try await session.execute(script: "CREATE TABLE a (); CREATE INDEX ON a ((1));")
                try await session.execute(script: "CREATE INDEX CONCURRENTLY ON a ((2))")
            }
        }
    }

    @Test func aCopyIsRefused() async throws {
        try await withScene { scene in
            try await scene.client.query("CREATE TABLE a (n int4)")
            try await scene.client.withConnection { session in
                let error = await postgresError { try await session.execute(script: "COPY a FROM STDIN") }
                #expect(error?.message.contains("COPY FROM STDIN is not supported") == true)
                try await session.query("SELECT 1")
            }
        }
    }

    @Test func aScriptIsCancelled() async throws {
        try await withScene { scene in
            let task = Task {
                try await scene.client.transaction {
                    try await $0.execute(script: "CREATE TABLE a (); SELECT pg_sleep(600) /* script */")
                }
            }
            try await eventuallyRunning(scene, "script")
            task.cancel()
            #expect(await postgresError { try await task.value }?.kind == .cancelled)
            let gone = try await scene.client.query("SELECT to_regclass('a')::text")[0].decode(at: 0, as: String?.self)
            #expect(gone == nil)
        }
    }
}
