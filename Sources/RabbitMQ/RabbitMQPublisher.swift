import DriverSupport
public import Logging
import Synchronization

/// Publishes messages with confirms.
///
/// One connection, owned by one thread, which merges the publishes of many tasks into few flushes. It connects at the
/// first publish and reconnects by itself. A publish that finds no connection waits for the next attempt to connect and
/// fails with it.
public final class RabbitMQPublisher: Sendable {
    private let shared: PublisherShared
    private let lastID = Atomic<UInt64>(0)

    /// Creates a publisher. Nothing is connected yet.
    public init(configuration: RabbitMQConfiguration, logger: Logger) {
        shared = PublisherShared(configuration: configuration, logger: logger)
    }

    deinit { shared.beginClosing() }

    /// Publishes a message and awaits the broker's word on it.
    ///
    /// - Throws: see ``publish(_:timeout:)-([RabbitMQMessage],_)``.
    public func publish(_ message: RabbitMQMessage, timeout: Duration? = nil) async throws -> PublishOutcome {
        let outcomes = try await publish([message], timeout: timeout)
        guard let outcome = outcomes.first else { throw RabbitMQError(.protocolViolation, "no outcome") }
        return outcome
    }

    /// Publishes messages in one flush and awaits the broker's word on each; outcomes are in the messages' order.
    ///
    /// `timeout` replaces the configuration's ``RabbitMQConfiguration/publishTimeout`` for this call.
    /// - Throws: ``RabbitMQError`` if the outcome of any message is unknown: `connectionLost`, `timeout`, `blocked` (the
    ///   broker had blocked the connection when time ran out), `connectionFailed`, `authentication`, `notFound` (no such
    ///   exchange), `invalidMessage`, `closed`. Its ``RabbitMQError/isOutcomeUnknown`` is false if nothing was sent.
    ///   `CancellationError` if the task is cancelled; what was sent by then may arrive.
    public func publish(_ messages: [RabbitMQMessage], timeout: Duration? = nil) async throws -> [PublishOutcome] {
        for message in messages { try MessageLimits.check(message) }
        if messages.isEmpty { return [] }
        let id = lastID.add(1, ordering: .relaxed).newValue
        let deadline = MonotonicTime.now + (timeout ?? shared.configuration.publishTimeout)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                shared.submit(
                    OpenPublish(id: id, messages: messages, deadline: deadline, continuation: continuation))
            }
        } onCancel: {
            shared.cancel(id)
        }
    }

    /// Begins to connect in the background, before the first publish.
    /// - Throws: ``RabbitMQError`` of kind `closed`.
    public func connect() throws {
        try shared.connect()
    }

    /// Whether there is a connection right now.
    public var isConnected: Bool { shared.status.isConnected }

    /// Whether the broker has blocked this connection (a memory or disk alarm): publishes wait for its end.
    public var isBlocked: Bool { shared.status.isBlocked }

    /// The reason why there is no connection, if the last attempt failed or the last one broke.
    public var lastError: RabbitMQError? { shared.status.lastError }

    /// Accepts nothing more, awaits what is under way up to its deadlines, and closes the connection.
    public func close() async {
        shared.beginClosing()
        await shared.control.waitUntilEnded()
    }
}
