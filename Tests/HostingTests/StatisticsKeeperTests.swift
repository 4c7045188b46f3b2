import Postgres
import TestSupport
import Testing

@testable import Hosting

/// The planner knows tables that have grown since it last looked.
@Suite struct StatisticsKeeperTests {
    @Test("What has grown is analysed: at first, and when it is four times as large")
    func growth() async throws {
        try await withFixture { fixture in
            let database = PostgresClient(
                configuration: try PostgresConfiguration(url: try await fixture.database().url), logger: testLogger)
            fixture.atEnd { await database.close() }
            for table in ["grown", "small", "\"Odd; name\""] {
                try await database.query(
                    """
                    CREATE TABLE \(unescaped: table) (kind text, filler text) WITH (autovacuum_enabled = false)
                    """)
            }
            let keeper = StatisticsKeeper(database: database, logger: testLogger)
            #expect(try await keeper.refresh() == [])

            func grow(_ table: String, by rows: Int) async throws {
                try await database.query(
                    """
                    INSERT INTO \(unescaped: table) SELECT 'all', repeat('x', 100) FROM generate_series(1, \(rows))
                    """)
            }
            try await grow("grown", by: 2000)
            try await grow("small", by: 10)
            try await grow("\"Odd; name\"", by: 2000)
            #expect(try await keeper.refresh() == ["public.\"Odd; name\"", "public.grown"])
            let kinds = try await database.query(
                "SELECT n_distinct FROM pg_stats WHERE tablename = 'grown' AND attname = 'kind'")
            #expect(try kinds.first?.decode("n_distinct", as: Float.self) == 1)
            #expect(try await keeper.refresh() == [])

            try await grow("grown", by: 3000)
            #expect(try await keeper.refresh() == [], "it is not four times as large yet")
            try await grow("grown", by: 4000)
            #expect(try await keeper.refresh() == ["public.grown"])
            #expect(try await keeper.refresh() == [])
        }
    }

    @Test("Whoever works on a whole table goes first")
    func politeness() async throws {
        try await withFixture { fixture in
            let database = PostgresClient(
                configuration: try PostgresConfiguration(url: try await fixture.database().url), logger: testLogger)
            fixture.atEnd { await database.close() }
            for table in ["busy", "free"] {
                try await database.query(
                    "CREATE TABLE \(unescaped: table) (filler text) WITH (autovacuum_enabled = false)")
                try await database.query(
                    "INSERT INTO \(unescaped: table) SELECT repeat('x', 100) FROM generate_series(1, 2000)")
            }
            let keeper = StatisticsKeeper(database: database, logger: testLogger)
            try await database.transaction { transaction in
                try await transaction.query("LOCK TABLE busy IN SHARE UPDATE EXCLUSIVE MODE")
                let analysed = try await keeper.refresh()
                #expect(analysed == ["public.free"])
            }
            #expect(try await keeper.refresh() == ["public.busy"])
        }
    }
}
