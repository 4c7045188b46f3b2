import GRPCCore
import Postgres

extension ServiceError {
    /// The error that a caller may be told for any other.
    ///
    /// An error nobody foresaw becomes `INTERNAL` with the reason ``internalReason`` and says nothing of its cause.
    public init(mapping error: any Error) {
        switch error {
        case let error as ServiceError: self = error
        case let error as TokenError: self = error.serviceError
        case let error as PostgresError: self.init(database: error)
        case is CancellationError:
            self =
                CallContext.current?.sent.mayHaveActed == true
                ? .outcomeUnknown : .cancelled("cancelled", "the call was cancelled")
        case let error as RPCError: self.init(peer: error)
        case let error as any RPCErrorConvertible: self.init(peer: RPCError(error))
        default: self = .hidden
        }
    }

    /// The reason of errors whose cause is in the log only.
    public static let internalReason = "internal_error"

    /// The reason of a database that answers, but had no lock or no time for a statement.
    public static let databaseBusyReason = "database_busy"

    static let hidden = ServiceError(.internal, reason: internalReason, message: "internal error")

    /// Whether the caller is told nothing of the cause, so that it has to be logged.
    var hidesCause: Bool { code == .internal && reason == Self.internalReason }

    static let outOfTime = ServiceError.deadlineExceeded("deadline_exceeded", "another service did not answer in time")

    private static let peerUnavailable = ServiceError.unavailable(
        "peer_unavailable", "another service is not available; try again later")

    private init(database error: PostgresError) {
        switch error.kind {
        case .server where error.sqlState == .lockNotAvailable:
            self = .unavailable(
                Self.databaseBusyReason, "the database was busy: a lock was not free in time; try again later")
        case .timeout where error.sqlState == .queryCanceled:
            self = .unavailable(
                Self.databaseBusyReason, "the database was busy: a statement took too long; try again later")
        case .connection, .timeout, .poolTimeout, .closed:
            self = .unavailable("database_unavailable", "the database is not available; try again later")
        case .commitOutcomeUnknown:
            self = .unavailable(
                Self.outcomeUnknownReason, "it is not known whether the change was made; look before repeating")
        case .cancelled:
            self = .cancelled("cancelled", "the call was cancelled")
        case .server where error.isRetryable:
            self = .aborted("conflict", "others change the same things; try again")
        case .server where Self.isServerAway(error.sqlState):
            self = .unavailable("database_unavailable", "the database is not available; try again later")
        default:
            self = .hidden
        }
    }

    /// SQLSTATE classes 08 (connection), 53 (resources) and 57 (operator intervention), and a server without writes.
    private static func isServerAway(_ state: SQLState?) -> Bool {
        guard let state else { return false }
        return state == .readOnlyTransaction || ["08", "53", "57"].contains(state.classCode)
    }

    /// An error that came over gRPC: a shop's service's own is passed on, a transport's keeps only its code.
    ///
    /// A transport's error leaves open what has become of a call of a method that writes and was sent; who has not noted
    /// how far it came (``SentCalls``) must suppose so at a deadline.
    private init(peer error: RPCError) {
        let received = ServiceError(error)
        guard error.shopReason == nil else {
            self = received
            return
        }
        let sent = CallContext.current?.sent
        switch received.code {
        case .unavailable where sent?.mayHaveActed == true: self = .outcomeUnknown
        case .unavailable: self = Self.peerUnavailable
        case .deadlineExceeded where sent?.mayHaveActed ?? true: self = .outcomeUnknownInTime
        case .deadlineExceeded where sent?.isWaiting == true: self = Self.peerUnavailable
        case .deadlineExceeded: self = Self.outOfTime
        case .cancelled where sent?.mayHaveActed == true: self = .outcomeUnknown
        case .cancelled: self = .cancelled("cancelled", "the call was cancelled")
        case .invalidArgument: self = .invalidArgument("malformed_message", "the message cannot be read")
        case .unimplemented: self = .unimplemented("unimplemented", "there is no such operation")
        case .resourceExhausted: self = .resourceExhausted("resource_exhausted", "the message is too large")
        default: self = .hidden
        }
    }
}
