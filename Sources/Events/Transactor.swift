import FoundationEssentials

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

    /// Runs `body` in one transaction, writes its messages to the outbox with it, and after the commit runs the
    /// actions it asked for.
    ///
    /// If the connection is lost during COMMIT, the database is asked what became of the transaction: if it has
    /// committed, this goes on as if the answer had come; if not, the body runs again.
    ///
    /// - Throws: What `body` throws; ``PostgresError``.
    public func run<Result: Sendable>(
        _ body: @Sendable (UnitOfWork) async throws -> Result
    ) async throws -> Result {
        let lastXID = XIDBox()
        let options = PostgresTransactionOptions { session in
            // What has written nothing has nothing to lose.
            guard let xid = lastXID.value else { return true }
            return try await Self.outcome(of: xid, in: session)
        }
        let (result, work, rows): (Result, UnitOfWork, [Outbox.Row]) = try await database.transaction(options) {
            transaction in
            let work = UnitOfWork(transaction: transaction)
            let result = try await body(work)
            let messages = work.messages
            let closing =
                Outbox.insertion(of: messages, claim: handover?.claim)
                + ["SELECT pg_current_xact_id_if_assigned()::text"]
            let answers = try await transaction.batch(closing)
            lastXID.value = try answers.last?.decode((String?).self).first ?? nil
            return (result, work, messages.isEmpty ? [] : try Outbox.inserted(messages, answers[0]))
        }
        handover?.add(rows)
        if !work.messages.isEmpty { outboxWake.ring() }
        for action in work.actions { await action() }
        return result
    }

    /// Whether a transaction has committed; waits while the server is still busy with it.
    private static func outcome(of xid: String, in session: PostgresSession) async throws -> Bool {
        while true {
            let rows = try await session.query("SELECT pg_xact_status(\(xid)::xid8)")
            switch try rows.decode((String?).self).first ?? nil {
            case "committed": return true
            case "in progress": try await Task.sleep(for: .milliseconds(50))
            default: return false
            }
        }
    }
}
