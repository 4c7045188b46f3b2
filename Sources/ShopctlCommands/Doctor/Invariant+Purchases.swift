import FoundationEssentials
import Hosting
import Postgres

/// Those whose reviews count as of verified purchases.
extension Invariant {
    /// The time after which reviews has heard of an order where nothing is in the way, in seconds.
    private static let patienceWithPurchases = 60.0

    /// Each thing bought of somebody else in a confirmed order is a purchase at reviews, also after a cancellation.
    static let purchases = Invariant(name: "orders_purchased", roles: [.orders, .reviews]) { databases in
        let lines = try await databases.query(
            .orders,
            """
            SELECT o.id, o.user_id, l.product_id, o.decided_at FROM orders o JOIN order_lines l ON l.order_id = o.id
            WHERE o.state NOT IN ('pending', 'rejected') AND l.seller_id <> o.user_id
                AND o.decided_at > now() - make_interval(secs => \(databases.window))
                AND o.decided_at < now() - make_interval(secs => \(patienceWithPurchases))
            ORDER BY o.id DESC, l.product_id LIMIT \(Int64(limit))
            """
        ).decode((Int64, Int64, Int64, Date).self)
        let known = Set(
            try await databases.query(
                .reviews,
                """
                SELECT concat_ws(' ', order_id, product_id) FROM unnest(
                    \(lines.map(\.1))::bigint[], \(lines.map(\.2))::bigint[], \(lines.map(\.0))::bigint[]
                ) AS l (user_id, product_id, order_id) JOIN purchases USING (user_id, product_id, order_id)
                """
            ).decode((String).self))
        let unknown = lines.filter { !known.contains("\($0.0) \($0.2)") }
        guard let first = unknown.map(\.3).min() else { return [] }
        let orders = Set(unknown.map(\.0)).count
        return [
            DoctorFinding(
                .warning(
                    "purchase_missing", Role.reviews.rawValue,
                    "\(orders) confirmed \(orders == 1 ? "order has" : "orders have") no purchase at reviews",
                    next: replay(since: first)),
                evidence: unknown.map {
                    "order \($0.0), confirmed at \(Timestamp.text($0.3)): product \($0.2) of user \($0.1)"
                })
        ]
    }
}
