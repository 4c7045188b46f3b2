/// The way a transaction runs.
public struct PostgresTransactionOptions: Sendable {
    /// The part of others' work that a transaction sees.
    public enum IsolationLevel: String, Sendable {
        case readCommitted = "READ COMMITTED"
        case repeatableRead = "REPEATABLE READ"
        case serializable = "SERIALIZABLE"
    }

    /// Nil for the database's default.
    public var isolation: IsolationLevel?

    public var readOnly: Bool

    /// The greatest number of times that the body runs: it is run again after a serialization failure, a deadlock, or a
    /// connection lost before the COMMIT was sent.
    public var attempts: Int

    /// Tells whether the transaction has committed, when the connection was lost during the COMMIT. If it has not, the
    /// body runs again. Without a probe the transaction throws `.commitOutcomeUnknown`.
    ///
    /// It runs in a session on another connection, and again if that is lost. It must ask for something that the
    /// transaction itself wrote, and in a way that the transaction cannot commit any more after an answer of false: by
    /// inserting the same unique key, say.
    public var outcomeProbe: (@Sendable (PostgresSession) async throws -> Bool)?

    /// The time the probe is repeated before the transaction throws `.commitOutcomeUnknown` after all. Longer than the
    /// server keeps a transaction open whose client has gone (`idleInTransactionTimeout`).
    public var probePatience = Duration.seconds(120)

    public init(
        isolation: IsolationLevel? = nil, readOnly: Bool = false, attempts: Int = 5,
        outcomeProbe: (@Sendable (PostgresSession) async throws -> Bool)? = nil
    ) {
        self.isolation = isolation
        self.readOnly = readOnly
        self.attempts = attempts
        self.outcomeProbe = outcomeProbe
    }

    var opening: TransactionOpening {
        var sql = "BEGIN"
        if let isolation { sql += " ISOLATION LEVEL \(isolation.rawValue)" }
        if readOnly { sql += " READ ONLY" }
        return TransactionOpening(sql, isReadOnly: readOnly)
    }
}
