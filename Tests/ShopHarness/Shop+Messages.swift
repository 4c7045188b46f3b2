public import Events
public import FoundationEssentials
import RabbitMQ
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

    /// Publishes messages to whoever is bound to their types, and waits for the broker's word on all of them.
    public func announce(_ messages: [Envelope]) async throws {
        let publisher = RabbitMQPublisher(configuration: broker, logger: testLogger)
        let outcomes = try await publisher.publish(
            messages.map { WireFormat.message($0, exchange: Topology.eventsExchange, routingKey: $0.type) })
        await publisher.close()
        #expect(outcomes.allSatisfy { $0 == .confirmed })
    }
}
