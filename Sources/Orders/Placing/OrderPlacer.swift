import Events
import FoundationEssentials
import Hosting
import Postgres
import Sagas
import ShopProtos
import SwiftProtobuf
import Telemetry

/// Accepts orders: refuses what would wait too long, claims the idempotency key, and has the order written together with
/// others that come at the same time.
struct OrderPlacer: Sendable {
    private static let keys = IdempotencyKeys(operation: "orders.place")

    private let database: PostgresClient
    private let backlog: SagaBacklog
    private let placements: Gatherer<Placement, Orders_PlaceOrderResponse>
    private var keys: IdempotencyKeys { Self.keys }

    init(
        store: OrderStore, database: PostgresClient, transactor: Transactor, coordinator: SagaCoordinator,
        products: any Products_Products.ClientProtocol, backlog: SagaBacklog, observers: Observers<OrderPlaced>
    ) {
        self.database = database
        self.backlog = backlog
        let batch = PlacementBatch(
            store: store, transactor: transactor, coordinator: coordinator, products: products, observers: observers,
            keys: Self.keys)
        // Two, so that one is quoted while the other commits.
        placements = Gatherer(limit: 64, width: 2, isOfAll: { ($0 as? ServiceError)?.code == .unavailable }) {
            try await batch.place($0)
        }
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
        guard let request else { return try await placements.submit(Placement(basket, claim: nil)) }
        let token = UUID.random()
        switch try await claim(request, token: token) {
        case .replay(let stored):
            return try Self.replay(stored)
        case .granted:
            do {
                let claim = Placement.Claim(request: request, token: token)
                return try await placements.submit(Placement(basket, claim: claim))
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
}
