import Postgres
import RabbitMQ

/// The bearing of a failure on the message that was being handled.
enum FailureKind {
    /// Nothing: a backend is away or busy. The message waits where it is, and no attempt is charged to it.
    case backend
    /// The message can never be handled.
    case permanent(MessageRejection)
    /// The message may succeed later, or with a later version of this program.
    case transient

    init(_ error: any Error) {
        switch error {
        case let rejection as MessageRejection:
            self = rejection.errorClass.isForGood ? .permanent(rejection) : .transient
        case is CancellationError: self = .backend
        case let failure as PublishFailure: self = failure.error.kind == .invalidMessage ? .transient : .backend
        case let error as PostgresError: self = Self.kind(error)
        case let error as RabbitMQError: self = error.isRetryable || error.kind == .closed ? .backend : .transient
        default: self = .transient
        }
    }

    private static func kind(_ error: PostgresError) -> FailureKind {
        switch (error.kind, error.sqlState) {
        // A statement that was too slow, a lock that was not to be had: another message may well get through.
        case (.server, .lockNotAvailable?), (.server, .queryCanceled?), (.timeout, .queryCanceled?): return .transient
        // A limit of each session's own, on temporary files say: others stay below it.
        case (.server, .configurationLimitExceeded?): return .transient
        // Conflicts that have outlasted the transaction's own attempts.
        case (.server, .serializationFailure?), (.server, .deadlockDetected?): return .transient
        // The server only reads: it is a standby, or was demoted.
        case (_, .readOnlyTransaction?): return .backend
        default: break
        }
        if error.isRetryable { return .backend }
        switch (error.kind, error.sqlState?.classCode) {
        // Connection, resources, operator intervention, system.
        case (_, "08"?), (_, "53"?), (_, "57"?), (_, "58"?): return .backend
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

    /// Whether the failure may be of the message's own making though it looks like a backend that is away: whether it is,
    /// other work tells that the same database does.
    static func mayBeOwnMaking(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError else { return false }
        return isLostConnection(error) || error.sqlState == .outOfMemory || error.sqlState == .ioError
    }

    /// Whether the server lacks something, or fails itself. It may have enough for one piece of work and not for another,
    /// which is not to blame for it.
    static func isServersTrouble(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError, case .backend = FailureKind(error) else { return false }
        return error.sqlState?.classCode == "53" || error.sqlState?.classCode == "58"
    }

    /// Whether the failure is a connection that broke, which the message itself may have brought about.
    private static func isLostConnection(_ error: PostgresError) -> Bool {
        error.kind == .connection || error.kind == .commitOutcomeUnknown
    }
}
