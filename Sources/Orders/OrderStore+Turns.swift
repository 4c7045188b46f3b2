import Events
import FoundationEssentials
import Hosting
import Postgres
import Sagas
import ShopContracts

/// The statements that write orders: each update is guarded by the state that its turn starts from.
///
/// A saga's row is locked before its order's, everywhere.
extension OrderStore {
    /// Writes new orders, pending, without their lines.
    ///
    /// - Returns: The orders, in the order of what they were made of.
    func insert(
        _ new: [(quote: Quote, placement: Placement)], in transaction: PostgresTransaction
    ) async throws -> [Order] {
        let rows = try await transaction.query(
            """
            INSERT INTO orders (user_id, state, currency, total, saga_id, request_id)
            SELECT user_id, \(OrderState.pending.rawValue), currency, total, saga_id, request_id
            FROM unnest(
                \(new.map(\.placement.basket.buyerID))::bigint[], \(new.map(\.quote.currency))::text[],
                \(new.map(\.quote.total))::bigint[], \(new.map(\.placement.sagaID))::uuid[],
                \(new.map(\.placement.requestID))::text[]
            ) WITH ORDINALITY AS n (user_id, currency, total, saga_id, request_id, position)
            ORDER BY position
            RETURNING saga_id, id, created_at
            """)
        let written = Dictionary(
            uniqueKeysWithValues: try rows.decode((UUID, Int64, Date).self).map { ($0, (id: $1, createdAt: $2)) })
        return new.map { new in
            guard let row = written[new.placement.sagaID] else { preconditionFailure("an inserted order is returned") }
            return Order(
                id: row.id, userID: new.placement.basket.buyerID, state: .pending, currency: new.quote.currency,
                total: new.quote.total, sagaID: new.placement.sagaID, createdAt: row.createdAt, lines: new.quote.lines)
        }
    }

    /// The statement that writes the lines of new orders.
    static func insertion(ofLines orders: [Order]) -> PostgresQuery {
        let lines = orders.flatMap { order in order.lines.map { (orderID: order.id, line: $0) } }
        return """
            INSERT INTO order_lines (order_id, product_id, seller_id, name, quantity, unit_price)
            SELECT * FROM unnest(
                \(lines.map(\.orderID))::bigint[], \(lines.map(\.line.productID))::bigint[],
                \(lines.map(\.line.sellerID))::bigint[], \(lines.map(\.line.name))::text[],
                \(lines.map(\.line.quantity))::bigint[], \(lines.map(\.line.unitPrice))::bigint[])
            """
    }

    /// An order as a decision finds it.
    struct Decided: Sendable {
        let id: Int64
        let userID: Int64
        let currency: String
        let total: Int64
        let lines: [OrderEvent.Line]
    }

    /// Moves pending orders to what their placement sagas have decided.
    ///
    /// - Returns: The orders that moved, by their saga.
    func decide(
        _ outcomes: [SagaOutcome], in transaction: PostgresTransaction
    ) async throws -> [UUID: Decided] {
        let turns = outcomes.map { $0.decision == .confirm ? OrderTurn.placementConfirmed : .placementRefused }
        let results = try await transaction.batch([
            """
            UPDATE orders o
            SET state = d.target, reject_code = d.code, reject_message = d.message, decided_at = clock_timestamp()
            FROM unnest(
                \(outcomes.map(\.sagaID))::uuid[],
                \(turns.map(\.origin.rawValue))::text[], \(turns.map(\.target.rawValue))::text[],
                \(outcomes.map { $0.refusal?.code })::text[], \(outcomes.map { $0.refusal?.message })::text[]
            ) AS d (saga_id, origin, target, code, message)
            WHERE o.saga_id = d.saga_id AND o.state = d.origin
            RETURNING d.saga_id, o.id, o.user_id, o.currency, o.total
            """,
            """
            \(unescaped: Self.eventLines) WHERE o.saga_id = ANY(\(outcomes.map(\.sagaID))::uuid[])
            ORDER BY order_id, product_id
            """,
        ])
        return try Self.decided(results[0], results[1])
    }

