public import Postgres
import Synchronization

/// One local transaction with everything that must happen with it: messages that are written to the outbox
/// before it commits, and actions that run once it has.
///
/// A transaction that is retried starts over with an empty unit, so nothing is sent or done twice.
public final class UnitOfWork: Sendable {
    /// What runs after the commit. It cannot fail the work: it is done.
    public typealias CommitAction = @Sendable () async -> Void

    private struct State {
        var messages: [OutboxMessage] = []
        var actions: [CommitAction] = []
    }

    /// The transaction; all SQL of the work goes through it.
    public let transaction: PostgresTransaction
    private let state = Mutex(State())

    init(transaction: PostgresTransaction) {
        self.transaction = transaction
    }

    /// Has a message published if, and only if, the transaction commits.
    public func send(_ message: OutboxMessage) {
        state.withLock { $0.messages.append(message) }
    }

    /// Has an action run after the transaction has committed.
    public func afterCommit(_ action: @escaping CommitAction) {
        state.withLock { $0.actions.append(action) }
    }

    var messages: [OutboxMessage] { state.withLock { $0.messages } }
    var actions: [CommitAction] { state.withLock { $0.actions } }
}
