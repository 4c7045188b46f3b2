import FoundationEssentials
import Postgres
import RabbitMQ
import TestSupport
import Testing

@testable import Events

/// A message is acknowledged after the COMMIT of what it has caused, never before.
@Suite struct AcknowledgementTests {
    /// Tells when messages have come, and then does not get its work done.
    private struct Unfinished: MessageHandler {
        let types: Set<String> = ["test.happened"]
        let came: AsyncStream<UUID>.Continuation

        func handle(_ messages: [Envelope], in work: UnitOfWork) async throws {
            for message in messages { came.yield(message.messageID) }
            try await Task.sleep(for: .seconds(3600))
        }
    }

    @Test func whatWasNotCommittedComesAgain() async throws {
        try await withFixture { fixture in
            let service = ServiceTopology(service: "tests", bindings: ["test.happened"])
            var broker = try RabbitMQConfiguration(url: try await fixture.vhost().url)
            broker.connectTimeout = .seconds(60)
            broker.requestTimeout = .seconds(60)
            broker.publishTimeout = .seconds(60)
            let admin = RabbitMQAdmin(configuration: broker, logger: testLogger)
            try await admin.declareExchange(Topology.eventsExchange, kind: .topic)
            try await admin.declareQueue(service.inbox, arguments: service.queues[0].arguments)
            await admin.close()
            let database = PostgresClient(
                configuration: try PostgresConfiguration(url: try await fixture.database().url), logger: testLogger)
            let publisher = RabbitMQPublisher(configuration: broker, logger: testLogger)
            let sent = UUID()
            let envelope = Envelope(
                messageID: sent, type: "test.happened", correlationID: nil, appID: "test", timestamp: Date(),
                body: Array("{}".utf8))
            let message = WireFormat.message(envelope, exchange: "", routingKey: service.inbox)
            #expect(try await publisher.publish(message) == .confirmed)
            // Each consumer dies before it has committed; the message must come to the next all the same.
            for _ in 0..<2 {
                let (came, continuation) = AsyncStream<UUID>.makeStream()
                let consumer = BatchConsumer(
                    topology: service,
                    consumer: RabbitMQConsumer(configuration: broker, queue: service.inbox, logger: testLogger),
                    publisher: publisher, transactor: Transactor(database: database, outboxWake: Wake()),
                    handlers: [Unfinished(came: continuation)], logger: testLogger)
                let running = Task { try await consumer.run() }
                let giveUp = Task {
                    try await Task.sleep(for: .seconds(90))
                    continuation.finish()
                }
                #expect(await came.first { _ in true } == sent)
                giveUp.cancel()
                running.cancel()
                _ = await running.result
            }
            await publisher.close()
            await database.close()
        }
    }
}
