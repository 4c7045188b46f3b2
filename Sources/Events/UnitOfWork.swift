public import FoundationEssentials
public import Postgres
import Synchronization

/// One local transaction with everything that must happen with it: messages that are written to the outbox
/// before it commits, messages that follow from its rows and are published once it has, and actions that run then.
///
/// A transaction that is retried starts over with an empty unit, so nothing is sent or done twice.
public final class UnitOfWork: Sendable {
    /// What runs after the commit. It cannot fail the work: it is done.
    public typealias CommitAction = @Sendable () async -> Void

    private struct State {
        var messages: [OutboxMessage] = []
        var following: [FollowingMessage] = []
        var actions: [CommitAction] = []
    }

    /// The transaction; all SQL of the work goes through it.
    public let transaction: PostgresTransaction
    private let state = Mutex(State())

    init(transaction: PostgresTransaction) {
        self.transaction = transaction
    }

    /// Has a message published if, and only if, the transaction commits: its row in the outbox sees to that.
    public func send(_ message: OutboxMessage) {
        state.withLock { $0.messages.append(message) }
    }

    /// Has a message published after the commit that follows from rows: whoever sees to these says it again if this
    /// process does not get to it.
    ///
    /// One that is not ``OutboxMessage/mandatory`` only wakes others: it is published if that is possible at once.
    ///
    /// - Parameter date: The time it carries; nil for that of its sending.
    public func publish(_ message: OutboxMessage, dated date: Date? = nil) {
        state.withLock { $0.following.append(FollowingMessage(message: message, date: date)) }
    }

    /// Has an action run after the transaction has committed.
    public func afterCommit(_ action: @escaping CommitAction) {
        state.withLock { $0.actions.append(action) }
    }

    /// The messages that follow from rows.
    var following: [FollowingMessage] { state.withLock { $0.following } }
    var messages: [OutboxMessage] { state.withLock { $0.messages } }
    var actions: [CommitAction] { state.withLock { $0.actions } }
}
