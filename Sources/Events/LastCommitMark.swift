import Synchronization

/// The mark of the transaction that was tried last, shared between the transaction's body and its probe; nil if it has
/// written nothing.
final class LastCommitMark: Sendable {
    private let storage = Mutex<CommitMark?>(nil)

    var value: CommitMark? {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }
}
