import Events
import FoundationEssentials
import Hosting
import Postgres
import Sagas
import ShopProtos
import SwiftProtobuf

/// Places orders together: one quote for all, and one transaction that takes their keys and writes orders, lines, sagas,
/// first messages and the answers of the keys.
struct PlacementBatch: Sendable {
    typealias Answer = Result<Orders_PlaceOrderResponse, any Error>

    /// The most products of one quote.
    private static let quoteLimit = 1000

    let store: OrderStore
    let transactor: Transactor
    let coordinator: SagaCoordinator
    let products: any Products_Products.ClientProtocol
    let observers: Observers<OrderPlaced>
    let keys: IdempotencyKeys

    private typealias Quoted = (placement: Placement, quote: Quote)

    /// Places orders, all of those that can be quoted or none.
    ///
    /// - Returns: The answers, in the placements' order; a basket that cannot be quoted is refused by itself.
    /// - Throws: ``ServiceError``; `PostgresError`. Nothing was ordered unless it says that this is not known.
    func place(_ placements: [Placement]) async throws -> [Answer] {
        try await place(placements, asRehearsal: false)
    }

    /// Makes the checks of ``place(_:)``, those of writing too, and keeps nothing.
    ///
    /// - Returns: The order as it would be accepted, or the answer that is stored under its key.
    /// - Throws: As ``place(_:)``; the refusal of the basket.
    func rehearse(_ placement: Placement) async throws -> Orders_PlaceOrderResponse {
        var reply = try await place([placement], asRehearsal: true)[0].get()
        guard !reply.replayed else { return reply }
        // They are of a transaction that was taken back.
        reply.order.id = 0
        reply.order.sagaID = ""
        reply.order.createdAt = ""
        return reply
    }

    private func place(_ placements: [Placement], asRehearsal isRehearsal: Bool) async throws -> [Answer] {
        let catalogue = try await catalogue(of: placements)
        let quotes = placements.map { placement in
            Result { () throws(ServiceError) -> Quote in try Quote(placement.basket, products: catalogue) }
        }
        let quoted = zip(placements, quotes).compactMap { placement, quote -> Quoted? in
            if case .success(let quote) = quote { (placement, quote) } else { nil }
        }
        var written = try await write(quoted, asRehearsal: isRehearsal)[...]
        return quotes.map { quote in
            switch quote {
            case .success: written.removeFirst()
            case .failure(let refusal): .failure(refusal)
            }
        }
    }

    /// The products of all baskets as they are now. Read from the store: an order is not rejected for a price that was
    /// remembered.
    private func catalogue(of placements: [Placement]) async throws -> [Products_Product] {
        let ids = Set(placements.flatMap { $0.basket.items.map(\.productID) }).sorted()
        var found: [Products_Product] = []
        do {
            for start in stride(from: 0, to: ids.count, by: Self.quoteLimit) {
                found += try await products.getSavedProducts(
                    .with {
                        $0.productIds = Array(ids[start..<min(start + Self.quoteLimit, ids.count)])
                        $0.fresh = true
                    }
                ).products
            }
        } catch {
            throw ServiceError.nothingOrdered(because: error)
        }
        return found
    }

    /// - Returns: An answer each, in their order; one whose key is not free is answered without being written.
    private func write(_ quoted: [Quoted], asRehearsal isRehearsal: Bool) async throws -> [Answer] {
        if quoted.isEmpty { return [] }
        return try await transactor.run(asRehearsal: isRehearsal) { work in
            var standings = try await keys.take(quoted.compactMap(\.placement.request), in: work.transaction)[...]
            let known = try quoted.map { quoted in
                try quoted.placement.request.flatMap { _ in try Self.answer(standings.removeFirst()) }
            }
            let free = zip(quoted, known).compactMap { quoted, known in known == nil ? quoted : nil }
            var replies = try await order(free, in: work)[...]
            return known.map { $0 ?? .success(replies.removeFirst()) }
        }
    }

    /// The answer of a request that is not to be carried out; nil for one that is.
    private static func answer(_ standing: Result<IdempotencyKeys.Standing, ServiceError>) throws -> Answer? {
        switch standing {
        case .success(.free): nil
        case .success(.replay(let stored)): .success(try Orders_PlaceOrderResponse(replaying: stored))
        case .failure(let refusal): .failure(refusal)
        }
    }

    private func order(_ quoted: [Quoted], in work: UnitOfWork) async throws -> [Orders_PlaceOrderResponse] {
        if quoted.isEmpty { return [] }
        let orders = try await store.insert(quoted.map { ($0.quote, $0.placement) }, in: work.transaction)
        let replies = orders.map { order in Orders_PlaceOrderResponse.with { $0.order = order.message } }
        let starts = zip(quoted, orders).map { quoted, order in
            SagaCoordinator.Start(
                id: order.sagaID, subjectID: order.id, payload: order.payload,
                traceparent: quoted.placement.traceparent)
        }
        var statements = [OrderStore.insertion(ofLines: orders)]
        let byReason = Dictionary(grouping: zip(quoted, orders), by: \.0.placement.reason)
        for (reason, placed) in byReason {
            let deeds = placed.compactMap { quoted, order in
                quoted.placement.actor.map { (actor: $0, subjectID: order.id) }
            }
            if !deeds.isEmpty { statements.append(AuditTrail.insertion("order.place", because: reason, deeds)) }
        }
        let answers = try zip(quoted, replies).compactMap { quoted, reply in
            try quoted.placement.request.map { IdempotencyKeys.Answer(to: $0, try reply.serializedBytes()) }
        }
        if !answers.isEmpty { statements.append(keys.storing(answers)) }
        let results = try await coordinator.start(starts, with: statements, in: work)
        if !answers.isEmpty, let stored = results.last?.affectedRows { try keys.requireAll(answers, stored: stored) }
        for order in orders { try await observers.notify(OrderPlaced(order: order), in: work) }
        return replies
    }
}
