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
        #expect(try await number("SELECT count(*) FROM orders WHERE state IN ('pending', 'cancelling')", ordersDB) == 0)
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
        try await checkSagas()
        try await checkOrders()
    }

    /// What each order has become is what has happened to goods and money.
    private func checkOrders() async throws {
        let cancelled = try await number("SELECT count(*) FROM orders WHERE state = 'cancelled'", ordersDB)
        // A cancelled order was paid and delivered before.
        let settled = try await number("SELECT count(*) FROM orders WHERE state = 'confirmed'", ordersDB) + cancelled
        let rows = try await customersDB.query("SELECT kind, count(*) FROM ledger_transactions GROUP BY kind")
        let postings = Dictionary(uniqueKeysWithValues: try rows.decode((String, Int64).self))
        #expect(postings["capture", default: 0] == settled)
        #expect(postings["hold", default: 0] == settled + postings["release", default: 0])
        #expect(postings["refund", default: 0] == cancelled)
        #expect(postings["refund_hold", default: 0] == cancelled + postings["refund_release", default: 0])
        #expect(
            try await number(
                "SELECT count(DISTINCT saga_id) FROM reservations WHERE state = 'committed'", productsDB) == settled)
        for (saga, orders) in [("order-placement", settled), ("order-cancellation", cancelled)] {
            #expect(
                try await number(
                    "SELECT count(*) FROM saga_branches WHERE saga_name = \(saga) AND state = 'confirmed'", productsDB)
                    == orders, "\(saga)")
        }
        // Each order stands as its sagas have decided, the latest cancellation deciding of several.
        #expect(
            try await number(
                """
                SELECT count(*) FROM orders o
                JOIN sagas p ON p.id = o.saga_id LEFT JOIN sagas c ON c.id = o.cancellation_saga_id
                WHERE o.state <> CASE
                    WHEN p.phase = 'cancelled' THEN 'rejected'
                    WHEN c.phase = 'confirmed' THEN 'cancelled'
                    ELSE 'confirmed' END
                """, ordersDB) == 0)
    }

    /// Every participant of every saga has carried out what its coordinator has decided, and nobody did more.
    private func checkSagas() async throws {
        // A queue that is empty may have been emptied into a handler's hands.
        try? await eventually("what was decided is carried out") {
            let (decided, carriedOut) = try await sagaParts()
            return decided == carriedOut
        }
        let (decided, carriedOut) = try await sagaParts()
        for database in [ordersDB, productsDB] {
            let rows = try await database.query(
                """
                SELECT p.participant || ': ' || s.name || ' ' || s.id
                FROM sagas s JOIN saga_participants p ON p.saga_id = s.id WHERE p.done_at IS NULL
                """)
            #expect(try rows.decode((String).self).isEmpty, "they have not said that they are done")
            let votesAfterTheirDecision = try await number(
                """
                SELECT count(*) FROM sagas s JOIN saga_participants p ON p.saga_id = s.id
                WHERE s.phase = 'confirmed' AND p.voted_at > s.decided_at
                """, database)
            #expect(votesAfterTheirDecision == 0)
        }
        #expect(carriedOut.subtracting(decided).isEmpty)
        #expect(decided.subtracting(carriedOut).isEmpty)
    }

    /// What each participant was told, and what it has done.
    private func sagaParts() async throws -> (decided: Set<String>, carriedOut: Set<String>) {
        var decided: Set<String> = []
        for database in [ordersDB, productsDB] {
            let rows = try await database.query(
                """
                SELECT p.participant, p.saga_id::text, s.name, s.phase
                FROM sagas s JOIN saga_participants p ON p.saga_id = s.id
                """)
            for (participant, id, name, phase) in try rows.decode((String, String, String, String).self) {
                decided.insert("\(participant): \(name) \(id) \(phase)")
            }
        }
        var carriedOut: Set<String> = []
        for (service, database) in [("products", productsDB), ("customers", customersDB), ("reviews", reviewsDB)] {
            let rows = try await database.query(
                "SELECT participant, saga_id::text, saga_name, state FROM saga_branches")
            for (participant, id, name, state) in try rows.decode((String, String, String, String).self) {
                #expect(participant == service)
                carriedOut.insert("\(participant): \(name) \(id) \(state)")
            }
        }
        return (decided, carriedOut)
    }

    /// Waits until outboxes and inboxes are empty and every saga is terminal.
    ///
    /// An event that a consumer has taken and is still handling is not seen: AMQP does not tell of it.
    public func settle() async throws {
        let admin = RabbitMQAdmin(configuration: broker, logger: testLogger)
        do {
            try await eventually("the shop has settled") {
                for database in [productsDB, ordersDB, customersDB, reviewsDB] {
                    guard try await number("SELECT count(*) FROM outbox WHERE published_at IS NULL", database) == 0
                    else { return false }
                }
                for database in [ordersDB, productsDB] {
                    guard try await number("SELECT count(*) FROM sagas WHERE finished_at IS NULL", database) == 0
                    else { return false }
                }
                for service in Shop.topology.services {
                    guard try await admin.checkQueue(service.inbox).messages == 0
                    else { return false }
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
