public import FoundationEssentials
public import RabbitMQ

/// A message that has failed, and waits to be tried again.
public struct RetriedMessage: Sendable {
    /// The message as it waits.
    public let delivery: Delivery
    /// The queue's wait; how much of it is over, nobody tells.
    public let delay: RetryDelay

    /// The number of times it has failed.
    public var failures: Int { WireFormat.attempts(before: delivery) }

    /// The reason why it failed last; nil for one that an older program has moved, or that only waits for its turn.
    public var lastError: String? { delivery.properties.headers[WireFormat.Header.lastError]?.stringValue }

    /// Its failures so far; nil for one that only waits for its turn.
    public var history: FailureHistory? { FailureHistory(delivery.properties.headers) }

    /// The time when it failed last; nil for one that an older program has moved.
    public var failedAt: Date? { history?.lastAt }

    /// The saga that it belongs to; nil for none.
    public var sagaID: UUID? { delivery.properties.correlationID.flatMap(UUID.init(uuidString:)) }

    /// Looks at messages at the heads of a service's retry queues. They stay: a limit of deliveries would only end their
    /// wait early, since what leaves these queues goes to the inbox.
    ///
    /// - Parameter limit: The most of each queue.
    /// - Throws: `RabbitMQError`: `notFound` if a queue is missing.
    public static func look(
        at topology: ServiceTopology, by admin: RabbitMQAdmin, limit: Int
    ) async throws -> [RetriedMessage] {
        var found: [RetriedMessage] = []
        for delay in RetryDelay.allCases {
            let deliveries = try await admin.get(queue: topology.retry(delay), limit: limit)
            found += deliveries.map { RetriedMessage(delivery: $0, delay: delay) }
        }
        return found
    }
}
