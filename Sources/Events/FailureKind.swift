import Postgres
import RabbitMQ

/// What a failure says about the message that was being handled.
enum FailureKind {
    /// Nothing: a backend is away or busy. The message waits where it is, and no attempt is charged to it.
    case backend
    /// The message can never be handled.
    case permanent(MessageRejection)
    /// The message may succeed later.
    case transient

    init(_ error: any Error) {
        switch error {
        case let rejection as MessageRejection: self = .permanent(rejection)
        case is CancellationError: self = .backend
        case let error as PostgresError: self = Self.isBackend(error) ? .backend : .transient
        case is RabbitMQError: self = .backend
        default: self = .transient
        }
    }

    private static func isBackend(_ error: PostgresError) -> Bool {
        guard let state = error.sqlState else { return true }
        // 08 connection, 40 serialization and deadlock, 53 resources, 57 operator intervention, 58 system.
        return error.isRetryable || ["08", "40", "53", "57", "58"].contains(String(state.rawValue.prefix(2)))
    }
}
