import FoundationEssentials
import Hosting
import Postgres
import ShopContracts

/// Those who are to be told of orders.
extension Invariant {
    /// The time after which an event is not on its way any more, in seconds: it is sent within seconds, and what fails
    /// is tried again for minutes.
    static let patienceWithEvents = 600.0

    /// A buyer is told of an order that is confirmed. An event that went out while a binding was missing tells nobody.
    static let notices = Invariant(name: "orders_told", roles: [.orders, .customers]) { databases in
        let orders = try await databases.query(
            .orders,
            """
            SELECT id, decided_at FROM orders
            WHERE state NOT IN ('pending', 'rejected') AND decided_at > now() - make_interval(secs => \(databases.window))
                AND decided_at < now() - make_interval(secs => \(patienceWithEvents))
            ORDER BY id DESC LIMIT \(Int64(limit))
            """
        ).decode((Int64, Date).self)
        let told = try await databases.query(
            .customers,
            """
            SELECT order_id FROM notifications
            WHERE kind = 'order_confirmed' AND order_id = ANY(\(orders.map(\.0))::bigint[])
                AND created_at > now() - make_interval(secs => \(databases.window + 3600))
            """
        ).decode((Int64).self)
        let known = Set(told)
        let untold = orders.filter { !known.contains($0.0) }
        guard let first = untold.map(\.1).min() else { return [] }
        return [
            DoctorFinding(
                .warning(
                    "order_untold", Role.customers.rawValue, "\(untold.count) buyers were not told of their orders",
                    next: replay(since: first)),
                evidence: untold.map { "order \($0.0), confirmed at \(Timestamp.text($0.1))" })
        ]
    }

    /// The command that has confirmed orders told again; whoever has heard of one takes no notice.
    static func replay(since date: Date) -> String {
        MessageSenders.replay(OrderEvent.confirmed, since: date).first ?? "shopctl queue check"
    }
}
