public import Logging
public import RabbitMQ

/// A service's dead letters, looked through without ever being returned to the queue: a broker counts returns, and by a
/// limit, its own or a policy's, drops what was returned too often.
///
/// Each letter that stays is published to the end of the queue, and the original acknowledged once the broker has
/// confirmed the copy. Cut short, a letter is there twice, and never not at all.
public struct DeadLetterQueue: Sendable {
    /// The fate of a letter that was looked at.
    public enum Verdict: Sendable {
        /// It stays.
        case keep
        /// It goes where the message says, and leaves the queue.
        case move(RabbitMQMessage)
    }

    /// A failure to give a letter its new place.
    public enum Refusal: Error, Sendable {
        /// No queue of this name takes it.
        case unroutable(queue: String)
        /// The broker did not take it.
        case nacked(queue: String)
    }

    /// The most letters that are looked through for the sake of their order.
    public static let orderLimit = 10_000

    private let topology: ServiceTopology
    private let broker: RabbitMQConfiguration
    private let logger: Logger

    public init(topology: ServiceTopology, broker: RabbitMQConfiguration, logger: Logger) {
        self.topology = topology
        self.broker = broker
        self.logger = logger
    }

    /// Looks at the oldest letters. They stay, in the order they had (that of more than 10,000 is changed).
    ///
    /// - Returns: How many letters there are, and the oldest.
    /// - Throws: ``RabbitMQError``: `notFound` if there is no such queue; ``Refusal``.
    public func look(limit: Int) async throws -> (total: Int, letters: [Delivery]) {
        var letters: [Delivery] = []
        let total = try await walk(atOnce: 64) { total in
            guard letters.count < limit || total <= Self.orderLimit else { return nil }
            return { letter in
                if letters.count < limit { letters.append(letter) }
                return .keep
            }
        }
        return (total, letters)
    }

    /// Looks at each letter that was there at the start, the oldest first, and does with it what the body says.
    ///
    /// - Parameters:
    ///   - atOnce: How many letters are taken, published and acknowledged together.
    ///   - moved: Is told of each letter whose move the broker has confirmed.
    ///   - next: Given how many letters there were, what to do with the next one; nil to stop.
    /// - Returns: How many letters there were.
    /// - Throws: ``RabbitMQError``; ``Refusal``; what `next` throws. What was not settled stays in the queue.
    @discardableResult
    public func walk(
        atOnce: Int = 1, moved: (Delivery) -> Void = { _ in }, isolation: isolated (any Actor)? = #isolation,
        _ next: (_ total: Int) async throws -> ((Delivery) async throws -> Verdict)?
    ) async throws -> Int {
        let admin = RabbitMQAdmin(configuration: broker, logger: logger)
        let publisher = RabbitMQPublisher(configuration: broker, logger: logger)
        let result: Result<Int, any Error>
        do {
            let total = try await admin.checkQueue(topology.dead).messages
            try await admin.withSession { session in
                var left = total
                while left > 0 {
                    var taken: [(letter: Delivery, message: RabbitMQMessage, isMoved: Bool)] = []
                    while taken.count < min(left, atOnce), let judge = try await next(total),
                        let letter = try await session.get(topology.dead)
                    {
                        switch try await judge(letter) {
                        case .keep: taken.append((letter, DeadLetter.copy(letter, to: topology.dead), false))
                        case .move(let message): taken.append((letter, message, true))
                        }
                    }
                    if taken.isEmpty { return }
                    left -= taken.count
                    CrashPoint.beforeMove.reached(by: taken.map(\.message))
                    let outcomes = try await publisher.publish(taken.map(\.message))
                    CrashPoint.afterMove.reached(by: taken.map(\.message))
                    for ((letter, message, isMoved), outcome) in zip(taken, outcomes) {
                        switch outcome {
                        case .confirmed:
                            if isMoved { moved(letter) }
                            try await session.ack(letter.deliveryTag)
                        case .nacked: throw Refusal.nacked(queue: message.routingKey)
                        case .returned: throw Refusal.unroutable(queue: message.routingKey)
                        }
                    }
                }
            }
            result = .success(total)
        } catch {
            result = .failure(error)
        }
        await publisher.close()
        await admin.close()
        return try result.get()
    }
}
