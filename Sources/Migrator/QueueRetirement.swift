import Events
import Logging
import RabbitMQ

/// Empties queues of earlier versions into their successors, and deletes them.
///
/// A queue that is consumed is left as it is, with its bindings: processes of the earlier version run. Their messages
/// reach the successor as well, where they are recognised by their ids. Run again when they are gone, it ends there.
struct QueueRetirement: Sendable {
    /// The number of times a queue must be seen empty: what it has just sent elsewhere may still be on its way.
    private static let looks = 3

    let configuration: RabbitMQConfiguration
    let logger: Logger

    func retire(_ queue: RetiredQueue, _ admin: RabbitMQAdmin, _ report: inout TopologyReport) async throws {
        guard let status = try await admin.status(queue.name) else { return }
        guard status.consumers == 0 else {
            report.retired.append(queue.name)
            return
        }
        // The successor is bound already: nothing falls between them.
        for binding in queue.bindings {
            try await admin.unbind(queue: queue.name, exchange: binding.exchange, routingKey: binding.routingKey)
        }
        report.moved += try await move(queue, admin)
        for _ in 0..<Self.looks {
            try await Task.sleep(for: .milliseconds(200))
            guard let status = try await admin.status(queue.name) else { return }
            guard status.messages == 0, status.consumers == 0 else {
                report.retired.append(queue.name)
                return
            }
        }
        try await admin.deleteQueue(queue.name)
        report.deleted.append(queue.name)
    }

    /// - Returns: How many messages were moved; each was confirmed in its new place before it left the old one.
    private func move(_ queue: RetiredQueue, _ admin: RabbitMQAdmin) async throws -> Int {
        let publisher = RabbitMQPublisher(configuration: configuration, logger: logger)
        let result: Result<Int, any Error>
        do {
            result = .success(
                try await admin.withSession { session in
                    var count = 0
                    while let message = try await session.get(queue.name) {
                        let outcome = try await publisher.publish(DeadLetter.copy(message, to: queue.successor))
                        guard outcome == .confirmed else { throw QueueNotMoved(queue: queue.name, outcome: outcome) }
                        try await session.ack(message.deliveryTag)
                        count += 1
                    }
                    return count
                })
        } catch {
            result = .failure(error)
        }
        await publisher.close()
        return try result.get()
    }
}

/// The broker did not take a message into the queue that replaces its old one. It stays where it was.
struct QueueNotMoved: Error, CustomStringConvertible {
    let queue: String
    let outcome: PublishOutcome
    var description: String { "a message of \(queue) cannot be moved: \(outcome)" }
}
