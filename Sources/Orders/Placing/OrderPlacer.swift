import Events
import FoundationEssentials
import Hosting
import Postgres
import Sagas
import ShopProtos
import SwiftProtobuf
import Telemetry

/// Accepts orders: refuses what would wait too long, claims the idempotency key, quotes the prices, and writes order,
/// saga and first message in one transaction.
struct OrderPlacer: Sendable {
    let store: OrderStore
    let database: PostgresClient
    let transactor: Transactor
    let coordinator: SagaCoordinator
    let products: any Products_Products.ClientProtocol
    let backlog: SagaBacklog
    let observers: Observers<OrderPlaced>
    private let keys = IdempotencyKeys(operation: "orders.place")

    init(
        store: OrderStore, database: PostgresClient, transactor: Transactor, coordinator: SagaCoordinator,
        products: any Products_Products.ClientProtocol, backlog: SagaBacklog, observers: Observers<OrderPlaced>
    ) {
        self.store = store
        self.database = database
        self.transactor = transactor
        self.coordinator = coordinator
        self.products = products
        self.backlog = backlog
        self.observers = observers
    }

    /// - Parameter actorID: The caller, the buyer or an admin; keys of different callers never meet.
    /// - Throws: ``ServiceError``; one that is `unavailable`, but for `outcome_unknown`, says that nothing was ordered.
    func place(
        _ basket: Basket, by actorID: Int64
    ) async throws -> Orders_PlaceOrderResponse {
        let request = basket.idempotencyKey.map {
            IdempotencyKeys.Request(userID: actorID, key: $0, hash: basket.digest)
        }
        let admission = try await admits()
        guard admission == .granted else {
            // Who asks what has become of an order that was accepted is told so.
            if let request, let stored = try await keys.answer(to: request, in: database) {
                return try Self.replay(stored)
            }
            throw OrderRefusals.count(admission)
        }
        defer { backlog.leave() }
        guard let request else { return try await accept(basket, claim: nil) }
        let token = UUID.random()
        switch try await claim(request, token: token) {
        case .replay(let stored):
            return try Self.replay(stored)
        case .granted:
            do {
                return try await accept(basket, claim: (request, token))
            } catch {
                // Nothing was written: the key is free for another try. If even this fails, its lease runs out.
                try? await keys.release(request, claim: token, in: database)
                throw error
            }
        }
    }

    private static func replay(_ stored: [UInt8]) throws -> Orders_PlaceOrderResponse {
        var reply = try Orders_PlaceOrderResponse(serializedBytes: stored)
        reply.replayed = true
        return reply
    }

    private func admits() async throws -> SagaBacklog.Admission {
        do {
            return try await backlog.enter()
        } catch {
            throw ServiceError.nothingOrdered(because: error)
        }
    }

    private func claim(_ request: IdempotencyKeys.Request, token: UUID) async throws -> IdempotencyKeys.Claim {
        do {
            return try await keys.claim(request, token: token, in: database)
        } catch {
            // The claim may stand all the same, if only its answer was lost.
            if !(error is ServiceError) { try? await keys.release(request, claim: token, in: database) }
            throw ServiceError.nothingOrdered(because: error)
        }
    }

    private func accept(
        _ basket: Basket, claim: (request: IdempotencyKeys.Request, token: UUID)?
    ) async throws -> Orders_PlaceOrderResponse {
        let quote = try Quote(basket, products: try await prices(basket))
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

    /// What the basket's products cost now. Read from the store: an order is not rejected for a price that was
    /// remembered.
    private func prices(_ basket: Basket) async throws -> [Products_Product] {
        do {
            return try await products.getSavedProducts(
                .with {
                    $0.productIds = basket.items.map(\.productID)
                    $0.fresh = true
                }
            ).products
        } catch {
            throw ServiceError.nothingOrdered(because: error)
        }
    }
}
