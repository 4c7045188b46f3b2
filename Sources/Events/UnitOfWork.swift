public import FoundationEssentials
public import Postgres
import Synchronization

/// One local transaction with everything that must happen with it: messages that are written to the outbox
/// before it commits, messages that follow from its rows and are published once it has, and actions that run then.
///
/// A transaction that is retried starts over with an empty unit, so nothing is sent or done twice.
public final class UnitOfWork: Sendable {
    /// An action that runs after the commit. It cannot fail the work: it is done.
    public typealias CommitAction = @Sendable () async -> Void

    private struct State {
        var messages: [OutboxMessage] = []
        var following: [FollowingMessage] = []
        var actions: [CommitAction] = []
        /// The numbers of those who do a part of it, and of those whose part is done again if it is lost.
        var parts = 1
        var repeatedParts = 0
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

    /// Says, once, that what the caller writes here would be done again by itself if a crash of the database lost it, though
    /// it had committed: somebody who is still there asks again, or says again what led to it, and nothing was told to
    /// others, or done, on the ground of it.
    ///
    /// If everybody who does a part of the work says so, and no message goes out with it, the commit does not wait for the
    /// disk.
    public func isRepeatedIfLost() {
        state.withLock { $0.repeatedParts += 1 }
    }

    /// Notes that several do a part of it, each of whom decides by itself.
    func split(into parts: Int) {
        state.withLock { $0.parts = parts }
    }

    /// Whether the commit needs not wait for the disk. A message tells others of the work, or has its only copy in it.
    var mayBeLost: Bool {
        state.withLock { $0.repeatedParts >= $0.parts && $0.messages.isEmpty && $0.following.isEmpty }
    }

    /// The messages that follow from rows.
    var following: [FollowingMessage] { state.withLock { $0.following } }
    var messages: [OutboxMessage] { state.withLock { $0.messages } }
    var actions: [CommitAction] { state.withLock { $0.actions } }
}
