/// A fault in the driver or on the server.
///
/// Never holds a parameter's value or a password; `detail` is the server's own and may quote a row's key.
public struct PostgresError: Error, Sendable {
    /// The kind of failure: what a caller decides by.
    public enum Kind: String, Sendable {
        /// The server refused the statement; see `sqlState`.
        case server
        /// No connection, or it was lost while the statement cannot have committed.
        case connection
        /// A deadline has passed: connecting, or the server's `statement_timeout` (then `sqlState` is 57014).
        case timeout
        /// The calling task was cancelled; nothing was committed by this call.
        case cancelled
        /// The connection was lost while a commit was under way: it may have happened or not.
        case commitOutcomeUnknown
        /// A result does not have the shape or type it was decoded as.
        case decoding
        /// A parameter cannot be sent; nothing was.
        case encoding
        /// The client, session or transaction is closed.
        case closed
        /// No connection of the pool became free in time.
        case poolTimeout
        /// The transaction had failed before, and its COMMIT was answered with ROLLBACK.
        case transactionAborted
        /// The driver was used wrongly: a programming error.
        case usage
    }

    public var kind: Kind
    public var sqlState: SQLState?
    public var message: String
    public var detail: String?
    public var hint: String?
    public var schema: String?
    public var table: String?
    public var column: String?
    public var constraint: String?
    /// The place in the SQL text at which the server saw the error, in characters from 1.
    public var position: Int?
    /// The statement's text, without its parameters.
    public var query: String?
    /// The place of the failing call.
    public var file: String?
    public var line: Int?

    /// Whether the same work can be tried again: nothing of it was committed, and the cause may pass.
    ///
    /// True for 40001, 40P01 and stale plans (after the transaction was rolled back), for a connection that was
    /// refused for a passing reason or lost before any commit, and for a pool that had no free connection.
    public var isRetryable: Bool

    /// The server rejected a prepared statement whose result type has changed since.
    var isStalePlan = false
    /// A notice that a commit no longer waits for its synchronous standby: the primary has it, the standby may not.
    var isUnreplicatedCommit = false
    /// The server ended the connection with this error.
    var endsConnection = false

    init(_ kind: Kind, _ message: String, sqlState: SQLState? = nil, isRetryable: Bool = false) {
        self.kind = kind
        self.message = message
        self.sqlState = sqlState
        self.isRetryable = isRetryable
    }

    /// The same error, telling which statement it belongs to and which call made it.
    func at(_ site: CallSite?, query: String? = nil) -> PostgresError {
        var error = self
        if error.query == nil { error.query = query }
        if let site, error.file == nil {
            error.file = site.file
            error.line = site.line
        }
        return error
    }
}

extension PostgresError: CustomStringConvertible {
    /// The fault without the statement and the place in the source: for operators, and for what is kept of it.
    public var summary: String {
        var text = "postgres \(kind.rawValue)"
        if let sqlState { text += " \(sqlState)" }
        text += ": \(message)"
        if let hint { text += " (hint: \(hint))" }
        if let constraint { text += " [constraint \(constraint)]" }
        return text
    }

    public var description: String {
        var text = summary
        if let query { text += " in: \(query)" }
        if let file, let line { text += " at \(file):\(line)" }
        return text
    }
}

/// The place in the caller's source at which a query was made.
struct CallSite: Sendable {
    let file: String
    let line: Int
}

extension PostgresError {
    static func cancelled() -> PostgresError {
        PostgresError(.cancelled, "the task was cancelled")
    }

    static func closed() -> PostgresError {
        PostgresError(.closed, "the client is closed")
    }
}
