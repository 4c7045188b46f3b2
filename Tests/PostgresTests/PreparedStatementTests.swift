import Testing

@testable import Postgres

@Suite struct PreparedStatementTests {
    private func prepared(_ executor: some PostgresExecutor) async throws -> Int {
        try await executor.query("SELECT count(*) FROM pg_prepared_statements")[0].decode(Int.self)
    }

    @Test func aTextIsPreparedOnceForEachSetOfTypes() async throws {
        try await withScene({ $0.sharedConnections = 1 }) { scene in
            for number in 0..<5 { try await scene.client.query("SELECT \(number) + 1") }
            let before = try await prepared(scene.client)
            for number in 0..<5 { try await scene.client.query("SELECT \(number) + 1") }
            #expect(try await prepared(scene.client) == before)
            try await scene.client.query("SELECT \(Int32(1)) + 1")
            #expect(try await prepared(scene.client) == before + 1)
        }
    }

    @Test func theOldestMakeRoomAndTheServerForgetsThem() async throws {
        try await withScene { scene in
            for number in 0..<600 { try await scene.client.query("SELECT \(unescaped: String(number))") }
            // 256 in the cache, and the last one it let go of.
            #expect(try await prepared(scene.client) <= 257)
            // More texts in one unit than the cache has room for.
            let rows = try await scene.client.batch(
                (0..<600).map { PostgresQuery(unsafeSQL: "SELECT \($0) AS again") })
            #expect(try rows.map { try $0[0].decode(Int.self) } == Array(0..<600))
            try await scene.client.query("SELECT 'one more'")
            #expect(try await prepared(scene.client) <= 257)
        }
    }

    @Test func aStalePlanIsPreparedAgain() async throws {
        try await withScene { scene in
            try await scene.client.query("CREATE TABLE t (a int4)")
            let select: PostgresQuery = "SELECT * FROM t"
            #expect(try await scene.client.query(select).columns.count == 1)
            try await scene.another().query("ALTER TABLE t ADD COLUMN b int4")
            #expect(try await scene.client.query(select).columns.count == 2)
            // In a transaction the whole body runs again.
            try await scene.client.transaction { try await $0.query(select) }
            try await scene.another().query("ALTER TABLE t ADD COLUMN c int4")
            let columns = try await scene.client.transaction { try await $0.query(select).columns.count }
            #expect(columns == 3)
        }
    }

    @Test func aStatementTheServerHasForgottenIsPreparedAgain() async throws {
        try await withScene { scene in
            try await scene.client.withConnection { session in
                #expect(try await session.query("SELECT 42")[0].decode(Int.self) == 42)
                try await session.query("DEALLOCATE ALL")
                #expect(try await session.query("SELECT 42")[0].decode(Int.self) == 42)
            }
        }
    }

    @Test func aTextThatFailsToBePreparedFailsForEachOfItsCallers() async throws {
        try await withScene { scene in
            let errors = await withTaskGroup(of: PostgresError?.self) { group in
                for _ in 0..<20 {
                    group.addTask { await postgresError { try await scene.client.query("SELECT * FROM missing") } }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(errors.allSatisfy { $0?.sqlState == .undefinedTable })
            try await scene.client.query("CREATE TABLE missing ()")
            try await scene.client.query("SELECT * FROM missing")
        }
    }
}
