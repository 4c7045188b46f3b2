public import Postgres

/// Runs units of work: the one way in which a service writes.
public struct Transactor: Sendable {
    private let database: PostgresClient
    private let outboxWake: Wake
    private let handover: OutboxHandover?

    /// - Parameters:
    ///   - database: The service's own database.
    ///   - outboxWake: Rung after a commit that wrote to the outbox; the relay waits for it.
    ///   - handover: Takes the messages after their commit, for the relay; nil leaves them in the outbox for any relay.
    public init(database: PostgresClient, outboxWake: Wake, handover: OutboxHandover? = nil) {
        self.database = database
        self.outboxWake = outboxWake
        self.handover = handover
    }

    /// - Parameter database: Of a role that sends no messages and has no outbox.
    public init(database: PostgresClient) {
        self.init(database: database, outboxWake: Wake())
    }

    /// Runs `body` in one transaction, writes its messages to the outbox with it, and after the commit runs the
    /// actions it asked for.
    ///
    /// A task that is cancelled commits nothing; one that is cancelled later does everything that follows the commit.
    ///
    /// If the connection is lost during COMMIT, the database is asked for the mark that the transaction wrote: if it
    /// has committed, this goes on as if the answer had come; if not, the body runs again.
    ///
    /// - Throws: What `body` throws; ``PostgresError``.
    public func run<Result: Sendable>(
        _ body: @Sendable (UnitOfWork) async throws -> Result
    ) async throws -> Result {
        let lastMark = LastCommitMark()
        let options = PostgresTransactionOptions { session in
            // What has written nothing has nothing to lose.
            guard let mark = lastMark.value else { return true }
            return try await mark.hasCommitted(in: session)
        }
        let (result, work, rows): (Result, UnitOfWork, [Outbox.Row]) = try await database.transaction(options) {
            transaction in
            let work = UnitOfWork(transaction: transaction)
            let result = try await body(work)
            let messages = work.messages
            let mark = CommitMark()
            let closing = Outbox.insertion(of: messages, claim: handover?.claim) + [mark.insertion]
            let answers = try await transaction.batch(closing)
            lastMark.value = answers.last?.affectedRows == 1 ? mark : nil
            CrashPoint.beforeCommit.reached(messages.map(\.type))
            return (result, work, messages.isEmpty ? [] : try Outbox.inserted(messages, answers[0]))
        }
        CrashPoint.afterCommit.reached(work.messages.map(\.type))
        handover?.add(rows)
        if !work.messages.isEmpty { outboxWake.ring() }
        // A cache that is not told because the caller has gone would be wrong for everybody else.
        let actions = work.actions
        if !actions.isEmpty { await Task { for action in actions { await action() } }.value }
        return result
    }
}
