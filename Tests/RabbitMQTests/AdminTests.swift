import RabbitMQ
import TestSupport
import Testing

@Suite("Admin", .timeLimit(.minutes(60)))
struct AdminTests {
    @Test("Declaring twice is harmless, declaring otherwise is a failed precondition")
    func declaring() async throws {
        try await withBroker { broker in
            let admin = broker.admin
            for _ in 1...2 {
                try await admin.declareExchange("e", kind: .topic)
                let arguments: [String: HeaderValue] = ["x-queue-type": "quorum", "x-max-length": 10]
                #expect(
                    try await admin.declareQueue("q", arguments: arguments) == QueueStatus(messages: 0, consumers: 0))
            }
            #expect(await errorKind { try await admin.declareExchange("e", kind: .direct) } == .preconditionFailed)
            #expect(await errorKind { try await admin.declareQueue("q") } == .preconditionFailed)
            try await admin.checkExchange("e")
            try await admin.checkQueue("q")
        }
    }

    @Test("What is missing is not found")
    func missing() async throws {
        try await withBroker { broker in
            let admin = broker.admin
            #expect(await errorKind { try await admin.checkQueue("q") } == .notFound)
            #expect(await errorKind { try await admin.checkExchange("e") } == .notFound)
            #expect(await errorKind { try await admin.bind(queue: "q", exchange: "e", routingKey: "") } == .notFound)
            #expect(await errorKind { try await admin.purge("q") } == .notFound)
            #expect(await errorKind { try await admin.get(queue: "q", limit: 1) } == .notFound)
            let status = try await admin.status("q")
            #expect(status == nil)
            let deleted = try await admin.deleteQueue("q")
            #expect(deleted == 0)
        }
    }

    @Test("What the broker forbids is refused access")
    func forbidden() async throws {
        try await withBroker { broker in
            let kind = await errorKind { try await broker.admin.declareExchange("amq.mine", kind: .direct) }
            #expect(kind == .accessRefused)
        }
    }

    @Test("A queue that is exclusive to another connection is locked")
    func locked() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q", durable: false, exclusive: true)
            let other = RabbitMQAdmin(configuration: broker.configuration, logger: quietLogger)
            #expect(await errorKind { try await other.checkQueue("q") } == .resourceLocked)
            await other.close()
        }
    }

    @Test("Bindings route, until they are removed")
    func bindings() async throws {
        try await withBroker { broker in
            try await broker.admin.declareExchange("e", kind: .topic)
            try await broker.admin.declareQueue(
                "q", QueueDeclaration(bindings: [QueueBinding(exchange: "e", routingKey: "a.*")]))
            try await broker.admin.bind(queue: "q", exchange: "e", routingKey: "b.#")
            let publisher = broker.publisher()
            func isRouted(_ key: String) async throws -> Bool {
                try await publisher.publish(RabbitMQMessage(exchange: "e", routingKey: key, body: [])) == .confirmed
            }
            #expect(try await isRouted("a.x"))
            #expect(try await isRouted("b.x.y"))
            #expect(try await !isRouted("c"))
            try await broker.admin.unbind(queue: "q", exchange: "e", routingKey: "a.*")
            #expect(try await !isRouted("a.x"))
            #expect(try await broker.admin.purge("q") == 2)
            try await broker.admin.deleteExchange("e")
            #expect(await errorKind { try await broker.admin.checkExchange("e") } == .notFound)
        }
    }

    @Test("A session takes, acks and puts back; what it leaves open goes back")
    func session() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            _ = try await broker.publisher().publish(["a", "b", "c"].map { message(to: "q", $0) })
            let taken = try await broker.admin.withSession { session in
                let deliveries = try await session.get("q", limit: 10)
                #expect(try await session.get("q") == nil)
                try await session.ack(deliveries[0].deliveryTag)
                try await session.reject(deliveries[1].deliveryTag, requeue: true)
                #expect(await errorKind { try await session.ack(deliveries[0].deliveryTag) } == .staleDelivery)
                #expect(await errorKind { try await session.ack(99) } == .staleDelivery)
                return deliveries.map(\.text)
            }
            #expect(taken == ["a", "b", "c"])
            try await eventually("two are back") { try await broker.admin.checkQueue("q").messages == 2 }
            let rest = try await broker.admin.get(queue: "q", limit: 10)
            #expect(rest.map(\.text) == ["b", "c"])
            #expect(rest.allSatisfy { $0.redelivered })
        }
    }

    @Test("Deleting under a condition that does not hold is refused")
    func conditionalDelete() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            _ = try await broker.publisher().publish(message(to: "q", "a"))
            let kind = await errorKind { try await broker.admin.deleteQueue("q", ifEmpty: true) }
            #expect(kind == .preconditionFailed)
            #expect(try await broker.admin.deleteQueue("q") == 1)
        }
    }

    @Test("An admin that nobody asks anything keeps its connection")
    func idle() async throws {
        try await withBroker { broker in
            var (proxy, configuration) = try broker.proxy()
            configuration.heartbeat = .seconds(1)
            let admin = RabbitMQAdmin(configuration: configuration, logger: quietLogger)
            broker.fixture.atEnd { await admin.close() }
            try await admin.declareQueue("q")
            // Nothing but heartbeats of eight bytes passes now; the broker gives up after two missed ones.
            // On a machine that stands still for as long it does so rightly.
            try await eventually("five heartbeats, and the same connection") { [proxy] in
                let (before, connections) = (proxy.clientBytes, proxy.accepted)
                // Who has lost the connection all the same sends none, until it is asked again.
                try? await eventually("five heartbeats", timeout: .seconds(20)) {
                    proxy.clientBytes >= before + 5 * 8
                }
                let isHeard = proxy.clientBytes >= before + 5 * 8
                // A question may meet a machine that stands still as well.
                let isAnswered = (try? await admin.checkQueue("q")) != nil
                return isHeard && isAnswered && proxy.accepted == connections
            }
        }
    }

    @Test("A lost connection is replaced at the next call, and a closed admin takes no more")
    func reconnect() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            try await broker.killConnections()
            try await eventually("a call gets through") { (try? await broker.admin.checkQueue("q")) != nil }
            await broker.admin.close()
            #expect(await errorKind { try await broker.admin.checkQueue("q") } == .closed)
        }
    }
}
