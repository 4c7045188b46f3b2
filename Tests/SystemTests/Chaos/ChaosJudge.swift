import Hosting
import Postgres
import TestSupport
import Testing

/// Holds what the databases say against what clients were told.
struct ChaosJudge: Sendable {
    let shop: Shop
    let history: ChaosHistory
    let buyers: [Int64]

    /// Judges a shop that has come to rest.
    func judge() async throws {
        try await shop.checkInvariants(patience: .seconds(400))
        for buyer in buyers {
            try await judgeOrders(of: buyer)
            try await judgeMoney(of: buyer)
        }
        try await judgeKeys()
        try await judgeCancellations()
        try await judgeNotifications()
    }

    private func judgeOrders(of buyer: Int64) async throws {
        let database = try #require(shop.databases[.orders])
        let rows = try await database.query("SELECT id FROM orders WHERE user_id = \(buyer)")
        let written = Set(try rows.decode((Int64).self))
        let mine = history.orders.values.filter { $0.buyer == buyer }
        let acknowledged = mine.compactMap { order -> Int64? in
            if case .acknowledged(let id) = order.outcome { id } else { nil }
        }
        if Set(acknowledged).count != acknowledged.count {
            history.violate("two requests of buyer \(buyer) were told the same order")
        }
        let lost = Set(acknowledged).subtracting(written)
        if !lost.isEmpty { history.violate("acknowledged orders of buyer \(buyer) are lost: \(lost.sorted())") }
        let unknown = mine.count { $0.outcome == .unknown }
        if written.count > acknowledged.count + unknown {
            history.violate(
                """
                buyer \(buyer) has \(written.count) orders, asked for \(acknowledged.count) that were acknowledged \
                and \(unknown) that may have been: one was done twice, or though it was promised that it was not
                """)
        }
    }

    private func judgeMoney(of buyer: Int64) async throws {
        let paidIn = try await shop.number(
            .customers,
            """
            SELECT coalesce(sum(e.amount), 0)::bigint FROM ledger_entries e
            JOIN ledger_transactions t ON t.id = e.transaction_id JOIN accounts a ON a.id = e.account_id
            WHERE t.kind = 'top_up' AND a.user_id = \(buyer)
            """)
        let mine = history.topUps.values.filter { $0.buyer == buyer }
        let sure = mine.filter { if case .acknowledged = $0.outcome { true } else { false } }.map(\.amount).reduce(0, +)
        let possible = mine.filter { $0.outcome == .unknown }.map(\.amount).reduce(sure, +)
        if !(sure...possible).contains(paidIn) {
            history.violate("buyer \(buyer) paid in \(sure) to \(possible), and the ledger says \(paidIn)")
        }
        let spent = try await shop.number(
            .orders,
            "SELECT coalesce(sum(total), 0)::bigint FROM orders WHERE user_id = \(buyer) AND state = 'confirmed'")
        let balance = try await shop.number(
            .customers,
            """
            SELECT coalesce(sum(balance), 0)::bigint FROM accounts WHERE user_id = \(buyer) AND kind = 'available'
            """)
        if balance != paidIn - spent {
            history.violate("buyer \(buyer) paid in \(paidIn), spent \(spent) and has \(balance)")
        }
    }

    /// What was promised not to be done was not done, each key by itself.
    private func judgeKeys() async throws {
        let booked = try await keys(.customers, "customers.top-up")
        for (key, topUp) in history.topUps where topUp.outcome == .notDone && booked.contains(key) {
            history.violate("\(key) was booked, and the answers were \(topUp.answers)")
        }
        let placed = try await keys(.orders, "orders.place")
        for (key, order) in history.orders where order.outcome == .notDone && placed.contains(key) {
            history.violate("\(key) was placed, and the answers were \(order.answers)")
        }
    }

    /// The keys of an operation under which something was done.
    private func keys(_ role: Role, _ operation: String) async throws -> Set<String> {
        let database = try #require(shop.databases[role])
        let rows = try await database.query(
            "SELECT key FROM idempotency_keys WHERE operation = \(operation) AND response IS NOT NULL")
        return Set(try rows.decode((String).self))
    }

    /// A cancellation that was taken on has ended, one way or the other.
    private func judgeCancellations() async throws {
        let ids = history.cancellations.sorted()
        let ended = try await shop.number(
            .orders,
            """
            SELECT count(*) FROM orders WHERE id = ANY(\(ids)::bigint[])
                AND (state IN ('cancelled', 'rejected') OR cancellation_code IS NOT NULL)
            """)
        if ended != Int64(ids.count) {
            history.violate("\(ids.count) cancellations were taken on, and \(ended) have ended")
        }
    }

    private func judgeNotifications() async throws {
        let gaps = try await shop.number(
            .customers,
            """
            SELECT count(*) FROM (
                SELECT user_id FROM notifications GROUP BY user_id
                HAVING min(sequence) <> 1 OR max(sequence) <> count(*)) AS gaps
            """)
        if gaps != 0 { history.violate("\(gaps) users miss a notification's number") }
        for (kind, condition) in [
            ("order_confirmed", "decided_at IS NOT NULL AND state <> 'rejected'"),
            ("order_rejected", "state = 'rejected'"),
            ("order_cancelled", "state = 'cancelled'"),
        ] {
            let told = try await shop.number(
                .customers, "SELECT count(*) FROM notifications WHERE kind = \(kind)")
            let once = try await shop.number(
                .customers, "SELECT count(DISTINCT order_id) FROM notifications WHERE kind = \(kind)")
            let orders = try await shop.number(
                .orders, .init(unsafeSQL: "SELECT count(*) FROM orders WHERE \(condition)"))
            // An order that was rejected may have been called off by its buyer, who is told that instead.
            if told != once || once > orders || (kind != "order_rejected" && once != orders) {
                history.violate("\(orders) orders are \(kind); \(told) notifications tell of \(once) of them")
            }
        }
    }
}
