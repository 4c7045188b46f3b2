import Events
import Postgres
import Sagas
import ShopContracts

/// The products' part in cancelling an order: the goods return to stock once it is decided for.
///
/// There is nothing to refuse, not even for a product that was deleted meanwhile.
struct OrderCancellationParticipant: SagaParticipant {
    typealias Branch = SagaBranch<OrderCancellation.Payload>

    let definition = OrderCancellation.definition
    let name = "products"
    let observers: Observers<StockMoved>

    func lock(trying: [Branch], settling: [Branch], in work: UnitOfWork) async throws {
        guard !settling.isEmpty else { return }
        let ids = Set(settling.flatMap { $0.payload.lines.map(\.productID) }).sorted()
        try await work.transaction.query(StockLock.query(ids))
    }

    func tryAll(_ branches: [Branch], locked: inout Void, in work: UnitOfWork) async throws -> [SagaVote] {
        branches.map { _ in .accepted }
    }

    func confirmAll(_ branches: [Branch], locked: inout Void, in work: UnitOfWork) async throws {
        let lines = branches.flatMap(\.payload.lines)
        try await work.transaction.query(
            """
            UPDATE stock s SET amount = amount + r.quantity, version = version + 1, updated_at = now()
            FROM (
                SELECT product_id, sum(quantity)::bigint AS quantity
                FROM unnest(\(lines.map(\.productID))::bigint[], \(lines.map(\.quantity))::bigint[])
                    AS l (product_id, quantity)
                GROUP BY product_id
            ) r
            WHERE s.product_id = r.product_id
            """)
        try await observers.notify(StockMoved(productIDs: Set(lines.map(\.productID)).sorted()), in: work)
    }

    /// Nothing was done.
    func cancelAll(_ branches: [Branch], locked: inout Void, in work: UnitOfWork) async throws {}
}
