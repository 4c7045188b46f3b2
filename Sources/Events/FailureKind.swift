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
        case let error as PostgresError: self = Self.kind(error)
        case let error as RabbitMQError: self = error.isRetryable || error.kind == .closed ? .backend : .transient
        default: self = .transient
        }
    }

    private static func kind(_ error: PostgresError) -> FailureKind {
        if error.isRetryable { return .backend }
        switch (error.kind, error.sqlState?.classCode) {
        // Connection, serialization and deadlock, resources, operator intervention, system.
        case (_, "08"?), (_, "40"?), (_, "53"?), (_, "57"?), (_, "58"?): return .backend
        case (.connection, _), (.timeout, _), (.poolTimeout, _), (.closed, _), (.cancelled, _),
            (.commitOutcomeUnknown, _):
            return .backend
        // A text with NUL, a number out of range: no later attempt makes them fit.
        case (.encoding, _), (_, "22"?):
            return .permanent(
                MessageRejection(
                    .undecodable,
                    "the database cannot hold what it says: \(error.message)\(error.sqlState.map { " (\($0))" } ?? "")")
            )
        default: return .transient
        }
    }
}
