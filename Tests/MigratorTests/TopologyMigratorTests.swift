import Events
import Migrator
import RabbitMQ
import TestSupport
import Testing

@Suite struct TopologyMigratorTests {
    private static let topology = Topology(services: [
        ServiceTopology(service: "products", bindings: ["saga.order-placement.*", "product.deleted"]),
        ServiceTopology(service: "orders", bindings: ["saga.order-placement.vote"]),
    ])
    private static let names =
        ["shop.events", "shop.retry", "shop.dead"]
        + ["products", "orders"].flatMap { service in
            ["inbox", "retry.5s", "retry.30s", "retry.300s", "dead"].map { "\(service).\($0).v2" }
        }

    private func withVirtualHost(
        _ body: (RabbitMQConfiguration, TopologyMigrator, RabbitMQAdmin) async throws -> Void
    ) async throws {
        try await withFixture { fixture in
            let configuration = try RabbitMQConfiguration(url: try await fixture.vhost().url)
            let admin = RabbitMQAdmin(configuration: configuration, logger: testLogger)
            fixture.atEnd { await admin.close() }
            try await body(configuration, TopologyMigrator(configuration: configuration, logger: testLogger), admin)
        }
    }

    @Test func everythingIsDeclaredAndASecondTimeChangesNothing() async throws {
        try await withVirtualHost { _, migrator, _ in
            #expect(try await migrator.status(Self.topology).missing == Self.names)

            let first = try await migrator.declare(Self.topology)
            #expect(first.created == Self.names)
            #expect(first.existing.isEmpty)

            let second = try await migrator.declare(Self.topology)
            #expect(second.created.isEmpty)
            #expect(second.existing == Self.names)

            let status = try await migrator.status(Self.topology)
            #expect(status.missing.isEmpty)
            #expect(status.queues.allSatisfy { $0.messages == 0 && $0.consumers == 0 })
        }
    }

    @Test func whatIsBoundIsRouted() async throws {
        try await withVirtualHost { configuration, migrator, admin in
            _ = try await migrator.declare(Self.topology)
            let publisher = RabbitMQPublisher(configuration: configuration, logger: testLogger)
            let routes = [
                ("shop.events", "saga.order-placement.vote"), ("shop.events", "product.deleted"),
                ("shop.retry", "orders.300s"), ("shop.dead", "products"),
            ]
            let outcomes = try await publisher.publish(
                routes.map { RabbitMQMessage(exchange: $0.0, routingKey: $0.1, body: [1]) })
            await publisher.close()
            #expect(outcomes.allSatisfy { $0 == .confirmed })

            let expected = [
                "products.inbox.v2": 2, "orders.inbox.v2": 1, "orders.retry.300s.v2": 1, "products.dead.v2": 1,
            ]
            for (queue, count) in expected {
                let waiting = try await admin.get(queue: queue, limit: 10)
                #expect(waiting.count == count, "\(queue)")
            }
        }
    }

    @Test func aQueueWithOtherArgumentsIsNamed() async throws {
        try await withVirtualHost { _, migrator, admin in
            try await admin.declareQueue("products.inbox.v2")
            await expectFailure("queue 'products.inbox.v2' is on the broker with other properties") {
                try await migrator.declare(Self.topology)
            }
        }
    }

    @Test func aBrokerThatIsNotThereIsNamedWithoutItsPassword() async throws {
        let configuration = try RabbitMQConfiguration(url: "amqp://shop:hush-hush@127.0.0.1:1/shop")
        let migrator = TopologyMigrator(configuration: configuration, logger: testLogger)
        await expectFailure("shop@127.0.0.1:1/shop", "refused") { try await migrator.status(Self.topology) }
        do {
            _ = try await migrator.declare(Self.topology)
        } catch {
            #expect(!"\(error)".contains("hush-hush"))
        }
    }
}
