/// Deliveries that came one after the other on one connection.
public struct DeliveryBatch: Sendable {
    /// The deliveries, in the queue's order; never empty.
    public let deliveries: [Delivery]
    private let shared: ConsumerShared
    private let generation: UInt64

    init(_ deliveries: [Delivery], _ shared: ConsumerShared, generation: UInt64) {
        self.deliveries = deliveries
        self.shared = shared
        self.generation = generation
    }

    /// Acknowledges all that is not settled yet, with one multiple ack.
    ///
    /// Returns when the ack has been handed to the connection; AMQP has no answer to it.
    /// - Throws: ``RabbitMQError`` of kind `staleDelivery` if the connection they came by is gone: redelivery follows.
    public func ack() async throws {
        guard let first = deliveries.first, let last = deliveries.last else { return }
        try await shared.settle(.acknowledge(first.deliveryTag...last.deliveryTag), generation)
    }

    /// Acknowledges one delivery of the batch; does nothing if it is settled already.
    /// - Throws: see ``ack()``.
    public func ack(_ delivery: Delivery) async throws {
        try await shared.settle(.acknowledge(delivery.deliveryTag...delivery.deliveryTag), generation)
    }

    /// Rejects one delivery of the batch; does nothing if it is settled already.
    ///
    /// With `requeue` it goes back to the queue, without it is dropped or dead-lettered.
    /// - Throws: see ``ack()``.
    public func reject(_ delivery: Delivery, requeue: Bool) async throws {
        try await shared.settle(.reject(delivery.deliveryTag, requeue: requeue), generation)
    }
}
