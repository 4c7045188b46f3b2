public import Postgres

/// Runs units of work: the one way in which a service writes.
public struct Transactor: Sendable {
    private let database: PostgresClient
    private let outboxWake: Wake
    private let handover: OutboxHandover?
    private let direct: DirectPublisher?

    /// - Parameters:
    ///   - database: The service's own database.
    ///   - outboxWake: Rung after a commit that wrote to the outbox; the relay waits for it.
    ///   - handover: Takes the messages after their commit, for the relay; nil leaves them in the outbox for any relay.
    public init(database: PostgresClient, outboxWake: Wake, handover: OutboxHandover? = nil) {
        self.init(database: database, outboxWake: outboxWake, handover: handover, direct: nil)
    }

    /// - Parameter direct: Takes the messages that follow from rows; nil leaves them to whoever sees to the rows.
    init(database: PostgresClient, outboxWake: Wake, handover: OutboxHandover?, direct: DirectPublisher?) {
        self.database = database
        self.outboxWake = outboxWake
        self.handover = handover
        self.direct = direct
    }

    /// - Parameter database: Of a role that sends no messages and has no outbox.
    public init(database: PostgresClient) {
        self.init(database: database, outboxWake: Wake())
    }

    /// Runs `body` in one transaction, writes its messages to the outbox with it, and after the commit runs the
    /// actions it asked for. Messages that follow from its rows are published after the commit; this does not wait for
    /// the broker.
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
        let (result, work) = try await commit(body)
        if let direct { direct.submit(Self.required(work, of: direct)) }
        await runActions(of: work)
        return result
    }

    /// Does the same, and awaits the broker's word on the messages that follow from its rows.
    ///
    /// - Throws: ``PublishFailure``, `CancellationError` as well: then the transaction has committed, and all that was
    ///   asked for is done but for these messages.
    func runAwaitingPublish(_ body: @Sendable (UnitOfWork) async throws -> Void) async throws {
        let (_, work) = try await commit(body)
        guard let direct else { return await runActions(of: work) }
        let messages = Self.required(work, of: direct)
        async let published: Void = direct.publish(messages)
        await runActions(of: work)
        try await published
    }

    /// The messages that are not to be missed; the others are published in passing.
    private static func required(_ work: UnitOfWork, of direct: DirectPublisher) -> [Envelope] {
        let following = work.following
        direct.wakeOthers(following.filter { !$0.message.mandatory }.map { $0.envelope(from: direct.service) })
        return following.filter(\.message.mandatory).map { $0.envelope(from: direct.service) }
    }

    private func commit<Result: Sendable>(
        _ body: @Sendable (UnitOfWork) async throws -> Result
    ) async throws -> (Result, UnitOfWork) {
        let lastMark = LastCommitMark()
        let options = PostgresTransactionOptions { session in
            // What has written nothing has nothing to lose.
            guard let mark = lastMark.value else { return true }
            return try await mark.hasCommitted(in: session)
        }
        let (result, work, closing) = try await database.transaction(options) { transaction in
            let work = UnitOfWork(transaction: transaction)
            let result = try await body(work)
            let closing = try await close(work, lastMark)
            CrashPoint.beforeCommit.reached(work.types)
            return (result, work, closing)
        }
        CrashPoint.afterCommit.reached(work.types)
        let messages = work.messages
        if !messages.isEmpty {
            // Without the answer to the COMMIT their ids are not known here, and the relay finds the rows when their
            // claim is over. What has committed does not fail any more.
            if let answer = closing?.rows?.first, let rows = try? Outbox.inserted(messages, answer) {
                handover?.add(rows)
            }
            outboxWake.ring()
        }
        return (result, work)
    }

    /// Has the outbox's rows and the mark written, in the flush of the COMMIT.
    private func close(_ work: UnitOfWork, _ lastMark: LastCommitMark) async throws -> ClosingAnswers? {
        let mark = CommitMark()
        let messages = work.messages
        guard work.transaction.mayHaveWritten || !messages.isEmpty else {
            // It may well have written nothing: then there is nothing to lose and nothing to ask for, which is known
            // only by the answer.
            lastMark.value = try await work.transaction.query(mark.insertion).affectedRows == 1 ? mark : nil
            return nil
        }
        // If it has written nothing all the same and its COMMIT is lost, it is run again, as if it had not committed.
        lastMark.value = mark
        return try work.transaction.enqueueLast(
            Outbox.insertion(of: messages, claim: handover?.claim) + [mark.insertion]
                + (work.mayBeLost ? [.commitWithoutWaiting] : []))
    }

    private func runActions(of work: UnitOfWork) async {
        // A cache that is not told because the caller has gone would be wrong for everybody else.
        let actions = work.actions
        if !actions.isEmpty { await Task { for action in actions { await action() } }.value }
    }
}

extension UnitOfWork {
    /// The types of all its messages.
    fileprivate var types: [String] { messages.map(\.type) + following.map(\.message.type) }
}