    /// Moves a confirmed order to `cancelling`, under a saga that the caller starts in the same transaction.
    ///
    /// - Parameter expected: The version that it must have; nil for any.
    /// - Throws: ``ServiceError`` `precondition_failed` if it has another version, `order_not_cancellable` if it is in
    ///   another state.
    func beginCancellation(
        of id: Int64, saga: UUID, expected: Order.Version?, in transaction: PostgresTransaction
    ) async throws {
        let rows = try await transaction.query(
            "SELECT state, cancellation_saga_id FROM orders WHERE id = \(id) FOR UPDATE")
        guard let (found, cancellation) = try rows.decode((String, UUID?).self).first else {
            throw ServiceError.orderNotFound(id)
        }
        let state = try OrderState(stored: found)
        try expected?.require(Order.Version(state: state, cancellationSagaID: cancellation), of: id)
        let turn = OrderTurn.cancellationBegun
        let next = try OrderStateMachine.state(after: turn, in: state)
        try await transaction.query(
            """
            UPDATE orders
            SET state = \(next.rawValue), cancellation_saga_id = \(saga),
                cancellation_code = NULL, cancellation_message = NULL
            WHERE id = \(id) AND state = \(turn.origin.rawValue)
            """)
    }

    /// Moves orders that are being cancelled to what their cancellation sagas have decided.
    ///
    /// - Returns: The orders that moved, by their cancellation saga.
    func decideCancellations(
        _ outcomes: [SagaOutcome], in transaction: PostgresTransaction
    ) async throws -> [UUID: Decided] {
        let turns = outcomes.map { $0.decision == .confirm ? OrderTurn.cancellationConfirmed : .cancellationRefused }
        let results = try await transaction.batch([
            """
            UPDATE orders o
            SET state = d.target, cancellation_code = d.code, cancellation_message = d.message,
                cancelled_at = CASE WHEN d.target = \(OrderState.cancelled.rawValue) THEN clock_timestamp() END
            FROM unnest(
                \(outcomes.map(\.sagaID))::uuid[],
                \(turns.map(\.origin.rawValue))::text[], \(turns.map(\.target.rawValue))::text[],
                \(outcomes.map { $0.refusal?.code })::text[], \(outcomes.map { $0.refusal?.message })::text[]
            ) AS d (saga_id, origin, target, code, message)
            WHERE o.cancellation_saga_id = d.saga_id AND o.state = d.origin
            RETURNING d.saga_id, o.id, o.user_id, o.currency, o.total
            """,
            """
            \(unescaped: Self.eventLines) WHERE o.cancellation_saga_id = ANY(\(outcomes.map(\.sagaID))::uuid[])
            ORDER BY order_id, product_id
            """,
        ])
        return try Self.decided(results[0], results[1])
    }

    /// The lines of orders as domain events carry them.
    private static let eventLines = """
        SELECT order_id, product_id, seller_id, name, quantity, unit_price
        FROM order_lines JOIN orders o ON o.id = order_id
        """

    private static func decided(_ orders: PostgresRows, _ lines: PostgresRows) throws -> [UUID: Decided] {
        var linesOf: [Int64: [OrderEvent.Line]] = [:]
        for (order, product, seller, name, quantity, price) in try lines.decode(
            (Int64, Int64, Int64, String, Int64, Int64).self)
        {
            linesOf[order, default: []].append(
                OrderEvent.Line(
                    productID: product, sellerID: seller, name: name, quantity: quantity, unitPrice: price))
        }
        var decided: [UUID: Decided] = [:]
        for (saga, id, user, currency, total) in try orders.decode((UUID, Int64, Int64, String, Int64).self) {
            decided[saga] = Decided(
                id: id, userID: user, currency: currency, total: total, lines: linesOf[id] ?? [])
        }
        return decided
    }
}
