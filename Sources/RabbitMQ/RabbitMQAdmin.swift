public import Logging

/// Topology and what operators need: declares, looks at, empties and deletes queues and exchanges.
///
/// One connection, made at the first call and kept until ``close()``. Refusals of the broker are ``RabbitMQError``s by
/// reply code: `notFound` (404), `preconditionFailed` (406), `accessRefused` (403), `resourceLocked` (405).
public final class RabbitMQAdmin: Sendable {
    private let configuration: RabbitMQConfiguration
    private let logger: Logger
    private let thread: AdminThread

    /// Creates an admin. Nothing is connected yet.
    public init(configuration: RabbitMQConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        thread = AdminThread(configuration: configuration)
    }

    deinit { thread.control.stop() }

    // MARK: Exchanges

    /// Declares an exchange; does nothing if there is an equal one.
    /// - Throws: ``RabbitMQError``: `preconditionFailed` if there is one of another kind or durability.
    public func declareExchange(
        _ name: String, kind: ExchangeKind, durable: Bool = true, arguments: [String: HeaderValue] = [:]
    ) async throws {
        try check(name, arguments)
        try await thread.perform { connection throws(RabbitMQError) in
            try connection.declareExchange(
                name, type: kind.rawValue, passive: false, durable: durable, arguments: arguments)
        }
        logger.debug("exchange declared", metadata: ["exchange": .string(name)])
    }

    /// Looks whether an exchange exists.
    /// - Throws: ``RabbitMQError``: `notFound` if it does not.
    public func checkExchange(_ name: String) async throws {
        try check(name)
        try await thread.perform { connection throws(RabbitMQError) in
            try connection.declareExchange(name, type: "direct", passive: true, durable: false, arguments: [:])
        }
    }

    /// Deletes an exchange; does nothing if there is none.
    public func deleteExchange(_ name: String) async throws {
        try check(name)
        try await thread.perform { connection throws(RabbitMQError) in try connection.deleteExchange(name) }
    }

    // MARK: Queues

    /// Declares a queue and its bindings; does nothing if there is an equal one.
    /// - Throws: ``RabbitMQError``: `preconditionFailed` if there is one with other arguments.
    @discardableResult
    public func declareQueue(_ name: String, _ declaration: QueueDeclaration) async throws -> QueueStatus {
        try check(name, declaration.arguments)
        let status = try await thread.perform { connection throws(RabbitMQError) in
            let (name, status) = try connection.declareQueue(name, passive: false, declaration: declaration)
            for binding in declaration.bindings {
                try connection.bind(
                    queue: name, exchange: binding.exchange, routingKey: binding.routingKey, arguments: [:])
            }
            return status
        }
        logger.debug("queue declared", metadata: ["queue": .string(name)])
        return status
    }

    /// Declares a queue; does nothing if there is an equal one.
    /// - Throws: ``RabbitMQError``: `preconditionFailed` if there is one with other arguments.
    @discardableResult
    public func declareQueue(
        _ name: String, durable: Bool = true, exclusive: Bool = false, autoDelete: Bool = false,
        arguments: [String: HeaderValue] = [:]
    ) async throws -> QueueStatus {
        try await declareQueue(
            name,
            QueueDeclaration(durable: durable, exclusive: exclusive, autoDelete: autoDelete, arguments: arguments))
    }

    /// Looks at a queue.
    /// - Throws: ``RabbitMQError``: `notFound` if it does not exist.
    @discardableResult
    public func checkQueue(_ name: String) async throws -> QueueStatus {
        try check(name)
        return try await thread.perform { connection throws(RabbitMQError) in
            try connection.declareQueue(name, passive: true, declaration: QueueDeclaration()).status
        }
    }

    /// Looks at a queue; `nil` if it does not exist.
    public func status(_ queue: String) async throws -> QueueStatus? {
        do {
            return try await checkQueue(queue)
        } catch let error as RabbitMQError where error.kind == .notFound {
            return nil
        }
    }

    /// Routes messages of an exchange to a queue.
    /// - Throws: ``RabbitMQError``: `notFound` if either does not exist.
    public func bind(
        queue: String, exchange: String, routingKey: String, arguments: [String: HeaderValue] = [:]
    ) async throws {
        try check(queue, arguments)
        try await thread.perform { connection throws(RabbitMQError) in
            try connection.bind(queue: queue, exchange: exchange, routingKey: routingKey, arguments: arguments)
        }
    }

    /// Removes a route; does nothing if there is none.
    public func unbind(
        queue: String, exchange: String, routingKey: String, arguments: [String: HeaderValue] = [:]
    ) async throws {
        try check(queue, arguments)
        try await thread.perform { connection throws(RabbitMQError) in
            try connection.unbind(queue: queue, exchange: exchange, routingKey: routingKey, arguments: arguments)
        }
    }

    /// Drops all messages that are ready; returns how many.
    @discardableResult
    public func purge(_ queue: String) async throws -> Int {
        try check(queue)
        return try await thread.perform { connection throws(RabbitMQError) in try connection.purge(queue: queue) }
    }

    /// Deletes a queue; returns how many messages went with it. Does nothing if there is none.
    ///
    /// Quorum queues know neither condition.
    /// - Throws: ``RabbitMQError``: `preconditionFailed` if a condition does not hold.
    @discardableResult
    public func deleteQueue(_ name: String, ifUnused: Bool = false, ifEmpty: Bool = false) async throws -> Int {
        try check(name)
        return try await thread.perform { connection throws(RabbitMQError) in
            try connection.deleteQueue(name, ifUnused: ifUnused, ifEmpty: ifEmpty)
        }
    }

    // MARK: Messages

    /// Looks at up to `limit` messages at the head of a queue and puts them back, marked as redelivered.
    public func get(queue: String, limit: Int) async throws -> [Delivery] {
        try await withSession { session in
            let deliveries = try await session.get(queue, limit: limit)
            for delivery in deliveries { try await session.reject(delivery.deliveryTag, requeue: true) }
            return deliveries
        }
    }

    /// Lends a connection of its own for taking messages one by one; what is not settled at its end goes back.
    public func withSession<R: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ body: (RabbitMQSession) async throws -> R
    ) async throws -> R {
        let session = RabbitMQSession(configuration: configuration)
        do {
            let result = try await body(session)
            await session.close()
            return result
        } catch {
            await session.close()
            throw error
        }
    }

    /// Closes the connection; calls after it throw `closed`.
    public func close() async {
        await thread.close()
    }

    private func check(_ name: String, _ arguments: [String: HeaderValue] = [:]) throws(RabbitMQError) {
        try MessageLimits.checkShortString(name, "name")
        try MessageLimits.checkTable(arguments, "arguments")
    }
}
