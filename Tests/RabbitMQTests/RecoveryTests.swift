import RabbitMQ
import TestSupport
import Testing

@Suite("Recovery", .timeLimit(.minutes(60)))
struct RecoveryTests {
    @Test("A publish under way when the connection breaks has an unknown outcome; the next one works")
    func publisherCut() async throws {
        try await withBroker { broker in
            try await broker.declareQuorumQueue("q")
            let (proxy, configuration) = try broker.proxy()
            let publisher = broker.publisher(configuration)
            #expect(try await publisher.publish(message(to: "q", "a")) == .confirmed)
            // The broker gets it, but its confirm does not come through.
            proxy.pause([.toClient])
            let inFlight = Task { try await publisher.publish(message(to: "q", "b")) }
            try await eventually("b is in the queue") { try await broker.admin.checkQueue("q").messages == 2 }
            proxy.cut()
            proxy.resume()
            do {
                _ = try await inFlight.value
                Issue.record("no error")
            } catch let error as RabbitMQError {
                #expect(error.kind == .connectionLost)
                #expect(error.isOutcomeUnknown)
            }
            #expect(try await publisher.publish(message(to: "q", "c")) == .confirmed)
        }
    }

    @Test("The broker's own closing of connections is survived by publisher, consumer and admin")
    func brokerCloses() async throws {
        try await withBroker { broker in
            try await broker.declareQuorumQueue("q")
            let publisher = broker.publisher()
            // The proxy only counts connections.
            let (proxy, configuration) = try broker.proxy()
            let consumer = broker.consumer("q", ConsumerOptions(batchSize: 1), via: configuration)
            _ = try await publisher.publish(message(to: "q", "a"))
            let batch = try await consumer.oneBatch()
            try await broker.killConnections()
            try await eventually("the consumer has connected again") { proxy.accepted > 1 }
            #expect(await errorKind { try await batch.ack() } == .staleDelivery)
            let again = try await consumer.oneBatch()
            #expect(again.deliveries.map(\.text) == ["a"])
            #expect(again.deliveries.allSatisfy { $0.redelivered })
            try await again.ack()
            try await eventually("the next publish works") {
                (try? await publisher.publish(message(to: "q", "b"))) == .confirmed
            }
            #expect(try await consumer.oneBatch().deliveries.map(\.text) == ["b"])
            #expect(try await broker.admin.checkQueue("q").consumers == 1)
        }
    }

    @Test("A consumer whose network breaks comes back and misses nothing")
    func consumerCut() async throws {
        try await withBroker { broker in
            try await broker.declareQuorumQueue("q")
            let (proxy, configuration) = try broker.proxy()
            let consumer = broker.consumer("q", ConsumerOptions(batchSize: 10), via: configuration)
            let publisher = broker.publisher()
            var seen: Set<String> = []
            var round = 0
            _ = try await publisher.publish((0..<100).map { message(to: "q", "\($0)") })
            for await batch in consumer.batches {
                round += 1
                if round.isMultiple(of: 4), round <= 20 { proxy.cut() }
                do {
                    try await batch.ack()
                    seen.formUnion(batch.deliveries.map(\.text))
                } catch let error as RabbitMQError {
                    #expect(error.kind == .staleDelivery)
                }
                if seen.count == 100 { break }
            }
            #expect(seen.count == 100)
            #expect(proxy.accepted > 1)
        }
    }

