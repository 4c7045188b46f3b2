/// How a transaction runs.
public struct PostgresTransactionOptions: Sendable {
    /// How much of others' work a transaction sees.
    public enum IsolationLevel: String, Sendable {
        case readCommitted = "READ COMMITTED"
        case repeatableRead = "REPEATABLE READ"
        case serializable = "SERIALIZABLE"
    }

    /// Nil for the database's default.
    public var isolation: IsolationLevel?

    public var readOnly: Bool

    /// How often the body runs at most: it is run again after a serialization failure, a deadlock, or a connection
    /// lost before the COMMIT was sent.
    public var attempts: Int

    /// Tells whether the transaction has committed, when the connection was lost during the COMMIT: it looks, in a
    /// session on a fresh connection, for something the transaction wrote. If it has not, the body runs again.
    /// Without a probe the transaction throws `.commitOutcomeUnknown`.
    public var outcomeProbe: (@Sendable (PostgresSession) async throws -> Bool)?

    public init(
        isolation: IsolationLevel? = nil, readOnly: Bool = false, attempts: Int = 5,
        outcomeProbe: (@Sendable (PostgresSession) async throws -> Bool)? = nil
    ) {
        self.isolation = isolation
        self.readOnly = readOnly
        self.attempts = attempts
        self.outcomeProbe = outcomeProbe
    }

    var opening: String {
        var sql = "BEGIN"
        if let isolation { sql += " ISOLATION LEVEL \(isolation.rawValue)" }
        if readOnly { sql += " READ ONLY" }
        return sql
    }
}
