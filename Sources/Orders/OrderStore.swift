import FoundationEssentials
import Hosting
import Postgres
import Sagas
import ShopContracts

/// All SQL of the orders: what is read.
struct OrderStore: Sendable {
    /// The most orders a listing without pages gives.
    private static let listingLimit: Int64 = 1000
    /// As ``orders(_:lines:)`` reads them.
    private static let columns = """
        id, user_id, state, currency, total, saga_id, created_at, reject_code, reject_message, decided_at,
        cancellation_saga_id, cancellation_code, cancellation_message, cancelled_at
        """
    private static let lineColumns = "order_id, product_id, seller_id, name, quantity, unit_price"

    let database: PostgresClient

    func order(_ id: Int64) async throws -> Order? { try await order(id, in: database) }

    /// The order as a transaction sees it.
    func order(_ id: Int64, in executor: any PostgresExecutor) async throws -> Order? {
        let results = try await executor.batch([
            "SELECT \(unescaped: Self.columns) FROM orders WHERE id = \(id)",
            "SELECT \(unescaped: Self.lineColumns) FROM order_lines WHERE order_id = \(id) ORDER BY product_id",
        ])
        return try Self.orders(results[0], lines: results[1]).first
    }

    /// Orders as they stand, in the order of their ids; nil for one that is not there.
    func orders(_ ids: [Int64]) async throws -> [Order?] {
        let results = try await database.batch([
            "SELECT \(unescaped: Self.columns) FROM orders WHERE id = ANY(\(ids)::bigint[])",
            """
            SELECT \(unescaped: Self.lineColumns) FROM order_lines
            WHERE order_id = ANY(\(ids)::bigint[]) ORDER BY order_id, product_id
            """,
        ])
        let found = try Self.orders(results[0], lines: results[1])
        let byID = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
        return ids.map { byID[$0] }
    }

    /// A user's orders, the latest first.
    func orders(of userID: Int64) async throws -> [Order] {
        try await withLines(
            database.query(
                """
                SELECT \(unescaped: Self.columns) FROM orders
                WHERE user_id = \(userID) ORDER BY id DESC LIMIT \(Self.listingLimit)
                """))
    }

    /// A page of a user's orders, the latest first, and one more if there is one.
    ///
    /// - Parameter state: Nil for all.
    func orders(of userID: Int64, state: OrderState?, page: Page<Int64>) async throws -> [Order] {
        let before = page.after ?? .max
        if let state {
            return try await withLines(
                database.query(
                    """
                    SELECT \(unescaped: Self.columns) FROM orders
                    WHERE user_id = \(userID) AND state = \(state.rawValue) AND id < \(before)
                    ORDER BY id DESC LIMIT \(page.size + 1)
                    """))
        }
        return try await withLines(
            database.query(
                """
                SELECT \(unescaped: Self.columns) FROM orders
                WHERE user_id = \(userID) AND id < \(before) ORDER BY id DESC LIMIT \(page.size + 1)
                """))
    }

    private func withLines(_ orders: PostgresRows) async throws -> [Order] {
        let ids = try orders.map { try $0.decode("id", as: Int64.self) }
        guard !ids.isEmpty else { return [] }
        let lines = try await database.query(
            """
            SELECT \(unescaped: Self.lineColumns) FROM order_lines
            WHERE order_id = ANY(\(ids)::bigint[]) ORDER BY order_id, product_id
            """)
        return try Self.orders(orders, lines: lines)
    }

    private static func orders(_ orders: PostgresRows, lines: PostgresRows) throws -> [Order] {
        var linesByOrder: [Int64: [Quote.Line]] = [:]
        for (order, product, seller, name, quantity, price) in try lines.decode(
            (Int64, Int64, Int64, String, Int64, Int64).self)
        {
            linesByOrder[order, default: []].append(
                Quote.Line(productID: product, sellerID: seller, name: name, quantity: quantity, unitPrice: price))
        }
        return try orders.map { row in
            let id = try row.decode("id", as: Int64.self)
            func refusal(_ code: String, _ message: String) throws -> SagaRefusal? {
                guard let code = try row.decode(code, as: String?.self) else { return nil }
                return SagaRefusal(code: code, message: try row.decode(message, as: String?.self) ?? "")
            }
            return Order(
                id: id, userID: try row.decode("user_id", as: Int64.self),
                state: try OrderState(stored: try row.decode("state", as: String.self)),
                currency: try row.decode("currency", as: String.self), total: try row.decode("total", as: Int64.self),
                sagaID: try row.decode("saga_id", as: UUID.self),
                createdAt: try row.decode("created_at", as: Date.self),
                refusal: try refusal("reject_code", "reject_message"),
                decidedAt: try row.decode("decided_at", as: Date?.self),
                cancellationSagaID: try row.decode("cancellation_saga_id", as: UUID?.self),
                cancellationRefusal: try refusal("cancellation_code", "cancellation_message"),
                cancelledAt: try row.decode("cancelled_at", as: Date?.self), lines: linesByOrder[id] ?? [])
        }
    }
}
