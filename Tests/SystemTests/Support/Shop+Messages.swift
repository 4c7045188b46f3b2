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

    /// Throws away the message of a role that is tried again and again.
    func forgetRetried(by role: Role) async throws {
        let queues = try await queueNames().filter { $0.hasPrefix("\(role.rawValue).retry.") }
        let admin = RabbitMQAdmin(configuration: broker, logger: testLogger)
        let isGone = await Task {
            // It is in the inbox now and then.
            try await eventually("the message is thrown away") {
                var count = 0
                for queue in queues { count += try await admin.purge(queue) }
                return count > 0
            }
        }.result
        await admin.close()
        try isGone.get()
    }
}
