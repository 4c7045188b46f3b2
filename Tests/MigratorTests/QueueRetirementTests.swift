import Events
import Migrator
import RabbitMQ
import TestSupport
import Testing

/// What is left in queues of an earlier version moves to their successors, and nothing is lost on the way.
@Suite struct QueueRetirementTests {
    private static let topology = Topology(services: [
        ServiceTopology(service: "reviews", bindings: ["order.confirmed"])
    ])

    private func open(
        _ body: (TopologyMigrator, RabbitMQAdmin, RabbitMQConfiguration, RabbitMQPublisher) async throws -> Void
    ) async throws {
        try await withFixture { fixture in
            let configuration = try RabbitMQConfiguration(url: try await fixture.vhost().url)
            let admin = RabbitMQAdmin(configuration: configuration, logger: testLogger)
            let publisher = RabbitMQPublisher(configuration: configuration, logger: testLogger)
            fixture.atEnd {
                await publisher.close()
                await admin.close()
            }
            // As an earlier version had declared them.
            try await admin.declareExchange("shop.events", kind: .topic)
            try await admin.declareExchange("shop.retry", kind: .direct)
            try await admin.declareExchange("shop.dead", kind: .direct)
            let quorum: [String: HeaderValue] = ["x-queue-type": "quorum"]
            for (queue, exchange, key) in [
                ("reviews.inbox.v1", "shop.events", "order.confirmed"), ("reviews.dead.v1", "shop.dead", "reviews"),
            ] {
                try await admin.declareQueue(queue, arguments: quorum)
                try await admin.bind(queue: queue, exchange: exchange, routingKey: key)
            }
            for delay in RetryDelay.allCases {
                let arguments: [String: HeaderValue] = [
                    "x-queue-type": "quorum", "x-message-ttl": .int(delay.milliseconds), "x-dead-letter-exchange": "",
                    "x-dead-letter-routing-key": "reviews.inbox.v1", "x-dead-letter-strategy": "at-least-once",
                    "x-overflow": "reject-publish",
                ]
                try await admin.declareQueue("reviews.retry.\(delay.rawValue).v1", arguments: arguments)
                try await admin.bind(
                    queue: "reviews.retry.\(delay.rawValue).v1", exchange: "shop.retry",
                    routingKey: "reviews.\(delay.rawValue)")
            }
            try await body(
                TopologyMigrator(configuration: configuration, logger: testLogger), admin, configuration, publisher)
        }
    }

    private func publish(_ routes: [(String, String)], _ publisher: RabbitMQPublisher) async throws {
        let outcomes = try await publisher.publish(
            routes.map { exchange, key in
                RabbitMQMessage(
                    exchange: exchange, routingKey: key, body: [1],
                    properties: MessageProperties(messageID: key, headers: ["shop-attempt": 3]))
            })
        #expect(outcomes.allSatisfy { $0 == .confirmed })
    }

    private static let old =
        ["reviews.inbox.v1", "reviews.dead.v1"] + RetryDelay.allCases.map { "reviews.retry.\($0.rawValue).v1" }

    @Test func whatIsLeftMovesAndTheOldQueuesGo() async throws {
        try await open { migrator, admin, _, publisher in
            try await publish(
                [
                    ("shop.events", "order.confirmed"), ("shop.events", "order.confirmed"), ("shop.dead", "reviews"),
                    ("shop.retry", "reviews.300s"),
                ], publisher)
            #expect(try await migrator.status(Self.topology).retired.count == 5)
            let report = try await migrator.declare(Self.topology)
            #expect(report.moved == 4)
            #expect(Set(report.deleted) == Set(Self.old))
            #expect(report.retired.isEmpty)
            for (queue, count) in ["reviews.inbox.v2": 2, "reviews.dead.v2": 1, "reviews.retry.300s.v2": 1] {
                let found = try await admin.get(queue: queue, limit: 10)
                #expect(found.count == count, "\(queue)")
                #expect(found.allSatisfy { $0.properties.headers["shop-attempt"] == .int(3) })
            }
            for queue in Self.old { #expect(try await admin.status(queue) == nil, "\(queue)") }
            #expect(try await migrator.status(Self.topology).retired.isEmpty)
            #expect(try await migrator.declare(Self.topology).moved == 0)
        }
    }

    @Test func aQueueThatIsConsumedStaysUntilItIsNot() async throws {
        try await open { migrator, admin, configuration, publisher in
            try await publish([("shop.events", "order.confirmed")], publisher)
            let old = RabbitMQConsumer(configuration: configuration, queue: "reviews.inbox.v1", logger: testLogger)
            // An earlier version that has taken a message and not acknowledged it.
            var batches = old.batches.makeAsyncIterator()
            _ = await batches.next()
            let report = try await migrator.declare(Self.topology)
            #expect(report.retired == ["reviews.inbox.v1"])
            #expect(report.moved == 0)
            // It still gets what is sent, and so does its successor.
            try await publish([("shop.events", "order.confirmed")], publisher)
            #expect(try await admin.get(queue: "reviews.inbox.v2", limit: 10).count == 1)
            await old.close()
            try await eventually("both are back") { try await admin.checkQueue("reviews.inbox.v1").messages == 2 }
            let second = try await migrator.declare(Self.topology)
            #expect(second.moved == 2)
            #expect(second.deleted == ["reviews.inbox.v1"])
            #expect(try await admin.get(queue: "reviews.inbox.v2", limit: 10).count == 3)
        }
    }
}
