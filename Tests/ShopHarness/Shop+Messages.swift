public import Events
public import FoundationEssentials
import RabbitMQ
import TestSupport
import Testing

/// What goes through the broker.
extension Shop {
    /// Publishes a message as a service would, or to one queue only.
    ///
    /// - Parameter messageID: Nil for a fresh one; given to send a message again.
    public func publish(
        _ type: String, _ saga: UUID, messageID: UUID? = nil, _ body: some Encodable, to queue: String? = nil
    ) async throws {
        let publisher = RabbitMQPublisher(configuration: broker, logger: testLogger)
        let envelope = Envelope(
            messageID: messageID ?? UUID(), type: type, correlationID: saga, appID: "test", timestamp: Date(),
            body: try MessageCoding.encode(body))
        let message = WireFormat.message(
            envelope, exchange: queue == nil ? Topology.eventsExchange : "", routingKey: queue ?? type)
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
