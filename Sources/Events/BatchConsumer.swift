public import Logging
import Metrics
public import RabbitMQ
public import ServiceLifecycle
import Synchronization
import Telemetry

/// Consumes a service's inbox: batches of messages, one transaction a batch, acknowledged after its commit.
///
/// If a batch fails, its messages are tried one by one. A message that fails alone is published to a retry queue,
/// one that can never succeed to the dead letters, and only then acknowledged. While a backend is away the batch
/// waits, unacknowledged; a consumer that is to stop leaves it to the broker, which delivers it again.
public final class BatchConsumer: Service {
    private let topology: ServiceTopology
    private let consumer: RabbitMQConsumer
    private let publisher: RabbitMQPublisher
    private let transactor: Transactor
    private let router: MessageRouter
    private let retryPolicy: RetryPolicy
    private let logger: Logger
    private let isStopping = Atomic(false)
    /// Rung when it is to stop.
    private let stop = Wake()

    /// - Parameters:
    ///   - topology: The service's queues.
    ///   - consumer: A consumer of its inbox.
    ///   - publisher: For messages that move to a retry queue or to the dead letters.
    ///   - handlers: Each for its own types.
    public init(
        topology: ServiceTopology, consumer: RabbitMQConsumer, publisher: RabbitMQPublisher, transactor: Transactor,
        handlers: [any MessageHandler], retryPolicy: RetryPolicy = .standard, logger: Logger
    ) {
        self.topology = topology
        self.consumer = consumer
        self.publisher = publisher
        self.transactor = transactor
        self.router = MessageRouter(handlers: handlers)
        self.retryPolicy = retryPolicy
        self.logger = logger
    }

    /// Runs until it is cancelled or asked to stop gracefully: then the batch at hand is finished first.
    public func run() async throws {
        await withGracefulShutdownHandler {
            for await batch in consumer.batches {
                await process(batch)
                if Task.isCancelled { break }
            }
            await consumer.close()
        } onGracefulShutdown: {
            self.isStopping.store(true, ordering: .releasing)
            self.stop.ring()
            let consumer = self.consumer
            Task { await consumer.close() }
        }
    }

    private func process(_ batch: DeliveryBatch) async {
        var backoff = Backoff(initial: .milliseconds(100), limit: .seconds(5))
        while !Task.isCancelled {
            do {
                try await handle(batch.deliveries)
                try await batch.ack()
                Recorder(label: "shop_consumer_batch_size", dimensions: [("service", topology.service)])
                    .record(batch.deliveries.count)
                return
            } catch let error as RabbitMQError where error.kind == .staleDelivery || error.kind == .closed {
                // The connection went away under the batch; the broker delivers it again, and handling it twice
                // is as good as once.
                logger.info("a batch will be delivered again", metadata: ["error": "\(error)"])
                return
            } catch {
                let metadata: Logger.Metadata = ["error": "\(error)", "messages": "\(batch.deliveries.count)"]
                if isStopping.load(ordering: .acquiring) {
                    logger.info("a batch is left to the broker", metadata: metadata)
                    return
                }
                logger.warning("a batch waits for a backend", metadata: metadata)
                await stop.wait(atMost: backoff.next())
            }
        }
    }

    /// Sees each delivery through: handled, parked for a retry, or dead.
    ///
    /// - Throws: Only for a backend that is away; then nothing may be acknowledged.
    private func handle(_ deliveries: [Delivery]) async throws {
        var readable: [(delivery: Delivery, envelope: Envelope)] = []
        var moved: [RabbitMQMessage] = []
        for delivery in deliveries {
            do {
                let envelope = try WireFormat.envelope(delivery)
                try router.check(envelope)
                readable.append((delivery, envelope))
            } catch {
                moved.append(bury(delivery, error))
            }
        }
        do {
            try await commit(readable.map(\.envelope))
        } catch {
            if case .backend = FailureKind(error) { throw error }
            if readable.count == 1 {
                moved.append(move(readable[0].delivery, readable[0].envelope, after: error))
            } else {
                moved += try await handleOneByOne(readable)
            }
        }
        try await publish(moved)
    }

    private func handleOneByOne(
        _ messages: [(delivery: Delivery, envelope: Envelope)]
    ) async throws -> [RabbitMQMessage] {
        var moved: [RabbitMQMessage] = []
        for (delivery, envelope) in messages {
            do {
                try await commit([envelope])
            } catch {
                if case .backend = FailureKind(error) { throw error }
                moved.append(move(delivery, envelope, after: error))
            }
        }
        return moved
    }

    private func commit(_ envelopes: [Envelope]) async throws {
        guard !envelopes.isEmpty else { return }
        try await transactor.run { work in try await router.handle(envelopes, in: work) }
    }

    /// Where a message goes that has failed on its own.
    private func move(_ delivery: Delivery, _ envelope: Envelope, after error: any Error) -> RabbitMQMessage {
        if case .permanent(let rejection) = FailureKind(error) { return bury(delivery, rejection) }
        let failures = envelope.attempt + 1
        guard let delay = retryPolicy.delay(afterFailures: failures) else {
            return bury(delivery, MessageRejection(.exhausted, "failed \(failures) times; at last: \(error)"))
        }
        logger.warning(
            "a message is retried later",
            metadata: [
                "message_id": "\(WireFormat.text(envelope.messageID))", "type": "\(envelope.type)",
                "attempt": "\(failures)",
                "delay": "\(delay.rawValue)", "error": "\(error)",
            ])
        Counter(label: "shop_messages_retried", dimensions: [("service", topology.service)]).increment()
        var retried = envelope
        retried.attempt = failures
        return WireFormat.message(retried, exchange: Topology.retryExchange, routingKey: topology.retryKey(delay))
    }

    private func bury(_ delivery: Delivery, _ rejection: MessageRejection) -> RabbitMQMessage {
        logger.error(
            "a message goes to the dead letters",
            metadata: [
                "message_id": "\(delivery.properties.messageID ?? "-")",
                "type": "\(delivery.properties.type ?? "-")", "error": "\(rejection)",
            ])
        Counter(
            label: "shop_messages_dead",
            dimensions: [("service", topology.service), ("class", rejection.errorClass.rawValue)]
        ).increment()
        return DeadLetter.message(delivery, rejection: rejection, service: topology.service)
    }

    /// Publishes moved messages; they must be safe before the originals are acknowledged.
    private func publish(_ messages: [RabbitMQMessage]) async throws {
        guard !messages.isEmpty else { return }
        let outcomes: [PublishOutcome]
        do {
            outcomes = try await publisher.publish(messages)
        } catch let error as RabbitMQError where error.kind == .invalidMessage {
            // What else a foreign sender has put into the headers does not fit beside the reason.
            outcomes = try await publisher.publish(messages.map(DeadLetter.withoutForeignHeaders))
        }
        for outcome in outcomes where outcome != .confirmed { throw MoveRefused(outcome: outcome) }
    }
}

/// The broker did not take a message that was to move; the topology is incomplete or a queue is full.
struct MoveRefused: Error, CustomStringConvertible {
    let outcome: PublishOutcome
    var description: String { "the broker did not take a retried or dead message: \(outcome)" }
}
