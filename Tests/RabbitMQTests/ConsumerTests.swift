import RabbitMQ
import Synchronization
import TestSupport
import Testing

@Suite("Consumer", .timeLimit(.minutes(60)))
struct ConsumerTests {
    @Test("What is not acked when a consumer closes is delivered again, and says so")
    func redelivery() async throws {
        try await withBroker { broker in
            try await broker.declareQuorumQueue("q")
            _ = try await broker.publisher().publish((0..<10).map { message(to: "q", "\($0)") })
            let first = broker.consumer("q", ConsumerOptions(batchSize: 10))
            let batches = try await first.batches(of: 10)
            #expect(batches.flatMap(\.deliveries).count == 10)
            #expect(batches.flatMap(\.deliveries).allSatisfy { !$0.redelivered })
            let batch = batches[0]
            try await batch.ack(batch.deliveries[0])
            await first.close()
            #expect(await errorKind { try await batch.ack() } == .staleDelivery)

            let second = broker.consumer("q", ConsumerOptions(batchSize: 9))
            let again = try await second.batches(of: 9)
            #expect(again.flatMap(\.deliveries).allSatisfy { $0.redelivered })
            #expect(Set(again.flatMap(\.deliveries).map(\.text)) == Set((1..<10).map(String.init)))
            for batch in again { try await batch.ack() }
        }
    }

