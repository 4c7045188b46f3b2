import RabbitMQ
import TestSupport
import Testing

@Suite("Publisher", .timeLimit(.minutes(60)))
struct PublisherTests {
    @Test("10,000 persistent messages through a quorum queue: none lost, none twice, in order")
    func tenThousand() async throws {
        try await withBroker { broker in
            try await broker.declareQuorumQueue("q")
            let publisher = broker.publisher()
            let count = 10_000
            let outcomes = try await publisher.publish((0..<count).map { message(to: "q", "\($0)") })
            #expect(outcomes == Array(repeating: .confirmed, count: count))

            let consumer = broker.consumer("q", ConsumerOptions(prefetch: 512, batchSize: 128))
            var seen: [String] = []
            for await batch in consumer.batches {
                #expect(batch.deliveries.count <= 128)
                seen += batch.deliveries.map(\.text)
                try await batch.ack()
                if seen.count >= count { break }
            }
            #expect(seen == (0..<count).map(String.init))
            // All acks have arrived when nothing comes back.
            await consumer.close()
            try await eventually("an empty queue") { try await broker.admin.checkQueue("q").messages == 0 }
        }
    }

    @Test("Publishes of many tasks share one connection, each told its own outcomes")
    func manyTasks() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            let publisher = broker.publisher()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<50 {
                    group.addTask {
                        for index in 0..<10 {
                            let isRoutable = (task + index).isMultiple(of: 2)
                            let outcome = try await publisher.publish(
                                message(to: isRoutable ? "q" : "nowhere", "\(task).\(index)"))
                            #expect((outcome == .confirmed) == isRoutable)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await broker.admin.checkQueue("q").messages == 250)
        }
    }

    @Test("An unroutable mandatory message is returned, its neighbours are confirmed")
    func returned() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            var optional = message(to: "nowhere", "optional")
            optional.mandatory = false
            let messages = [message(to: "q", "a"), message(to: "nowhere", "lost"), optional, message(to: "q", "b")]
            let outcomes = try await broker.publisher().publish(messages)
            #expect(outcomes == [.confirmed, .returned(code: 312, reason: "NO_ROUTE"), .confirmed, .confirmed])
        }
    }

    @Test("A thousand equal unroutable messages are all returned")
    func manyReturned() async throws {
        try await withBroker { broker in
            let messages = Array(repeating: message(to: "nowhere", "same"), count: 1000)
            let outcomes = try await broker.publisher().publish(messages)
            #expect(outcomes.allSatisfy { $0 == .returned(code: 312, reason: "NO_ROUTE") })
        }
    }

    @Test("A queue that is full and rejects makes for a nack")
    func nacked() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q", arguments: ["x-max-length": 1, "x-overflow": "reject-publish"])
            let publisher = broker.publisher()
            #expect(try await publisher.publish(message(to: "q", "first")) == .confirmed)
            #expect(try await publisher.publish(message(to: "q", "second")) == .nacked)
        }
    }

    @Test("More messages than may be under way are sent piece by piece")
    func window() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            var configuration = broker.configuration
            configuration.maximumUnconfirmed = 10
            let publisher = broker.publisher(configuration)
            let outcomes = try await publisher.publish((0..<500).map { message(to: "q", "\($0)") })
            #expect(outcomes == Array(repeating: .confirmed, count: 500))
        }
    }

    @Test("A missing exchange is an error for its own publish; the next one works")
    func missingExchange() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            let publisher = broker.publisher()
            let lost = RabbitMQMessage(exchange: "missing", routingKey: "k", body: [1])
            do {
                _ = try await publisher.publish([message(to: "q", "a"), lost])
                Issue.record("no error")
            } catch let error as RabbitMQError {
                #expect(error.kind == .notFound)
                #expect(error.code == 404)
                #expect(error.isOutcomeUnknown)
            }
            #expect(try await publisher.publish(message(to: "q", "b")) == .confirmed)
        }
    }

    @Test("What cannot be encoded is refused before it costs the connection")
    func invalid() async throws {
        try await withBroker { broker in
            let publisher = broker.publisher()
            let long = String(repeating: "x", count: 300)
            #expect(await errorKind { try await publisher.publish(message(to: long, "a")) } == .invalidMessage)
            #expect(!publisher.isConnected)
        }
    }

    @Test("Nothing to publish needs no connection, and a closed publisher takes nothing")
    func emptyAndClosed() async throws {
        try await withBroker { broker in
            let publisher = broker.publisher()
            let nothing = try await publisher.publish([])
            #expect(nothing == [])
            #expect(!publisher.isConnected)
            await publisher.close()
            #expect(await errorKind { try await publisher.publish(message(to: "q", "a")) } == .closed)
        }
    }

    @Test("Closing awaits what is under way")
    func closingAwaits() async throws {
        try await withBroker { broker in
            try await broker.declareQuorumQueue("q")
            let publisher = broker.publisher()
            _ = try await publisher.publish(message(to: "q", "first"))
            async let outcomes = publisher.publish((0..<2000).map { message(to: "q", "\($0)") })
            try await eventually("the publish is under way") {
                try await broker.admin.checkQueue("q").messages > 1
            }
            await publisher.close()
            #expect(try await outcomes.allSatisfy { $0 == .confirmed })
        }
    }

    @Test("A cancelled task does not wait for its confirm")
    func cancellation() async throws {
        try await withBroker { broker in
            let (proxy, configuration) = try broker.proxy()
            let publisher = broker.publisher(configuration)
            try await broker.admin.declareQueue("q")
            _ = try await publisher.publish(message(to: "q", "a"))
            proxy.pause()
            let task = Task { try await publisher.publish(message(to: "q", "b")) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            proxy.resume()
            #expect(try await publisher.publish(message(to: "q", "c")) == .confirmed)
        }
    }
}
