import RabbitMQ
import Synchronization

/// A message as it was received: by a delivery of its own, or with others in a batch.
struct ReceivedMessage: Sendable {
    let envelope: Envelope
    let delivery: OpenDelivery

    /// The properties it came with; in a batch, those that it would have alone.
    var properties: MessageProperties {
        let properties = delivery.delivery.properties
        if properties.type == envelope.type { return properties }
        return WireFormat.message(envelope, exchange: "", routingKey: "").properties
    }
}

/// A delivery until all its messages are settled; then it is acknowledged.
final class OpenDelivery: Sendable {
    let delivery: Delivery
    private let batch: DeliveryBatch
    /// Those who took it, until its messages are settled but for those on trial, and each of these.
    private let holders = Atomic(1)
    private let fate = Mutex(ReplayReceipt.Fate.handled)

    init(_ delivery: Delivery, of batch: DeliveryBatch) {
        self.delivery = delivery
        self.batch = batch
    }

    /// Has it wait for one more message.
    func hold() { holders.add(1, ordering: .relaxed) }

    /// Takes back a ``hold()``; whoever does so has a hold of its own.
    func unhold() { holders.subtract(1, ordering: .relaxed) }

    /// Acknowledges it, if nobody else has a message of it to settle.
    ///
    /// - Returns: Whether it was.
    func release() async throws -> Bool {
        guard holders.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return false }
        try await batch.ack(delivery)
        return true
    }

    /// A message of it has moved.
    func note(_ moved: ReplayReceipt.Fate) { fate.withLock { $0 = max($0, moved) } }

    /// The receipt to be sent for it, once it is acknowledged; nil if nobody waits for that.
    var receipt: RabbitMQMessage? {
        ReplayReceipt.message(for: delivery.properties, fate.withLock { $0 })
    }

    /// Whether a message of it is on trial.
    var isShared: Bool { holders.load(ordering: .acquiring) != 1 }
}
