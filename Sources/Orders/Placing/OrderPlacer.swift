import Events
import Hosting
import Postgres
import Sagas
import ShopProtos
import SwiftProtobuf
import Telemetry

/// Accepts orders: refuses what would wait too long, answers what was placed before under its idempotency key, and has
/// the others written together with those that come at the same time.
struct OrderPlacer: Sendable {
    private static let keys = IdempotencyKeys(operation: "orders.place")
    /// The longest that a batch waits for the decisions on the one before it. Participants that are away are not waited
    /// for: their orders are accepted all the same.
    private static let longestWait: Duration = .milliseconds(30)

    private let database: PostgresClient
    private let backlog: SagaBacklog
    private let standings: Gatherer<IdempotencyKeys.Request, IdempotencyKeys.Standing>
    private let batch: PlacementBatch
    private let placements: Gatherer<Placement, Orders_PlaceOrderResponse>

    init(
        store: OrderStore, database: PostgresClient, transactor: Transactor, coordinator: SagaCoordinator,
        products: any Products_Products.ClientProtocol, backlog: SagaBacklog, observers: Observers<OrderPlaced>,
        waiters: OrderWaiters
    ) {
        self.database = database
        self.backlog = backlog
        let batch = PlacementBatch(
            store: store, transactor: transactor, coordinator: coordinator, products: products, observers: observers,
            keys: Self.keys)
        self.batch = batch
        standings = Gatherer(limit: 64, width: 2) { requests in
            try await Self.keys.standings(of: requests, in: database).map { $0.mapError { $0 as any Error } }
        }
        let pace = GatherPace<Orders_PlaceOrderResponse>(crowd: 16) { replies in
            await waiters.turns(of: replies.filter { !$0.replayed }.map(\.order.id), atMost: Self.longestWait)
        }
        // Two, so that of a crowd one is quoted while the other commits.
        placements = Gatherer(
            limit: 64, width: 2, pace: pace, isOfAll: { ($0 as? ServiceError)?.code == .unavailable }
        ) {
            try await batch.place($0)
        }
    }

    /// - Parameters:
    ///   - actorID: The caller, the buyer or an admin; keys of different callers never meet.
    ///   - reason: Why, for the audit trail of who orders in the buyer's name; nil where nobody said.
    ///   - isRehearsal: Whether only the checks are made.
    /// - Throws: ``ServiceError``; one that is `unavailable`, but for `outcome_unknown`, says that nothing was ordered.
    func place(
        _ basket: Basket, by actorID: Int64, because reason: String?, asRehearsal isRehearsal: Bool
    ) async throws -> Orders_PlaceOrderResponse {
        let request = basket.idempotencyKey.map {
            IdempotencyKeys.Request(userID: actorID, key: $0, hash: basket.digest)
        }
        let admission = try await admits()
        guard admission == .granted else {
            // Who asks what has become of an order that was accepted is told so.
            if let request, let stored = try await answer(to: request) {
                return try Orders_PlaceOrderResponse(replaying: stored)
            }
            throw OrderRefusals.count(admission)
        }
        defer { backlog.leave() }
        // What has its answer needs no quote. The key is taken with the order, in its transaction.
        if let request, case .replay(let stored) = try await standing(of: request) {
            return try Orders_PlaceOrderResponse(replaying: stored)
        }
        let placement = try Placement(basket, request: request, reason: reason)
        return try await isRehearsal ? batch.rehearse(placement) : placements.submit(placement)
    }

    private func admits() async throws -> SagaBacklog.Admission {
        do {
            return try await backlog.enter()
        } catch {
            throw ServiceError.nothingOrdered(because: error)
        }
    }

    /// The answer that a request has had; nil if there is none.
    private func answer(to request: IdempotencyKeys.Request) async throws -> [UInt8]? {
        do {
            let standing = try await Self.keys.standings(of: [request], in: database)[0]
            guard case .success(.replay(let stored)) = standing else { return nil }
            return stored
        } catch {
            throw ServiceError.nothingOrdered(because: error)
        }
    }

    private func standing(of request: IdempotencyKeys.Request) async throws -> IdempotencyKeys.Standing {
        do {
            return try await standings.submit(request)
        } catch {
            throw ServiceError.nothingOrdered(because: error)
        }
    }
}

extension Orders_PlaceOrderResponse {
    /// The answer that is stored under a key, as it is given again.
    init(replaying stored: [UInt8]) throws {
        try self.init(serializedBytes: stored)
        replayed = true
    }
}