    @Test("A batch has what is there, and waits for no more")
    func batching() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            _ = try await broker.publisher().publish((0..<5).map { message(to: "q", "\($0)") })
            let consumer = broker.consumer("q", ConsumerOptions(batchSize: 2))
            var sizes: [Int] = []
            for await batch in consumer.batches {
                sizes.append(batch.deliveries.count)
                try await batch.ack()
                if sizes.reduce(0, +) == 5 { break }
            }
            #expect(sizes.reduce(0, +) == 5 && sizes.allSatisfy { $0 <= 2 }, "\(sizes)")
        }
    }

    @Test("What may wait comes with what may not, or alone when its time is over")
    func patience() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            let consumer = broker.consumer(
                "q",
                ConsumerOptions(patience: { delivery in
                    switch delivery.body.first {
                    case UInt8(ascii: "w"): .seconds(3600)
                    case UInt8(ascii: "s"): .milliseconds(20)
                    default: .zero
                    }
                }))
            try await consumer.waitUntilReady()
            async let asked = consumer.oneBatch()
            _ = try await broker.publisher().publish(message(to: "q", "waits"))
            try await eventually("it is taken") { try await broker.admin.checkQueue("q").messages == 0 }
            _ = try await broker.publisher().publish(message(to: "q", "at once"))
            let first = try await asked
            #expect(first.deliveries.map(\.text) == ["waits", "at once"])
            try await first.ack()
            _ = try await broker.publisher().publish(message(to: "q", "soon"))
            let second = try await consumer.oneBatch()
            #expect(second.deliveries.map(\.text) == ["soon"])
            try await second.ack()
        }
    }

    @Test("The prefetch limits what is not acked")
    func prefetch() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            _ = try await broker.publisher().publish((0..<20).map { message(to: "q", "\($0)") })
            let consumer = broker.consumer("q", ConsumerOptions(prefetch: 5, batchSize: 5))
            let batches = try await consumer.batches(of: 5)
            // The broker counts what is ready, which are all but the five.
            #expect(try await broker.admin.checkQueue("q").messages == 15)
            for batch in batches { try await batch.ack() }
            let next = try await consumer.batches(of: 5)
            #expect(next.flatMap(\.deliveries).map(\.text) == ["5", "6", "7", "8", "9"])
        }
    }

    @Test("Acking a later batch first does not ack an earlier one")
    func outOfOrder() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            _ = try await broker.publisher().publish((0..<4).map { message(to: "q", "\($0)") })
            let consumer = broker.consumer("q", ConsumerOptions(batchSize: 2))
            let batches = try await consumer.batches(of: 4)
            let first = batches[0].deliveries
            for later in batches.dropFirst() { try await later.ack() }
            await consumer.close()
            try await eventually("the first batch is back") {
                try await broker.admin.checkQueue("q").messages == first.count
            }
            let back = try await broker.admin.get(queue: "q", limit: 10)
            #expect(back.map(\.text) == first.map(\.text))
        }
    }

    @Test("Rejecting requeues or dead-letters; the rest of the batch is acked at once")
    func rejecting() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("dead")
            try await broker.admin.declareQueue(
                "q", arguments: ["x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"])
            _ = try await broker.publisher().publish(["a", "b", "c"].map { message(to: "q", $0) })
            let consumer = broker.consumer("q", ConsumerOptions(batchSize: 3))
            let batches = try await consumer.batches(of: 3)
            let last = try #require(batches.last)
            let rejected = try #require(last.deliveries.last)
            try await last.reject(rejected, requeue: false)
            try await last.reject(rejected, requeue: true)
            for batch in batches + batches { try await batch.ack() }
            await consumer.close()
            try await eventually("one is dead") { try await broker.admin.checkQueue("dead").messages == 1 }
            #expect(try await broker.admin.get(queue: "dead", limit: 5).map(\.text) == ["c"])
            #expect(try await broker.admin.checkQueue("q").messages == 0)
        }
    }

    @Test("Cancelling the task that iterates ends the iteration, and the consumer lives on")
    func cancellation() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            let consumer = broker.consumer("q")
            try await consumer.waitUntilReady()
            let task = Task {
                for await _ in consumer.batches {}
                return Task.isCancelled
            }
            task.cancel()
            #expect(await task.value)
            _ = try await broker.publisher().publish(message(to: "q", "a"))
            let batch = try await consumer.oneBatch()
            #expect(batch.deliveries.map(\.text) == ["a"])
        }
    }

    @Test("After stop() the sequence ends, what was taken can still be acked, what was not goes back at once")
    func stopping() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            _ = try await broker.publisher().publish((0..<10).map { message(to: "q", "\($0)") })
            let consumer = broker.consumer("q", ConsumerOptions(batchSize: 4))
            var iterator = consumer.batches.makeAsyncIterator()
            let batch = try #require(await iterator.next())
            await consumer.stop()
            let isOver = await iterator.next() == nil
            #expect(isOver)
            let rest = 10 - batch.deliveries.count
            try await eventually("the rest is back") { try await broker.admin.checkQueue("q").messages == rest }
            try await batch.ack()
            await consumer.close()
            #expect(try await broker.admin.checkQueue("q") == QueueStatus(messages: rest, consumers: 0))
        }
    }

    @Test("A temporary queue is declared, bound, and gone with the consumer")
    func temporaryQueue() async throws {
        try await withBroker { broker in
            try await broker.admin.declareExchange("events", kind: .topic)
            let consumer = broker.consumer(
                "", ConsumerOptions(declare: .temporary(bindings: [.init(exchange: "events", routingKey: "order.*")])))
            try await consumer.waitUntilReady()
            let queue = consumer.queueName
            #expect(queue.hasPrefix("amq.gen-"))
            let publisher = broker.publisher()
            let event = RabbitMQMessage(exchange: "events", routingKey: "order.confirmed", body: [1])
            #expect(try await publisher.publish(event) == .confirmed)
            let batch = try await consumer.oneBatch()
            #expect(batch.deliveries.map(\.routingKey) == ["order.confirmed"])
            try await batch.ack()
            await consumer.close()
            try await eventually("the queue is gone") { try await broker.admin.status(queue) == nil }
        }
    }

    @Test("A consumer of a missing queue waits for it to be declared")
    func missingQueue() async throws {
        try await withBroker { broker in
            let consumer = broker.consumer("later")
            let task = Task { try await consumer.oneBatch().deliveries.map(\.text) }
            try await eventually("the refusal is seen") { consumer.lastError?.kind == .notFound }
            try await broker.admin.declareQueue("later")
            _ = try await broker.publisher().publish(message(to: "later", "a"))
            #expect(try await task.value == ["a"])
            #expect(consumer.lastError == nil)
        }
    }

    @Test("Several iterators share the batches")
    func severalIterators() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            let consumer = broker.consumer("q", ConsumerOptions(batchSize: 10))
            let seen = Seen()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for await batch in consumer.batches {
                            seen.add(batch)
                            try await batch.ack()
                        }
                    }
                }
                _ = try await broker.publisher().publish((0..<500).map { message(to: "q", "\($0)") })
                try await eventually("all seen") { seen.count == 500 }
                await consumer.stop()
                try await group.waitForAll()
            }
            await consumer.close()
            #expect(try await broker.admin.checkQueue("q").messages == 0)
        }
    }
}

/// The texts that some tasks have seen.
private final class Seen: Sendable {
    private let texts = Mutex<Set<String>>([])

    var count: Int { texts.withLock { $0.count } }

    func add(_ batch: DeliveryBatch) { texts.withLock { $0.formUnion(batch.deliveries.map(\.text)) } }
}
