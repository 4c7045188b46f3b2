import FoundationEssentials
import Postgres
import Sagas
import ShopContracts
import ShopProtos
import SwiftProtobuf
import Telemetry

/// An order as its database has it: readable while no server runs.
struct OrderRecord: Sendable {
    struct Line: Sendable {
        let productID: Int64
        let sellerID: Int64
        let name: String
        let quantity: Int64
        let unitPrice: Int64
    }

    /// A deed of somebody else's, or of an operator's in the buyer's name.
    struct Deed: Sendable {
        let at: Date
        let actorID: Int64
        let actorRole: String
        let action: String
        let reason: String?
        let requestID: String?
    }

    let id: Int64
    let userID: Int64
    let state: String
    let currency: String
    let total: Int64
    let sagaID: UUID
    let refusalCode: String?
    let refusalMessage: String?
    let createdAt: Date
    let decidedAt: Date?
    let cancelledAt: Date?
    let cancellationSagaID: UUID?
    let cancellationCode: String?
    let cancellationMessage: String?
    let lines: [Line]
    /// Its sagas in the order of their start, as far as they are still kept.
    let sagaIDs: [UUID]
    /// Its sagas that are not kept and cannot have been forgotten: they are kept for seven days at least.
    let lostSagaIDs: [UUID]
    /// The trace of the request that placed it; nil once its saga is forgotten.
    let traceID: String?
    /// The request that placed it, as its client was told; nil for an order of before that was kept.
    let requestID: String?
    let deeds: [Deed]

    /// Its sagas, and those that the order itself names also when they are forgotten.
    var knownSagaIDs: [UUID] {
        sagaIDs + [sagaID, cancellationSagaID].compactMap { $0 }.filter { !sagaIDs.contains($0) }
    }

    /// Whether it was confirmed, whatever has become of it since; notices are kept for 90 days.
    var isConfirmed: Bool {
        let isKept = createdAt.timeIntervalSinceNow > -80 * 86_400
        return isKept && ![OrderState.pending, .rejected].map(\.rawValue).contains(state)
    }

    /// Reads an order; nil if there is none.
    static func read(_ id: Int64, in database: PostgresClient) async throws -> OrderRecord? {
        let names = SagaSubject.Kind.order.sagaNames
        let results = try await database.batch([
            """
            SELECT user_id, state, currency, total, saga_id, reject_code, reject_message, created_at, decided_at,
                cancelled_at, request_id, cancellation_saga_id, cancellation_code, cancellation_message
            FROM orders WHERE id = \(id)
            """,
            """
            SELECT product_id, seller_id, name, quantity, unit_price FROM order_lines
            WHERE order_id = \(id) ORDER BY product_id
            """,
            """
            SELECT id, traceparent FROM sagas WHERE name = ANY(\(names)::text[]) AND subject_id = \(id)
            ORDER BY started_at, id
            """,
            """
            SELECT at, actor_id, actor_role, action, reason, request_id FROM audit_trail
            WHERE user_id = (SELECT user_id FROM orders WHERE id = \(id)) AND subject_id = \(id)
                AND action LIKE 'order.%'
            ORDER BY id
            """,
            """
            SELECT known.id FROM orders o, unnest(ARRAY[o.saga_id, o.cancellation_saga_id]) AS known (id)
            WHERE o.id = \(id) AND known.id IS NOT NULL
                AND (o.state IN ('pending', 'cancelling') OR o.created_at > now() - interval '7 days')
                AND NOT EXISTS (SELECT FROM sagas s WHERE s.id = known.id)
            """,
        ])
        let orders = try results[0].decode(
            (
                Int64, String, String, Int64, UUID, String?, String?, Date, Date?, Date?, String?, UUID?, String?,
                String?
            ).self)
        guard let order = orders.first else { return nil }
        let sagas = try results[2].decode((UUID, String?).self)
        return OrderRecord(
            id: id, userID: order.0, state: order.1, currency: order.2, total: order.3, sagaID: order.4,
            refusalCode: order.5, refusalMessage: order.6, createdAt: order.7, decidedAt: order.8,
            cancelledAt: order.9, cancellationSagaID: order.11, cancellationCode: order.12,
            cancellationMessage: order.13,
            lines: try results[1].decode((Int64, Int64, String, Int64, Int64).self).map {
                Line(productID: $0, sellerID: $1, name: $2, quantity: $3, unitPrice: $4)
            },
            sagaIDs: sagas.map(\.0),
            lostSagaIDs: try results[4].decode((UUID).self),
            traceID: sagas.first { $0.0 == order.4 }?.1.flatMap { TraceContext(traceparent: $0)?.traceID },
            requestID: order.10,
            deeds: try results[3].decode((Date, Int64, String, String, String?, String?).self).map {
                Deed(at: $0, actorID: $1, actorRole: $2, action: $3, reason: $4, requestID: $5)
            })
    }

    /// The order as its service tells of it.
    var message: Orders_Order {
        .with {
            $0.id = id
            $0.userID = userID
            $0.price = total
            $0.state = state
            $0.currency = currency
            $0.reason = refusalCode ?? ""
            $0.reasonDetail = refusalMessage ?? ""
            $0.sagaID = sagaID.uuidString.lowercased()
            $0.createdAt = createdAt.rfc3339
            $0.decidedAt = decidedAt?.rfc3339 ?? ""
            $0.cancelledAt = cancelledAt?.rfc3339 ?? ""
            $0.cancellationSagaID = cancellationSagaID?.uuidString.lowercased() ?? ""
            $0.cancellationReason = cancellationCode ?? ""
            $0.cancellationReasonDetail = cancellationMessage ?? ""
            $0.products = lines.map { line in
                .with {
                    $0.productID = line.productID
                    $0.productPrice = line.unitPrice
                    $0.quantity = line.quantity
                    $0.name = line.name
                    $0.sellerID = line.sellerID
                }
            }
        }
    }
}
