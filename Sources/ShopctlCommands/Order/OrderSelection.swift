import FoundationEssentials
import Postgres
import Sagas
import ShopContracts

/// A part of the orders, in an order.
struct OrderSelection: Sendable {
    /// The column that they are sorted by; the id decides between equals.
    enum Key: String, Sendable {
        case id
        case total
    }

    /// Empty for all.
    var states: [OrderState] = []
    /// Nil for everyone's.
    var buyerID: Int64?
    /// Bounds of their placing: the first moment, and the first that is too late; nil for no bound.
    var since: Date?
    var until: Date?
    var key = Key.id
    var isAscending = false
    /// The order behind which the page begins; nil for the first page.
    var after: Place?

    /// An order's place in the list.
    struct Place: Sendable {
        let key: Int64
        let id: Int64

        /// The place that a cursor tells.
        init?(_ cursor: PageCursor) {
            guard let id = Int64(cursor.id) else { return nil }
            (self.key, self.id) = (cursor.key, id)
        }
    }

    /// An order as a list has it.
    struct Line: Sendable {
        let id: Int64
        let userID: Int64
        let state: String
        let currency: String
        /// Minor units.
        let total: Int64
        let productCount: Int64
        let sagaID: UUID
        /// The reason why it was rejected.
        let refusal: SagaRefusal?
        /// The reason why its last cancellation came to nothing.
        let cancellationRefusal: SagaRefusal?
        let createdAt: Date
        let decidedAt: Date?
        let cancelledAt: Date?
        /// The reason that was given when it was last called off; nil where nobody gave one.
        let calledOffBecause: String?
    }

    /// A page of the orders, and the number of items on all pages.
    func page(limit: Int, in database: PostgresClient) async throws -> (orders: [Line], total: Int64) {
        let comparison = isAscending ? ">" : "<"
        let order = isAscending ? "ASC" : "DESC"
        let names = states.map(\.rawValue)
        let calledOff = CallingOff.allCases.map(\.rawValue)
        let results = try await database.batch([
            """
            SELECT id, user_id, state, currency, total,
                (SELECT count(*) FROM order_lines l WHERE l.order_id = orders.id), saga_id,
                reject_code, coalesce(reject_message, ''), cancellation_code, coalesce(cancellation_message, ''),
                created_at, decided_at, cancelled_at,
                CASE WHEN cancellation_saga_id IS NOT NULL OR reject_code = ANY(\(calledOff)::text[]) THEN (
                    SELECT reason FROM audit_trail a
                    WHERE a.user_id = orders.user_id AND a.subject_id = orders.id AND a.action = 'order.cancel'
                        -- In the transaction that began its last cancellation; a buyer's own deed is in no trail.
                        AND (cancellation_saga_id IS NULL
                            OR a.at >= (SELECT started_at FROM sagas s WHERE s.id = cancellation_saga_id))
                    ORDER BY a.id DESC LIMIT 1
                ) END
            FROM orders
            WHERE (cardinality(\(names)::text[]) = 0 OR state = ANY(\(names)::text[]))
                AND (\(buyerID)::bigint IS NULL OR user_id = \(buyerID)::bigint)
                AND (\(since)::timestamptz IS NULL OR created_at >= \(since)::timestamptz)
                AND (\(until)::timestamptz IS NULL OR created_at < \(until)::timestamptz)
                AND (\(after?.id)::bigint IS NULL OR (\(unescaped: key.rawValue), id)
                    \(unescaped: comparison) (\(after?.key)::bigint, \(after?.id)::bigint))
            ORDER BY \(unescaped: key.rawValue) \(unescaped: order), id \(unescaped: order) LIMIT \(Int64(limit))
            """,
            """
            SELECT count(*) FROM orders
            WHERE (cardinality(\(names)::text[]) = 0 OR state = ANY(\(names)::text[]))
                AND (\(buyerID)::bigint IS NULL OR user_id = \(buyerID)::bigint)
                AND (\(since)::timestamptz IS NULL OR created_at >= \(since)::timestamptz)
                AND (\(until)::timestamptz IS NULL OR created_at < \(until)::timestamptz)
            """,
        ])
        let orders = try results[0].decode(
            (
                Int64, Int64, String, String, Int64, Int64, UUID, String?, String, String?, String, Date, Date?, Date?,
                String?
            ).self
        ).map { row in
            Line(
                id: row.0, userID: row.1, state: row.2, currency: row.3, total: row.4, productCount: row.5,
                sagaID: row.6, refusal: row.7.map { SagaRefusal(code: $0, message: row.8) },
                cancellationRefusal: row.9.map { SagaRefusal(code: $0, message: row.10) }, createdAt: row.11,
                decidedAt: row.12, cancelledAt: row.13, calledOffBecause: row.14)
        }
        return (orders, try results[1].decode((Int64).self).first ?? 0)
    }
}

extension OrderSelection.Line {
    /// The order as results show it.
    var output: OutputRecord {
        [
            "id": .integer(id),
            "user_id": .integer(userID),
            "state": .text(state),
            "price": .integer(total),
            "currency": .text(currency),
            "product_count": .integer(productCount),
            "reason": .optional(refusal?.code),
            "reason_detail": .optional(refusal?.message),
            "saga_id": .text(sagaID.uuidString.lowercased()),
            "created_at": Timestamp.value(createdAt),
            "decided_at": Timestamp.value(decidedAt),
            "cancelled_at": Timestamp.value(cancelledAt),
            "cancellation_reason": .optional(cancellationRefusal?.code),
            "cancellation_reason_detail": .optional(cancellationRefusal?.message),
            "called_off_because": .optional(calledOffBecause),
        ]
    }
}
