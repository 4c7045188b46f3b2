import Events
public import Postgres
import RabbitMQ
import TestSupport
import Testing

extension Shop {
    /// Waits until nothing is under way any more, then checks everything that must always hold.
    public func checkInvariants() async throws {
        try await settle()
        #expect(try await number("SELECT count(*) FROM sagas WHERE finished_at IS NULL", ordersDB) == 0)
        #expect(try await number("SELECT count(*) FROM orders WHERE state = 'pending'", ordersDB) == 0)
        // The ledger sums to zero and equals the balances.
        #expect(try await number("SELECT coalesce(sum(amount), 0)::bigint FROM ledger_entries", customersDB) == 0)
        #expect(
            try await number(
                """
                SELECT count(*) FROM accounts a WHERE a.balance <>
                    (SELECT coalesce(sum(e.amount), 0) FROM ledger_entries e WHERE e.account_id = a.id)
                """, customersDB) == 0)
        #expect(
            try await number("SELECT count(*) FROM accounts WHERE kind = 'held' AND balance <> 0", customersDB) == 0)
        // Stock adds up: nothing is reserved, and what is gone was committed.
        #expect(try await number("SELECT count(*) FROM products WHERE reserved <> 0", productsDB) == 0)
        #expect(try await number("SELECT count(*) FROM reservations WHERE state = 'reserved'", productsDB) == 0)
        // Every participant agrees with the coordinator.
        for database in [productsDB, customersDB] {
            #expect(
                try await number(
                    "SELECT count(*) FROM saga_branches WHERE state NOT IN ('confirmed', 'cancelled')", database) == 0)
        }
        let confirmed = try await number("SELECT count(*) FROM orders WHERE state = 'confirmed'", ordersDB)
        #expect(
            try await number("SELECT count(*) FROM ledger_transactions WHERE kind = 'capture'", customersDB)
                == confirmed)
        #expect(
            try await number("SELECT count(*) FROM saga_branches WHERE state = 'confirmed'", productsDB) == confirmed)
    }

    /// Waits until outboxes and inboxes are empty and every saga is terminal.
    public func settle() async throws {
        let admin = RabbitMQAdmin(configuration: broker, logger: testLogger)
        do {
            try await eventually("the shop has settled", timeout: .seconds(60)) {
                for database in [productsDB, ordersDB, customersDB, reviewsDB] {
                    guard try await number("SELECT count(*) FROM outbox WHERE published_at IS NULL", database) == 0
                    else { return false }
                }
                for database in [ordersDB, productsDB] {
                    guard try await number("SELECT count(*) FROM sagas WHERE finished_at IS NULL", database) == 0
                    else { return false }
                }
                for service in Shop.topology.services {
                    guard try await admin.checkQueue(service.inbox).messages == 0 else { return false }
                }
                return true
            }
        } catch {
            await admin.close()
            throw error
        }
        await admin.close()
    }

    /// The one number that a query gives.
    public func number(_ query: PostgresQuery, _ database: PostgresClient) async throws -> Int64 {
        try await database.query(query).decode((Int64).self)[0]
    }
}
