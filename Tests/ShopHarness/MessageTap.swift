public import Events
public import FoundationEssentials
import RabbitMQ
import Synchronization
import TestSupport

/// What services publish, as it passes: a copy of each message goes to a queue of the test's own.
public final class MessageTap: Sendable {
    private let consumer: RabbitMQConsumer
    private let seen = Mutex<[Envelope]>([])

    fileprivate init(_ patterns: [String], broker: RabbitMQConfiguration) {
        var options = ConsumerOptions()
        options.declare = .temporary(
            bindings: patterns.map { QueueBinding(exchange: Topology.eventsExchange, routingKey: $0) })
        consumer = RabbitMQConsumer(configuration: broker, queue: "", options: options, logger: testLogger)
    }

    fileprivate func listen() async {
        for await batch in consumer.batches {
            let envelopes = batch.deliveries.flatMap { (try? WireFormat.envelopes($0)) ?? [] }
            seen.withLock { $0 += envelopes }
            try? await batch.ack()
        }
    }

    fileprivate func isReady() async throws { try await consumer.waitUntilReady() }
    fileprivate func close() async { await consumer.close() }

    /// The messages so far.
    public var messages: [Envelope] { seen.withLock { $0 } }

    /// Those of a type, and of a saga if one is given.
    public func messages(_ type: String, of saga: UUID? = nil) -> [Envelope] {
        messages.filter { $0.type == type && (saga == nil || $0.correlationID == saga) }
    }

    /// How many different messages of a type a service has sent.
    public func count(_ type: String, from service: String) -> Int {
        Set(messages(type).filter { $0.appID == service }.map(\.messageID)).count
    }
}

extension Shop {
    /// Runs a body with a tap.
    ///
    /// - Parameter patterns: The types, as topic patterns.
    public func tapping<Result: Sendable>(
        _ patterns: [String] = ["saga.#"], _ body: (MessageTap) async throws -> Result
    ) async throws -> Result {
        let tap = MessageTap(patterns, broker: broker)
        let listening = Task { await tap.listen() }
        let result: Swift.Result<Result, any Error>
        do {
            try await tap.isReady()
            result = .success(try await body(tap))
        } catch { result = .failure(error) }
        await tap.close()
        await listening.value
        return try result.get()
    }
}
