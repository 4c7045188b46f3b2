import FoundationEssentials
import Hosting
import Postgres
import RabbitMQ
import ShopContracts
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@testable import Events
@testable import Sagas

extension Shop {
    /// The product as everybody sees it.
    func product(_ id: Int64) async throws -> Products_Product {
        try await peers.products.getOneProduct(.with { $0.id = id }).product
    }

    /// Changes a product as its seller.
    @discardableResult
    func update(
        _ id: Int64, as user: Int64 = 900, _ role: ShopRole = .customer,
        _ change: (inout Products_UpdateProductRequest) -> Void
    ) async throws -> Products_Product {
        var request = Products_UpdateProductRequest.with { $0.id = id }
        change(&request)
        return try await self.as(user, role) { try await peers.products.updateProduct(request).product }
    }

    /// Deletes a product as its seller.
    ///
    /// - Returns: The saga.
    @discardableResult
    func delete(_ id: Int64, as user: Int64 = 900, _ role: ShopRole = .customer) async throws -> UUID {
        let reply = try await self.as(user, role) { try await peers.products.deleteProduct(.with { $0.id = id }) }
        #expect(reply.status == "ok")
        return try #require(UUID(uuidString: reply.sagaID))
    }

    /// Publishes a message as a service would.
    func publish(_ type: String, _ saga: UUID, _ body: some Encodable) async throws {
        let publisher = RabbitMQPublisher(configuration: broker, logger: testLogger)
        let envelope = Envelope(
            messageID: UUID(), type: type, correlationID: saga, appID: "test", timestamp: Date(),
            body: try MessageCoding.encode(body))
        let message = WireFormat.message(envelope, exchange: Topology.eventsExchange, routingKey: type)
        #expect(try await publisher.publish(message) == .confirmed)
        await publisher.close()
    }

    /// Votes in a deletion, in place of the participants.
    func vote(
        _ saga: UUID, _ vote: SagaVote = .accepted, by participants: [String] = ProductDeletion.definition.participants
    ) async throws {
        for name in participants {
            try await publish(ProductDeletion.definition.type(.vote), saga, VoteBody(participant: name, vote: vote))
        }
    }

    /// Waits until a deletion is over, by its participants' own doing.
    func awaitEnd(of saga: UUID, _ decision: SagaDecision) async throws {
        let end = decision == .confirm ? "confirmed" : "cancelled"
        try await eventually("over: \(decision.rawValue)") { try await phase(of: saga) == end }
    }

    /// Waits for a deletion's decision, carries it out in place of the participants, and waits for its end.
    func carryOut(_ saga: UUID, _ decision: SagaDecision) async throws {
        let deciding = decision == .confirm ? ["confirming", "confirmed"] : ["cancelling", "cancelled"]
        try await eventually("decided: \(decision.rawValue)") { deciding.contains(try await phase(of: saga)) }
        for name in ProductDeletion.definition.participants {
            let body = DoneBody(participant: name, decision: decision)
            try await publish(ProductDeletion.definition.type(.done), saga, body)
        }
        try await awaitEnd(of: saga, decision)
    }

    func phase(of saga: UUID) async throws -> String {
        let rows = try await productsDB.query("SELECT phase FROM sagas WHERE id = \(saga)")
        return try #require(try rows.decode((String).self).first)
    }

    func state(of product: Int64) async throws -> String {
        let rows = try await productsDB.query("SELECT state FROM products WHERE id = \(product)")
        return try #require(try rows.decode((String).self).first)
    }

    /// Keeps the customers from voting while the body runs.
    func freezingCustomers<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await customersDB.transaction { transaction in
            try await transaction.query("LOCK TABLE saga_branches IN ACCESS EXCLUSIVE MODE")
            return try await body()
        }
    }

    /// How often an event about a saga was published.
    func events(_ type: String, _ saga: UUID) async throws -> Int64 {
        try await number(
            "SELECT count(*) FROM outbox WHERE type = \(type) AND correlation_id = \(saga)", productsDB)
    }
}

/// The refusal that the body must end in; nil, and an issue, if it does not.
@discardableResult
func refusal(
    _ code: ServiceError.Code, _ reason: String, mentions text: String = "",
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async -> ServiceError? {
    do {
        try await body()
        Issue.record("it was not refused", sourceLocation: sourceLocation)
        return nil
    } catch {
        let refusal = ServiceError(mapping: error)
        #expect(refusal.code == code, sourceLocation: sourceLocation)
        #expect(refusal.reason == reason, sourceLocation: sourceLocation)
        if !text.isEmpty { #expect(refusal.message.contains(text), sourceLocation: sourceLocation) }
        return refusal
    }
}
