import Events
import FoundationEssentials
import Postgres
import Sagas

/// All SQL of the orders.
struct OrderStore: Sendable {
    /// The most orders a listing gives.
    private static let listingLimit: Int64 = 1000

    let database: PostgresClient

    func order(_ id: Int64) async throws -> Order? {
        let results = try await database.batch([
            """
            SELECT id, user_id, state, currency, total, saga_id, reject_code, reject_message, created_at, decided_at
            FROM orders WHERE id = \(id)
            """,
            """
            SELECT order_id, product_id, seller_id, name, quantity, unit_price
            FROM order_lines WHERE order_id = \(id) ORDER BY product_id
            """,
        ])
        return try Self.orders(results[0], lines: results[1]).first
    }

    /// A user's orders, the latest first.
    func orders(of userID: Int64) async throws -> [Order] {
        let results = try await database.batch([
            """
            SELECT id, user_id, state, currency, total, saga_id, reject_code, reject_message, created_at, decided_at
            FROM orders WHERE user_id = \(userID) ORDER BY id DESC LIMIT \(Self.listingLimit)
            """,
            """
            SELECT order_id, product_id, seller_id, name, quantity, unit_price
            FROM order_lines
            WHERE order_id IN (SELECT id FROM orders WHERE user_id = \(userID) ORDER BY id DESC LIMIT \(Self.listingLimit))
            ORDER BY order_id, product_id
            """,
        ])
        return try Self.orders(results[0], lines: results[1])
    }

    /// Writes a new order, pending.
    func insert(
        _ quote: Quote, buyerID: Int64, sagaID: UUID, in transaction: PostgresTransaction
    ) async throws -> Order {
        let rows = try await transaction.query(
            """
            INSERT INTO orders (user_id, state, currency, total, saga_id)
            VALUES (\(buyerID), 'pending', \(quote.currency), \(quote.total), \(sagaID))
            RETURNING id, created_at
            """)
        let (id, createdAt) = try rows.decode((Int64, Date).self)[0]
        let lines = quote.lines
        try await transaction.query(
            """
            INSERT INTO order_lines (order_id, product_id, seller_id, name, quantity, unit_price)
            SELECT \(id), * FROM unnest(
                \(lines.map(\.productID))::bigint[], \(lines.map(\.sellerID))::bigint[], \(lines.map(\.name))::text[],
                \(lines.map(\.quantity))::bigint[], \(lines.map(\.unitPrice))::bigint[])
            """)
        return Order(
            id: id, userID: buyerID, state: .pending, currency: quote.currency, total: quote.total, sagaID: sagaID,
            refusal: nil, createdAt: createdAt, decidedAt: nil, lines: lines)
    }

    /// An order as its decision finds it.
    struct Decided: Sendable {
        let id: Int64
        let userID: Int64
        let currency: String
        let total: Int64
        var lines: [OrderEvent.Line] = []
    }

    /// Moves pending orders to what their sagas have decided.
    ///
    /// - Returns: The orders that moved, by their saga.
    func decide(
        _ outcomes: [SagaOutcome], in transaction: PostgresTransaction
    ) async throws -> [UUID: Decided] {
        let rows = try await transaction.query(
            """
            UPDATE orders o
            SET state = d.state, reject_code = d.code, reject_message = d.message, decided_at = clock_timestamp()
            FROM unnest(
                \(outcomes.map(\.sagaID))::uuid[],
                \(outcomes.map { $0.decision == .confirm ? OrderState.confirmed.rawValue : OrderState.rejected.rawValue })::text[],
                \(outcomes.map { $0.refusal?.code })::text[], \(outcomes.map { $0.refusal?.message })::text[]
            ) AS d (saga_id, state, code, message)
            WHERE o.saga_id = d.saga_id AND o.state = 'pending'
            RETURNING o.saga_id, o.id, o.user_id, o.currency, o.total
            """)
        let decided = Dictionary(
            uniqueKeysWithValues: try rows.decode((UUID, Int64, Int64, String, Int64).self).map {
                ($0, Decided(id: $1, userID: $2, currency: $3, total: $4))
            })
        let lines = try await eventLines(of: decided.values.map(\.id), in: transaction)
        return decided.mapValues { order in
            var order = order
            order.lines = lines[order.id] ?? []
            return order
        }
    }

    /// The lines of orders as domain events carry them, by order.
    private func eventLines(
        of orders: [Int64], in transaction: PostgresTransaction
    ) async throws -> [Int64: [OrderEvent.Line]] {
        guard !orders.isEmpty else { return [:] }
        let rows = try await transaction.query(
            """
            SELECT order_id, product_id, seller_id, name, quantity, unit_price
            FROM order_lines WHERE order_id = ANY(\(orders)::bigint[]) ORDER BY order_id, product_id
            """)
        var lines: [Int64: [OrderEvent.Line]] = [:]
        for (order, product, seller, name, quantity, price) in try rows.decode(
            (Int64, Int64, Int64, String, Int64, Int64).self)
        {
            lines[order, default: []].append(
                OrderEvent.Line(
                    productID: product, sellerID: seller, name: name, quantity: quantity, unitPrice: price))
        }
        return lines
    }

    private static func orders(_ orders: PostgresRows, lines: PostgresRows) throws -> [Order] {
        var linesByOrder: [Int64: [Quote.Line]] = [:]
        for (order, product, seller, name, quantity, price) in try lines.decode(
            (Int64, Int64, Int64, String, Int64, Int64).self)
        {
            linesByOrder[order, default: []].append(
                Quote.Line(productID: product, sellerID: seller, name: name, quantity: quantity, unitPrice: price))
        }
        return try orders.decode(
            (Int64, Int64, String, String, Int64, UUID, String?, String?, Date, Date?).self
        ).map { id, userID, state, currency, total, sagaID, code, message, createdAt, decidedAt in
            Order(
                id: id, userID: userID, state: OrderState(rawValue: state) ?? .pending, currency: currency,
                total: total, sagaID: sagaID,
                refusal: code.map { SagaRefusal(code: $0, message: message ?? "") }, createdAt: createdAt,
                decidedAt: decidedAt, lines: linesByOrder[id] ?? [])
        }
    }
}
