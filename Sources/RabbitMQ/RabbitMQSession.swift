import DriverSupport
import Synchronization

/// A connection lent by ``RabbitMQAdmin/withSession(isolation:_:)`` for taking messages one by one.
public final class RabbitMQSession: Sendable {
    private let configuration: RabbitMQConfiguration
    private let thread: AdminThread
    /// The deliveries that have been taken and not settled: a wrong tag would cost the connection.
    private let ledger = Mutex(AckLedger())

    init(configuration: RabbitMQConfiguration) {
        self.configuration = configuration
        thread = AdminThread(configuration: configuration, isSingleUse: true)
    }

    deinit { thread.control.stop() }

    /// Takes the message at the head of a queue; `nil` if it is empty.
    /// - Throws: ``RabbitMQError``: `notFound` if there is no such queue.
    public func get(_ queue: String) async throws -> Delivery? {
        let patience = configuration.requestTimeout
        let wake = thread.control.wake
        return try await thread.perform { [self] connection throws(RabbitMQError) in
            let delivery = try connection.get(queue: queue, wake: wake, until: .now + patience)
            if let delivery {
                try ledger.withLock { ledger throws(RabbitMQError) in try ledger.delivered(delivery.deliveryTag) }
            }
            return delivery
        }
    }

    /// Takes up to `limit` messages.
    /// - Throws: see ``get(_:)``.
    public func get(_ queue: String, limit: Int) async throws -> [Delivery] {
        var deliveries: [Delivery] = []
        while deliveries.count < limit, let delivery = try await get(queue) { deliveries.append(delivery) }
        return deliveries
    }

    /// Settles a message for good.
    /// - Throws: ``RabbitMQError``: `staleDelivery` if the tag is settled already or none of this session's.
    public func ack(_ deliveryTag: UInt64) async throws {
        try settle(deliveryTag)
        try await thread.perform { connection throws(RabbitMQError) in
            try connection.acknowledge(deliveryTag, multiple: false)
        }
    }

    /// Puts a message back, or drops or dead-letters it.
    /// - Throws: see ``ack(_:)``.
    public func reject(_ deliveryTag: UInt64, requeue: Bool) async throws {
        try settle(deliveryTag)
        try await thread.perform { connection throws(RabbitMQError) in
            try connection.reject(deliveryTag, requeue: requeue)
        }
    }

    private func settle(_ tag: UInt64) throws(RabbitMQError) {
        guard ledger.withLock({ $0.settleOne(tag) }) else {
            throw RabbitMQError(.staleDelivery, "no unsettled delivery has the tag \(tag)")
        }
    }

    func close() async {
        await thread.close()
    }
}
