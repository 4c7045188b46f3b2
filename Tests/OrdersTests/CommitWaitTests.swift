import Hosting
import Postgres
import ShopHarness
import ShopProtos
import TestSupport
import Testing

/// Which steps of an order wait for the disk: all but what its coordinator is told again if a crash of PostgreSQL loses it.
@Suite(.serialized) struct CommitWaitTests {
    /// Notes at each COMMIT, for the rows of a table that it has written, how they have changed and whether it waits.
    private static func watch(_ table: String, _ column: String, in database: PostgresClient) async throws {
        try await database.batch([
            "CREATE TABLE IF NOT EXISTS commits (change text NOT NULL, source text NOT NULL)",
            PostgresQuery(
                unsafeSQL: """
                    CREATE FUNCTION note_\(table)() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    INSERT INTO commits SELECT
                        CASE TG_OP WHEN 'INSERT' THEN 'new' ELSE OLD.\(column) END || '-' || NEW.\(column),
                        source || ' ' || setting
                    FROM pg_settings WHERE name = 'synchronous_commit';
                    RETURN NULL; END $$
                    """),
            PostgresQuery(
                unsafeSQL: """
                    CREATE CONSTRAINT TRIGGER note_commit AFTER INSERT OR UPDATE ON \(table)
                    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_\(table)()
                    """),
        ])
    }

    /// The changes since the last look that have waited, or that have not.
    private static func changes(waiting: Bool, in database: PostgresClient) async throws -> Set<String> {
        let rows = try await database.query(
            "DELETE FROM commits WHERE (source <> 'session off') = \(waiting) RETURNING change")
        return Set(try rows.decode(String.self))
    }

    @Test func onlyWhatIsToldAgainDoesNotWait() async throws {
        try await Shop.open { shop in
            try await Self.watch("sagas", "phase", in: shop.ordersDB)
            try await Self.watch("orders", "state", in: shop.ordersDB)
            for database in [shop.productsDB, shop.customersDB] {
                try await Self.watch("saga_branches", "state", in: database)
            }
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 100)

            let branches = [shop.productsDB, shop.customersDB]

            let first = try await shop.buy(7, product)
            #expect(first.state == "confirmed")
            try await shop.settle()
            let placed = try await Self.changes(waiting: true, in: shop.ordersDB)
            #expect(placed == ["new-pending", "new-trying", "trying-confirming", "pending-confirmed"])
            // A vote or a report that comes with another is in its transaction.
            let told = try await Self.changes(waiting: false, in: shop.ordersDB)
            #expect(told.isSubset(of: ["trying-trying", "confirming-confirming", "confirming-confirmed"]))
            #expect(told.contains("confirming-confirmed"))
            for database in branches {
                #expect(try await Self.changes(waiting: true, in: database) == ["new-tried", "tried-confirmed"])
            }

            #expect(try await shop.buy(8, product).state == "rejected")
            #expect(try await shop.callOff(7, first.id).state == "cancelled")
            try await shop.settle()
            let decided = try await Self.changes(waiting: true, in: shop.ordersDB)
            #expect(decided.isSuperset(of: ["trying-cancelling", "pending-rejected", "cancelling-cancelled"]))
            #expect(
                try await Self.changes(waiting: false, in: shop.ordersDB).isSubset(of: [
                    "trying-trying", "confirming-confirming", "confirming-confirmed", "cancelling-cancelling",
                    "cancelling-cancelled",
                ]))
            for database in branches { #expect(try await Self.changes(waiting: false, in: database) == []) }
        }
    }
}
