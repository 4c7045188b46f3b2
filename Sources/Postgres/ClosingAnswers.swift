import Synchronization

/// The results of statements that were sent with a transaction's COMMIT.
public final class ClosingAnswers: Sendable {
    private let storage = Mutex<[PostgresRows]?>(nil)

    /// One result a statement; nil until the transaction has committed, and for good if the answer to its COMMIT was lost
    /// and only the `outcomeProbe` tells that it has.
    public internal(set) var rows: [PostgresRows]? {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }
}