    @Test("The broker cancels a consumer when its queue is deleted; it comes back with the queue")
    func queueDeleted() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            let consumer = broker.consumer("q")
            try await consumer.waitUntilReady()
            try await broker.admin.deleteQueue("q")
            try await eventually("the cancel is seen") { consumer.lastError != nil }
            try await broker.admin.declareQueue("q")
            _ = try await broker.publisher().publish(message(to: "q", "a"))
            #expect(try await consumer.oneBatch().deliveries.map(\.text) == ["a"])
        }
    }

    @Test("A wait that gives up ends with the attempt's error; another one, and the consumer, go on")
    func givingUp() async throws {
        try await withBroker { broker in
            let consumer = broker.consumer("q")
            let patient = Task { try await consumer.waitUntilReady() }
            for _ in 0..<2 {
                #expect(await errorKind { try await consumer.waitUntilReady(givesUp: true) } == .notFound)
            }
            try await broker.admin.declareQueue("q")
            try await patient.value
            try await consumer.waitUntilReady(givesUp: true)
            let alone = broker.consumer("q", via: try patientConfiguration(url: "amqp://127.0.0.1:1"))
            #expect(await errorKind { try await alone.waitUntilReady(givesUp: true) } == .connectionFailed)
        }
    }

    @Test("A declared queue and its bindings come back after its deletion")
    func redeclared() async throws {
        try await withBroker { broker in
            try await broker.admin.declareExchange("events", kind: .direct)
            let declaration = QueueDeclaration(bindings: [.init(exchange: "events", routingKey: "k")])
            let consumer = broker.consumer("q", ConsumerOptions(declare: declaration))
            try await consumer.waitUntilReady()
            try await broker.admin.deleteQueue("q")
            let publisher = broker.publisher()
            try await eventually("a message gets through") {
                try await publisher.publish(RabbitMQMessage(exchange: "events", routingKey: "k", body: [1]))
                    == .confirmed
            }
            #expect(try await consumer.oneBatch().deliveries.count == 1)
        }
    }

    @Test("Heartbeats keep an idle connection alive")
    func heartbeats() async throws {
        try await withBroker { broker in
            var (proxy, configuration) = try broker.proxy()
            configuration.heartbeat = .seconds(1)
            try await broker.admin.declareQueue("q")
            let consumer = broker.consumer("q", via: configuration)
            try await consumer.waitUntilReady()
            // Nothing but heartbeats of eight bytes passes now; the broker gives up after two missed ones.
            // On a machine that stands still for as long it does so rightly.
            try await eventually("five heartbeats, and the same connection") { [proxy] in
                let (before, connections) = (proxy.clientBytes, proxy.accepted)
                try await eventually("five heartbeats") { proxy.clientBytes >= before + 5 * 8 }
                return consumer.isConnected && proxy.accepted == connections
            }
            try await eventually("the broker has it, too") { try await broker.connectionCount() == 2 }
        }
    }

    @Test("A peer that falls silent is noticed by its missing heartbeats")
    func silentPeer() async throws {
        try await withBroker { broker in
            var (proxy, configuration) = try broker.proxy()
            configuration.heartbeat = .seconds(1)
            try await broker.admin.declareQueue("q")
            let publisher = broker.publisher(configuration)
            // On a machine that stands still a connection may be lost before: then it was not this one.
            try await eventually("it is noticed") { [proxy] in
                defer { proxy.resume() }
                guard (try? await publisher.publish(message(to: "q", "a"))) == .confirmed else { return false }
                proxy.pause()
                let kind = await errorKind {
                    try await publisher.publish(message(to: "q", "b"), timeout: .seconds(600))
                }
                return kind == .connectionLost
            }
        }
    }

    @Test("A peer that takes no bytes cannot hang a publish for ever")
    func stalledPeer() async throws {
        try await withBroker { broker in
            var (proxy, configuration) = try broker.proxy()
            configuration.heartbeat = .zero
            configuration.socketTimeout = .seconds(1)
            try await broker.admin.declareQueue("q")
            let publisher = broker.publisher(configuration)
            try await eventually("the first is there") {
                (try? await publisher.publish(message(to: "q", "a"))) == .confirmed
            }
            proxy.pause()
            let large = RabbitMQMessage(exchange: "", routingKey: "q", body: Array(repeating: 1, count: 64 << 20))
            let kind = await errorKind { try await publisher.publish(large, timeout: .seconds(100)) }
            #expect(kind == .connectionLost)
            proxy.resume()
            try await eventually("the next one is there") {
                (try? await publisher.publish(message(to: "q", "b"))) == .confirmed
            }
        }
    }

    @Test("A confirm that does not come in time is a timeout with an unknown outcome")
    func publishTimeout() async throws {
        try await withBroker { broker in
            let (proxy, configuration) = try broker.proxy()
            try await broker.admin.declareQueue("q")
            let publisher = broker.publisher(configuration)
            _ = try await publisher.publish(message(to: "q", "a"))
            proxy.pause()
            do {
                _ = try await publisher.publish(message(to: "q", "b"), timeout: .milliseconds(100))
                Issue.record("no error")
            } catch let error as RabbitMQError {
                #expect(error.kind == .timeout)
                #expect(error.isOutcomeUnknown)
            }
            proxy.resume()
            #expect(try await publisher.publish(message(to: "q", "c")) == .confirmed)
        }
    }
}
