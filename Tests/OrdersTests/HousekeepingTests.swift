import Postgres
import ShopHarness
import TestSupport
import Testing

@testable import Events
@testable import Hosting

/// What is old goes, however much of it there is.
@Suite struct HousekeepingTests {
    @Test func aChoreIsRepeatedUntilNothingIsLeft() async throws {
        try await withFixture { fixture in
            let database = PostgresClient(
                configuration: try PostgresConfiguration(url: try await fixture.database().url), logger: testLogger)
            fixture.atEnd { await database.close() }
            try await database.query("CREATE TABLE old AS SELECT n FROM generate_series(1, 12) n")
            let keeper = Housekeeper(
                database: database,
                chores: ["DELETE FROM nowhere", "DELETE FROM old WHERE n IN (SELECT n FROM old LIMIT 5)"],
                logger: testLogger)
            // A chore that fails is no reason to leave the others.
            await keeper.tidyUp()
            #expect(try await database.query("SELECT FROM old").isEmpty)
        }
    }

    @Test func theOutboxTellsWhetherMoreIsToGo() async throws {
        try await Shop.open { shop in
            try await shop.settle()
            try await shop.ordersDB.query(
                """
                INSERT INTO outbox (message_id, type, mandatory, body, published_at)
                SELECT gen_random_uuid(), 'old', true, '{}', now() - make_interval(hours => h)
                FROM generate_series(1, 5001), unnest(ARRAY[25, 23]) h
                """)
            #expect(try await Outbox.prune(keeping: 24, in: shop.ordersDB))
            #expect(try await !Outbox.prune(keeping: 24, in: shop.ordersDB))
            #expect(try await shop.number("SELECT count(*) FROM outbox WHERE type = 'old'", shop.ordersDB) == 5001)
        }
    }
}
