import Hosting
import Postgres
import RabbitMQ
import Synchronization
import TestSupport
import Testing

/// What must hold whatever happened, once nothing is under way any more.
extension Shop {
    /// Waits until the shop has come to rest, then checks money, stock and sagas across all databases.
    ///
    /// - Parameter patience: How long it may take to come to rest.
    func checkInvariants(
        patience: Duration = .seconds(90), sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await settle(patience: patience)
        func expect(
            _ role: Role, _ query: PostgresQuery, is wanted: Int64 = 0
        ) async throws {
            let found = try await number(role, query)
            #expect(found == wanted, "\(role.rawValue): \(query.sql)", sourceLocation: sourceLocation)
        }
        // Money: the ledger sums to zero, equals the balances, and nothing is held for nobody.
        try await expect(.customers, "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_entries")
        try await expect(
            .customers,
            """
            SELECT count(*) FROM accounts a WHERE a.balance <>
                (SELECT coalesce(sum(e.amount), 0) FROM ledger_entries e WHERE e.account_id = a.id)
            """)
        try await expect(.customers, "SELECT count(*) FROM accounts WHERE kind = 'held' AND balance <> 0")
        // Stock: nothing is set aside for nobody, and nothing was sold that is not there.
        try await expect(.products, "SELECT count(*) FROM products WHERE reserved <> 0 OR amount < 0")
        try await expect(.products, "SELECT count(*) FROM reservations WHERE state = 'reserved'")
        // Orders: each is decided, and paid for exactly if it is confirmed.
        try await expect(.orders, "SELECT count(*) FROM orders WHERE state = 'pending'")
        let confirmed = try await number(
            .orders, "SELECT count(*) FROM orders WHERE decided_at IS NOT NULL AND state <> 'rejected'")
        try await expect(
            .customers, "SELECT count(*) FROM ledger_transactions WHERE kind = 'capture'", is: confirmed)
        try await expect(
            .products, "SELECT count(DISTINCT saga_id) FROM reservations WHERE state = 'committed'", is: confirmed)
        // What was paid is what the orders cost; what is gone from the shelves is what they took.
        let takings = try await number(
            .orders,
            "SELECT coalesce(sum(total), 0)::bigint FROM orders WHERE decided_at IS NOT NULL AND state <> 'rejected'")
        try await expect(
            .customers,
            """
            SELECT -coalesce(sum(e.amount), 0)::bigint FROM ledger_entries e
            JOIN ledger_transactions t ON t.id = e.transaction_id JOIN accounts a ON a.id = e.account_id
            WHERE t.kind = 'capture' AND a.kind = 'held'
            """, is: takings)
        let units = try await number(
            .orders,
            """
            SELECT coalesce(sum(l.quantity), 0)::bigint FROM order_lines l JOIN orders o ON o.id = l.order_id
            WHERE o.decided_at IS NOT NULL AND o.state <> 'rejected'
            """)
        try await expect(
            .products,
            "SELECT coalesce(sum(quantity), 0)::bigint FROM reservations WHERE state = 'committed'", is: units)
        // What was cancelled has gone back to its buyers, and nothing else has.
        try await expect(.orders, "SELECT count(*) FROM orders WHERE state = 'cancelling'")
        let refunds = try await number(
            .orders, "SELECT coalesce(sum(total), 0)::bigint FROM orders WHERE state = 'cancelled'")
        try await expect(
            .customers,
            """
            SELECT coalesce(sum(e.amount), 0)::bigint FROM ledger_entries e
            JOIN ledger_transactions t ON t.id = e.transaction_id JOIN accounts a ON a.id = e.account_id
            WHERE t.kind = 'refund' AND a.kind = 'available'
            """, is: refunds)
        // Every participant agrees with its coordinator.
        for role in try await roles(having: "saga_branches") {
            try await expect(
                role, "SELECT count(*) FROM saga_branches WHERE state NOT IN ('confirmed', 'cancelled')")
        }
    }

    /// Waits until every saga is over and every outbox, inbox, retry queue and dead-letter queue is empty.
    func settle(patience: Duration = .seconds(90)) async throws {
        let senders = try await roles(having: "outbox")
        let coordinators = try await roles(having: "sagas")
        let queues = try await queueNames()
        let admin = RabbitMQAdmin(configuration: broker, logger: testLogger)
        let result: Result<Void, any Error>
        do {
            result = .success(
                try await eventually("the shop has settled", timeout: patience, interval: .milliseconds(100)) {
                    for role in senders {
                        guard try await number(role, "SELECT count(*) FROM outbox WHERE published_at IS NULL") == 0
                        else { return false }
                    }
                    for role in coordinators {
                        guard try await number(role, "SELECT count(*) FROM sagas WHERE finished_at IS NULL") == 0
                        else { return false }
                    }
                    for queue in queues {
                        guard try await admin.checkQueue(queue).messages == 0 else { return false }
                    }
                    return true
                })
        } catch {
            result = .failure(error)
        }
        await admin.close()
        try result.get()
    }

    /// The services' queues, as an operator's command told them the first time: its process takes as long as a sale.
    func queueNames() async throws -> [String] {
        let known = queues.withLock { $0 }
        if !known.isEmpty { return known }
        let listed = try await run("queue", "list", "-o", "json").expect(0).json["queues"].list
            .compactMap { $0["queue"].text }
        try #require(!listed.isEmpty)
        queues.withLock { $0 = listed }
        return listed
    }

    /// The first value of a query on a role's database.
    func number(_ role: Role, _ query: PostgresQuery) async throws -> Int64 {
        let database = try #require(databases[role])
        return try await database.query(query).decode((Int64).self)[0]
    }

    /// Polls an order until it is decided.
    func eventuallyDecided(_ order: Int64, token: String) async throws -> JSON {
        try await eventuallyValue("the outcome of order \(order)", timeout: .seconds(90)) {
            let reply = try await get("/api/order/\(order)", token: token)
            return reply.status == 200 && reply.json["state"] != "pending" ? reply.json : nil
        }
    }

    private func roles(having table: String) async throws -> [Role] {
        var found: [Role] = []
        for role in Role.allCases {
            let isThere = try await number(role, "SELECT count(to_regclass(\(table)::text)::text)") == 1
            if isThere { found.append(role) }
        }
        return found
    }
}
