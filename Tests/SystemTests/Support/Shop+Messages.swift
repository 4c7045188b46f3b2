import FoundationEssentials
import Hosting
import RabbitMQ
import TestSupport
import Testing

extension Shop {
    /// Puts a message into a role's inbox that nobody can read.
    ///
    /// - Returns: Its id.
    @discardableResult
    func publishGarbage(
        to role: Role, type: String = "saga.order-placement.try", from sender: String? = nil
    ) async throws -> String {
        let publisher = RabbitMQPublisher(configuration: broker, logger: testLogger)
        var properties = MessageProperties()
        let id = UUID().uuidString.lowercased()
        properties.messageID = id
        properties.type = type
        properties.appID = sender
        let outcome = try await publisher.publish(
            RabbitMQMessage(
                exchange: "", routingKey: "\(role.rawValue).inbox.v2", body: Array("no json".utf8),
                properties: properties))
        await publisher.close()
        #expect(outcome == .confirmed)
        return id
    }
}
