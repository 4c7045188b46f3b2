import Logging
import RabbitMQ
import TestSupport
import Testing

@Suite("Resources", .timeLimit(.minutes(60)))
struct ResourceTests {
    @Test("Closed clients leave neither threads nor descriptors behind", .ownThreads)
    func nothingIsLeft() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            let url = broker.virtualHost.url
            // In a process of its own, where nobody else opens anything.
            await #expect(processExitsWith: .success) { [url = url as String] in
                // A client that is let go ends on its own time: descriptors count once no thread has any.
                try await useAllClients(url)
                try await eventually("all threads have ended") { ProcessFigures.threads(named: "mq-") == 0 }
                let before = ProcessFigures.descriptors()
                for _ in 1...5 { try await useAllClients(url) }
                try await eventually("all threads have ended again") { ProcessFigures.threads(named: "mq-") == 0 }
                #expect(ProcessFigures.descriptors() == before)
            }
        }
    }
}

/// Uses one client of each kind, also against a closed port, and closes them.
private func useAllClients(_ url: String) async throws {
    let configuration = try patientConfiguration(url: url)
    let publisher = RabbitMQPublisher(configuration: configuration, logger: quietLogger)
    _ = try await publisher.publish(message(to: "q", "a"))
    let consumer = RabbitMQConsumer(configuration: configuration, queue: "q", logger: quietLogger)
    try await consumer.oneBatch().ack()
    let admin = RabbitMQAdmin(configuration: configuration, logger: quietLogger)
    _ = try await admin.get(queue: "q", limit: 1)
    _ = try await admin.status("missing")
    let nobody = RabbitMQPublisher(
        configuration: try RabbitMQConfiguration(url: "amqp://127.0.0.1:1"), logger: quietLogger)
    _ = await errorKind { try await nobody.publish(message(to: "q", "a")) }
    await publisher.close()
    await consumer.close()
    await admin.close()
    await nobody.close()
    // A client that is only let go ends as well.
    let forgotten = RabbitMQPublisher(configuration: configuration, logger: quietLogger)
    _ = try await forgotten.publish(message(to: "q", "b"))
    await forgotten.close()
    _ = try await RabbitMQAdmin(configuration: configuration, logger: quietLogger).purge("q")
}
