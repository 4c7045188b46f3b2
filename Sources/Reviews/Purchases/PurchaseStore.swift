import Events
import Postgres
import ShopContracts

/// All SQL of the purchases: who has bought what. Everything is only ever added, so that the order in which orders
/// are heard of does not matter.
struct PurchaseStore: Sendable {
    /// Remembers what was bought in confirmed orders, of others: who buys their own product has verified nothing.
    func add(_ orders: [OrderEvent], in transaction: PostgresTransaction) async throws {
        let purchases = orders.flatMap { order in
            order.lines.filter { $0.sellerID != order.userID }.map { (order, $0.productID) }
        }
        guard !purchases.isEmpty else { return }
        try transaction.enqueue(
            """
            INSERT INTO purchases (user_id, product_id, order_id)
            SELECT DISTINCT user_id, product_id, order_id
            FROM unnest(
                \(purchases.map(\.0.userID))::bigint[], \(purchases.map(\.1))::bigint[],
                \(purchases.map(\.0.orderID))::bigint[]
            ) AS p (user_id, product_id, order_id)
            ORDER BY user_id, product_id, order_id
            ON CONFLICT DO NOTHING
            """)
    }

    /// Takes back what was bought in cancelled orders, also in one whose confirmation has not been heard of yet.
    func cancel(_ orders: [OrderEvent], in transaction: PostgresTransaction) async throws {
        guard !orders.isEmpty else { return }
        try transaction.enqueue(
            """
            INSERT INTO cancelled_orders (order_id)
            SELECT DISTINCT order_id FROM unnest(\(orders.map(\.orderID))::bigint[]) AS o (order_id) ORDER BY order_id
            ON CONFLICT DO NOTHING
            """)
    }
}
