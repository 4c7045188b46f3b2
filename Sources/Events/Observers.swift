public import Logging
import Metrics

/// A side effect that must commit with what it observes, such as an outbox message.
public protocol TransactionObserver<Event>: Sendable {
    associatedtype Event: Sendable
    /// Does its part in the same transaction; an error rolls the whole of it back.
    func observe(_ event: Event, in work: UnitOfWork) async throws
}

/// A side effect that follows a commit: a cache invalidation, a metric, a push.
public protocol CommitObserver<Event>: Sendable {
    associatedtype Event: Sendable
    /// Does its part. An error is logged and counted; it never reaches the method that is observed.
    func observe(_ event: Event) async throws
}

/// Those who are told that a method has succeeded. The method knows none of them.
public struct Observers<Event: Sendable>: Sendable {
    private let inTransaction: [any TransactionObserver<Event>]
    private let afterCommit: [any CommitObserver<Event>]
    private let logger: Logger

    public init(
        inTransaction: [any TransactionObserver<Event>] = [], afterCommit: [any CommitObserver<Event>] = [],
        logger: Logger = Logger(label: "shopctl.observers")
    ) {
        self.inTransaction = inTransaction
        self.afterCommit = afterCommit
        self.logger = logger
    }

    /// Tells the transaction's observers now, and the others once it has committed.
    ///
    /// - Throws: What a transaction observer throws.
    public func notify(_ event: Event, in work: UnitOfWork) async throws {
        for observer in inTransaction { try await observer.observe(event, in: work) }
        guard !afterCommit.isEmpty else { return }
        work.afterCommit {
            for observer in afterCommit {
                do {
                    try await observer.observe(event)
                } catch {
                    let name = String(describing: type(of: observer))
                    Counter(label: "shop_observer_failures", dimensions: [("observer", name)]).increment()
                    logger.error(
                        "an after-commit observer failed", metadata: ["observer": "\(name)", "error": "\(error)"])
                }
            }
        }
    }
}
