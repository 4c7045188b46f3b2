import FoundationEssentials
import RabbitMQ
import TestSupport
import Testing

@testable import Events

/// Who sends messages back is told what has become of them.
@Suite struct ReplayReceiptTests {
    @Test func eachFateIsTold() async throws {
        try await MessagingScene.open { scene in
            var options = ConsumerOptions()
            options.declare = .temporary(bindings: [])
            let listener = RabbitMQConsumer(
                configuration: scene.broker, queue: "", options: options, logger: testLogger)
            scene.fixture.atEnd { await listener.close() }
            try await listener.waitUntilReady()
            let fine = MessagingScene.envelope("test.happened")
            let newer = MessagingScene.envelope("test.happened", body: #"{"schema_version": 2}"#)
            let broken = MessagingScene.envelope("test.happened", body: #"{"schema_version": 0}"#)
            let batch = try MessageBatch.envelope(of: [
                MessagingScene.envelope("test.happened"),
                MessagingScene.envelope("test.happened", body: #"{"schema_version": 0}"#),
            ])
            let fates: [(Envelope, ReplayReceipt.Fate)] = [
                (fine, .handled), (newer, .retried), (broken, .died), (batch, .died),
            ]
            let messages = fates.map { message, _ in
                replay(message, receipt: .init(id: message.messageID.uuidString, queue: listener.queueName))
            }
            // Nobody is told of what was not sent back, nor by a queue of the shop's.
            let stray = replay(fine, receipt: .init(id: "x", queue: MessagingScene.service.dead))
            #expect(try await scene.publisher.publish([stray] + messages).allSatisfy { $0 == .confirmed })
            var told: [String: ReplayReceipt.Fate] = [:]
            try await scene.withConsumer {
                for await batch in listener.batches {
                    for receipt in batch.deliveries.compactMap(ReplayReceipt.init) { told[receipt.id] = receipt.fate }
                    try await batch.ack()
                    if told.count == fates.count { break }
                }
            }
            #expect(
                told == Dictionary(uniqueKeysWithValues: fates.map { ($0.0.messageID.uuidString, $0.1) }))
            let letters = try await scene.admin.get(queue: MessagingScene.service.dead, limit: 9)
            #expect(letters.count == 2, "no receipt went there")
            #expect(letters.allSatisfy { $0.properties.replyTo == nil }, "a letter asks for no receipt any more")
        }
    }

    private func replay(_ envelope: Envelope, receipt: ReplayReceipt.Request) -> RabbitMQMessage {
        var message = WireFormat.message(envelope, exchange: "", routingKey: MessagingScene.service.inbox)
        message.properties.headers[ReplayReceipt.Header.id] = .string(receipt.id)
        message.properties.replyTo = receipt.queue
        return message
    }
}
