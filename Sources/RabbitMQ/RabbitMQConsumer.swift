public import Logging

/// Consumes a queue in batches.
///
/// One connection, owned by one thread. It connects when the first batch is asked for, reconnects by itself, declares
/// its queue again if it was told how, and resumes. It never gives up: why there are no deliveries is logged and in
/// ``lastError``.
public final class RabbitMQConsumer: Sendable {
    private let shared: ConsumerShared

    /// Creates a consumer. Nothing is connected yet.
    public init(
        configuration: RabbitMQConfiguration, queue: String, options: ConsumerOptions = ConsumerOptions(),
        logger: Logger
    ) {
        shared = ConsumerShared(configuration: configuration, queue: queue, options: options, logger: logger)
    }

    deinit { shared.beginClosing() }

    /// The batches. Each must be acked, or its deliveries acked or rejected; `prefetch` limits those that are not.
    public var batches: DeliveryBatches { DeliveryBatches(consumer: self) }

    /// Connects, if it is not, and returns as soon as the broker has accepted the consumer.
    ///
    /// From then on a message routed to the queue will be delivered, even to a temporary queue.
    /// - Parameter givesUp: Whether the next attempt that fails ends the waiting. The consumer itself goes on trying.
    /// - Throws: ``RabbitMQError`` of kind `closed` if the consumer is stopped before, or that of the attempt;
    ///   `CancellationError`.
    public func waitUntilReady(givesUp: Bool = false) async throws {
        try await shared.waitUntilReady(givesUp: givesUp)
    }

    /// Whether the broker is delivering to this consumer right now.
    public var isConnected: Bool { shared.status.isConnected }

    /// The reason why there is no connection, if the last attempt failed or the last one broke.
    public var lastError: RabbitMQError? { shared.status.lastError }

    /// The queue's name: the broker's choice if it was declared without one and there is a connection.
    public var queueName: String { shared.queueName }

    /// Takes no more deliveries and ends the sequence; batches already taken can still be acked, until ``close()``.
    public func stop() async {
        await shared.stop()
    }

    /// Ends the sequence and closes the connection: what is not acked will be delivered again, to whoever consumes.
    public func close() async {
        shared.beginClosing()
        await shared.control.waitUntilEnded()
    }

    func nextBatch() async -> DeliveryBatch? {
        await shared.nextBatch()
    }
}
