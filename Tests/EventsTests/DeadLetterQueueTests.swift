import DevStack
import FoundationEssentials
import RabbitMQ
import TestSupport
import Testing

@testable import Events

/// Looking never loses, whatever limit the broker has.
@Suite struct DeadLetterQueueTests {
    private static let service = MessagingScene.service

    private func limitDeliveries(_ scene: MessagingScene, to limit: Int) async throws {
        try await scene.fixture.stack.broker.evaluate(
            """
            rabbit_policy:set(<<"\(scene.vhost)">>, <<"foreign">>, <<".*">>, \
            [{<<"delivery-limit">>, \(limit)}], 0, <<"queues">>, <<"test">>)
            """)
    }

    private func bury(_ ids: [String], _ scene: MessagingScene) async throws {
        let outcomes = try await scene.publisher.publish(
            ids.map { id in
                RabbitMQMessage(
                    exchange: Topology.deadExchange, routingKey: "tests", body: [1],
                    properties: MessageProperties(messageID: id, headers: ["shop-dead-reason": "tired"]))
            })
        #expect(outcomes.allSatisfy { $0 == .confirmed })
    }

    @Test func lettersStayHoweverOftenTheyAreLookedAt() async throws {
        try await MessagingScene.open { scene in
            try await limitDeliveries(scene, to: 2)
            try await bury(["a", "b", "c"], scene)
            let queue = DeadLetterQueue(topology: Self.service, broker: scene.broker, logger: testLogger)
            for _ in 0..<5 {
                let (total, letters) = try await queue.look(limit: 2)
                #expect(total == 3)
                #expect(letters.map(\.properties.messageID) == ["a", "b"])
                #expect(letters.map { DeadLetter($0).reason } == ["tired", "tired"])
            }
            // What was taken to be looked at is put back a little later.
            try await eventually("all are there") { try await scene.ready(Self.service.dead) == 3 }
        }
    }

    @Test func whatCannotBeSentBackStays() async throws {
        try await MessagingScene.open { scene in
            try await bury(["a", "b"], scene)
            let queue = DeadLetterQueue(topology: Self.service, broker: scene.broker, logger: testLogger)
            await #expect(throws: DeadLetterQueue.Refusal.self) {
                try await queue.walk { _ in { .move(DeadLetter.replay($0, to: "nowhere")) } }
            }
            try await eventually("both are there") { try await scene.ready(Self.service.dead) == 2 }
        }
    }

    @Test func aMessageThatEndsItsConsumersBecomesADeadLetter() async throws {
        try await MessagingScene.open { scene in
            try await limitDeliveries(scene, to: 2)
            try await scene.deliver([MessagingScene.envelope("test.happened")])
            try await eventually("it is a dead letter") {
                // Taken and never settled, as by a process that is killed. It goes back a little later.
                try await scene.admin.withSession { session in _ = try await session.get(Self.service.inbox) }
                return try await scene.ready(Self.service.dead) == 1
            }
            let queue = DeadLetterQueue(topology: Self.service, broker: scene.broker, logger: testLogger)
            for _ in 0..<2 {
                let letter = try #require(try await queue.look(limit: 1).letters.first)
                #expect(DeadLetter(letter).errorClass == "broker_delivery_limit")
                #expect(DeadLetter(letter).service == "tests")
            }
        }
    }
}
