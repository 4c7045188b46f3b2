import Events
import FoundationEssentials
import Hosting
import Postgres
import Sagas
import ShopProtos
import SwiftProtobuf
import Telemetry

/// Accepts orders: claims the idempotency key, quotes the prices, and writes order, saga and first message in one
/// transaction.
struct OrderPlacer: Sendable {
    let store: OrderStore
    let database: PostgresClient
    let transactor: Transactor
    let coordinator: SagaCoordinator
    let products: any Products_Products.ClientProtocol
    let observers: Observers<OrderPlaced>
    private let keys = IdempotencyKeys(operation: "orders.place")

    init(
        store: OrderStore, database: PostgresClient, transactor: Transactor, coordinator: SagaCoordinator,
        products: any Products_Products.ClientProtocol, observers: Observers<OrderPlaced>
    ) {
        self.store = store
        self.database = database
        self.transactor = transactor
        self.coordinator = coordinator
        self.products = products
        self.observers = observers
    }

    /// - Parameter actorID: The caller, the buyer or an admin; keys of different callers never meet.
    func place(_ basket: Basket, by actorID: Int64) async throws -> Orders_PlaceOrderResponse {
        guard let key = basket.idempotencyKey else { return try await accept(basket, claim: nil) }
        let request = IdempotencyKeys.Request(userID: actorID, key: key, hash: basket.digest)
        switch try await keys.claim(request, in: database) {
        case .replay(let stored):
            var reply = try Orders_PlaceOrderResponse(serializedBytes: stored)
            reply.replayed = true
            return reply
        case .granted(let token):
            do {
                return try await accept(basket, claim: (request, token))
            } catch {
                // Nothing was written: the key is free for another try. If even this fails, its lease runs out.
                try? await keys.release(request, claim: token, in: database)
                throw error
            }
        }
    }

    private func accept(
        _ basket: Basket, claim: (request: IdempotencyKeys.Request, token: UUID)?
    ) async throws -> Orders_PlaceOrderResponse {
        let found = try await products.getSavedProducts(.with { $0.productIds = basket.items.map(\.productID) })
        let quote = try Quote(basket, products: found.products)
        let sagaID = UUID.random()
        let traceparent = TraceContext.current?.traceparent
        return try await transactor.run { work in
            let order = try await store.insert(quote, buyerID: basket.buyerID, sagaID: sagaID, in: work.transaction)
            try await coordinator.start(
                id: sagaID, subjectID: order.id, payload: order.payload, traceparent: traceparent, in: work)
            try await AuditTrail.note("order.place", userID: order.userID, subjectID: order.id, in: work.transaction)
            try await observers.notify(OrderPlaced(order: order), in: work)
            let reply = Orders_PlaceOrderResponse.with { $0.order = order.message }
            if let claim {
                try await keys.complete(
                    claim.request, claim: claim.token, response: try reply.serializedBytes(), in: work.transaction)
            }
            return reply
        }
    }
}
