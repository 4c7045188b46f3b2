public import Events
public import FoundationEssentials
import Logging
import Postgres
import RabbitMQ
public import Sagas
import TestSupport
import Testing

/// Messages of a test's own.
extension Shop {
    /// A message as a service would send it.
    ///
    /// - Parameter saga: The saga it belongs to, if it does.
    public static func message(
        _ type: String, _ body: some Encodable, id: UUID = UUID(), saga: UUID? = nil
    ) throws -> Envelope {
        Envelope(
            messageID: id, type: type, correlationID: saga, appID: "test", timestamp: Date(),
            body: try MessageCoding.encode(body))
    }

    /// Publishes messages to whoever is bound to their types, or to one queue only, and waits for the broker's word on
    /// all of them.
    public func announce(_ messages: [Envelope], to queue: String? = nil) async throws {
        let publisher = RabbitMQPublisher(configuration: broker, logger: testLogger)
        let outcomes = try await publisher.publish(
            messages.map {
                WireFormat.message(
                    $0, exchange: queue == nil ? Topology.eventsExchange : "", routingKey: queue ?? $0.type)
            })
        await publisher.close()
        #expect(outcomes.allSatisfy { $0 == .confirmed })
    }

    /// Publishes one message of a saga.
    ///
    /// - Parameter messageID: Nil for a fresh one; given to send a message again.
    public func publish(
        _ type: String, _ saga: UUID, messageID: UUID? = nil, _ body: some Encodable, to queue: String? = nil
    ) async throws {
        try await announce([Self.message(type, body, id: messageID ?? UUID(), saga: saga)], to: queue)
    }

    /// Records a saga that is over for its coordinator, which then hears everything and says nothing: for tests that speak
    /// in its place. What it does not know it would have taken back.
    public func recordSilentSaga(_ saga: UUID, of definition: SagaDefinition) async throws {
        let database = definition.coordinator == "products" ? productsDB : ordersDB
        try await database.query(
            """
            INSERT INTO sagas (id, name, subject_id, phase, payload, deadline_at, decided_at, finished_at, participants)
            SELECT \(saga), \(definition.name), 0, 'confirmed', '{}', now(), now(), now(),
                jsonb_object_agg(participant, '{}'::jsonb)
            FROM unnest(\(definition.participants)::text[]) AS p (participant)
            ON CONFLICT DO NOTHING
            """)
    }

    /// The first letter of a dead-letter queue, as soon as there is one; it stays there.
    public func deadLetter(_ queue: String) async throws -> DeadLetter {
        let admin = RabbitMQAdmin(configuration: broker, logger: testLogger)
        let delivery = try await eventuallyValue("a letter in \(queue)") {
            try await admin.get(queue: queue, limit: 1).first
        }
        await admin.close()
        return DeadLetter(delivery)
    }
}
