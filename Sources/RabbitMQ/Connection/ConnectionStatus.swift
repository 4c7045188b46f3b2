import Logging
import Metrics
import Synchronization

/// The state of a connection as tasks may see it, and the one place that logs its changes.
final class ConnectionStatus: Sendable {
    private struct State {
        var isConnected = false
        var isBlocked = false
        var lastError: RabbitMQError?
        var hasBeenConnected = false
    }

    private let state = Mutex(State())
    private let logger: Logger
    private let metrics: ConnectionMetrics

    init(logger: Logger, metrics: ConnectionMetrics, configuration: RabbitMQConfiguration) {
        var logger = logger
        logger[metadataKey: "rabbitmq_connection"] = .string(configuration.name)
        logger[metadataKey: "rabbitmq_broker"] = .string(configuration.redacted)
        self.logger = logger
        self.metrics = metrics
    }

    var isConnected: Bool { state.withLock { $0.isConnected } }
    var isBlocked: Bool { state.withLock { $0.isBlocked } }
    var lastError: RabbitMQError? { state.withLock { $0.lastError } }

    /// The connection is made.
    func connected() {
        let isAgain = state.withLock { state in
            defer {
                state.isConnected = true
                state.lastError = nil
                state.hasBeenConnected = true
            }
            return state.hasBeenConnected
        }
        if isAgain { metrics.reconnects.increment() }
        logger.debug("connected to RabbitMQ")
    }

    /// The connection is gone, or could not be made. Says so once for each new reason.
    func failed(_ error: RabbitMQError) {
        let isNews = state.withLock { state in
            defer {
                state.isConnected = false
                state.isBlocked = false
                state.lastError = error
            }
            return state.isConnected || state.lastError?.text != error.text
        }
        logger.log(level: isNews ? .warning : .debug, "no connection to RabbitMQ", metadata: ["error": "\(error)"])
    }

    /// The connection has been closed on purpose.
    func closed() {
        state.withLock { state in
            state.isConnected = false
            state.isBlocked = false
        }
    }

    /// The broker accepts no publishes for now.
    func blocked(_ reason: String) {
        state.withLock { $0.isBlocked = true }
        logger.warning("RabbitMQ has blocked publishing", metadata: ["reason": .string(reason)])
    }

    /// The broker accepts publishes again.
    func unblocked() {
        state.withLock { $0.isBlocked = false }
        logger.info("RabbitMQ accepts publishing again")
    }

    /// Something that should not happen but does no harm.
    func notice(_ message: Logger.Message) {
        logger.warning(message)
    }
}
