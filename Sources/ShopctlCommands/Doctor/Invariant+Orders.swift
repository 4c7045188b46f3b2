import Hosting
import Postgres

/// Orders against the money and the goods that they have moved.
extension Invariant {
    /// The orders whose saga is over; one that is forgotten is over too. Amounts by saga.
    private static func settled(
        _ databases: DoctorDatabases, cancelled: Bool
    ) async throws -> [(saga: String, order: Int64, total: Int64)] {
        let rows = try await databases.query(
            .orders,
            cancelled
                ? """
                SELECT o.cancellation_saga_id::text, o.id, o.total FROM orders o
                LEFT JOIN sagas s ON s.id = o.cancellation_saga_id
                WHERE o.state = 'cancelled' AND (s.id IS NULL OR s.finished_at IS NOT NULL)
                    AND o.cancelled_at > now() - make_interval(secs => \(databases.window))
                ORDER BY o.id DESC LIMIT \(Int64(limit))
                """
                : """
                SELECT o.saga_id::text, o.id, o.total FROM orders o LEFT JOIN sagas s ON s.id = o.saga_id
                WHERE o.state NOT IN ('pending', 'rejected') AND (s.id IS NULL OR s.finished_at IS NOT NULL)
                    AND o.decided_at > now() - make_interval(secs => \(databases.window))
                ORDER BY o.id DESC LIMIT \(Int64(limit))
                """)
        return try rows.decode((String, Int64, Int64).self).map { (saga: $0.0, order: $0.1, total: $0.2) }
    }

    /// The amounts that a kind of ledger transaction has moved, by saga.
    private static func moved(
        _ databases: DoctorDatabases, kind: String, account: String, _ sagas: [String]
    ) async throws -> [String: Int64] {
        let rows = try await databases.query(
            .customers,
            """
            SELECT t.saga_id::text, abs(sum(e.amount))::bigint FROM ledger_transactions t
            JOIN ledger_entries e ON e.transaction_id = t.id JOIN accounts a ON a.id = e.account_id
            WHERE t.kind = \(kind) AND a.kind = \(account) AND t.saga_id = ANY(\(sagas)::text[]::uuid[])
            GROUP BY t.saga_id
            """)
        return Dictionary(try rows.decode((String, Int64).self), uniquingKeysWith: { first, _ in first })
    }

    /// An order that is confirmed is paid, exactly.
    static let payments = Invariant(name: "orders_paid", roles: [.orders, .customers]) { databases in
        let orders = try await settled(databases, cancelled: false)
        let paid = try await moved(databases, kind: "capture", account: "held", orders.map(\.saga))
        let wrong = orders.filter { paid[$0.saga] != $0.total }
        return DoctorFinding.shown(
            "order_unpaid", .customers,
            wrong.map { "order \($0.order): its total is \($0.total), \(paid[$0.saga] ?? 0) was paid" },
            next: "shopctl order story \(wrong.first?.order ?? 0)"
        ) { "\($0) confirmed \($0 == 1 ? "order was" : "orders were") not paid for as they should be" }
    }

    /// Money is captured for an order that is confirmed, and no other: the decision comes first.
    static let payers = Invariant(name: "payments_ordered", roles: [.orders, .customers]) { databases in
        let captures = try await databases.query(
            .customers,
            """
            SELECT saga_id::text, coalesce(order_id, 0) FROM ledger_transactions
            WHERE kind = 'capture' AND created_at > now() - make_interval(secs => \(databases.window))
            ORDER BY id DESC LIMIT \(Int64(limit))
            """
        ).decode((String, Int64).self)
        let orders = try await databases.query(
            .orders,
            """
            SELECT saga_id::text FROM orders
            WHERE state NOT IN ('pending', 'rejected') AND saga_id = ANY(\(captures.map(\.0))::text[]::uuid[])
            """
        ).decode((String).self)
        let known = Set(orders)
        let wrong = captures.filter { !known.contains($0.0) }
        return DoctorFinding.shown(
            "payment_without_order", .customers,
            wrong.map { "order \($0.1) was paid for, and is not confirmed (saga \($0.0))" },
            next: "shopctl order story \(wrong.first?.1 ?? 0)"
        ) { "\($0) \($0 == 1 ? "payment belongs" : "payments belong") to no confirmed order" }
    }

    /// An order that is cancelled is refunded, exactly.
    static let refunds = Invariant(name: "orders_refunded", roles: [.orders, .customers]) { databases in
        let orders = try await settled(databases, cancelled: true)
        let paid = try await moved(databases, kind: "refund", account: "available", orders.map(\.saga))
        let wrong = orders.filter { paid[$0.saga] != $0.total }
        return DoctorFinding.shown(
            "order_unrefunded", .customers,
            wrong.map { "order \($0.order): its total is \($0.total), \(paid[$0.saga] ?? 0) was refunded" },
            next: "shopctl order story \(wrong.first?.order ?? 0)"
        ) { "\($0) cancelled \($0 == 1 ? "order was" : "orders were") not refunded as they should be" }
    }

    /// The stock that a confirmed order has taken from the shelves is what was ordered.
    static let deliveries = Invariant(name: "orders_delivered", roles: [.orders, .products]) { databases in
        let orders = try await settled(databases, cancelled: false)
        let ordered = Dictionary(
            try await databases.query(
                .orders,
                """
                SELECT order_id, sum(quantity)::bigint FROM order_lines
                WHERE order_id = ANY(\(orders.map(\.order))::bigint[]) GROUP BY order_id
                """
            ).decode((Int64, Int64).self), uniquingKeysWith: { first, _ in first })
        let taken = Dictionary(
            try await databases.query(
                .products,
                """
                SELECT saga_id::text, sum(quantity)::bigint FROM reservations
                WHERE state = 'committed' AND saga_id = ANY(\(orders.map(\.saga))::text[]::uuid[]) GROUP BY saga_id
                """
            ).decode((String, Int64).self), uniquingKeysWith: { first, _ in first })
        let wrong = orders.filter { taken[$0.saga, default: 0] != ordered[$0.order, default: 0] }
        return DoctorFinding.shown(
            "order_stock", .products,
            wrong.map { "order \($0.order): \(ordered[$0.order] ?? 0) units, \(taken[$0.saga] ?? 0) were taken" },
            next: "shopctl order story \(wrong.first?.order ?? 0)"
        ) {
            "\($0) confirmed \($0 == 1 ? "order has" : "orders have") taken other numbers from stock than were ordered"
        }
    }
}
