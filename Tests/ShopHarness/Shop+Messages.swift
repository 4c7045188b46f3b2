public import Events
public import FoundationEssentials
import RabbitMQ
import TestSupport
import Testing

/// What goes through the broker.
extension Shop {
    /// Publishes a message as a service would.
    public func publish(_ type: String, _ saga: UUID, _ body: some Encodable) async throws {
        try await publish(type, saga, messageID: UUID(), body)
    }

    /// The same with a message id, to send a message again.
    public func publish(_ type: String, _ saga: UUID, messageID: UUID, _ body: some Encodable) async throws {
        let publisher = RabbitMQPublisher(configuration: broker, logger: testLogger)
        let envelope = Envelope(
            messageID: messageID, type: type, correlationID: saga, appID: "test", timestamp: Date(),
            body: try MessageCoding.encode(body))
        let message = WireFormat.message(envelope, exchange: Topology.eventsExchange, routingKey: type)
        #expect(try await publisher.publish(message) == .confirmed)
        await publisher.close()
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
