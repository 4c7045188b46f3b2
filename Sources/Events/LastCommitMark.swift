import Synchronization

/// The id of the transaction that was tried last, shared between the transaction's body and its probe;
/// nil if it has written nothing.
final class XIDBox: Sendable {
    private let storage = Mutex<String?>(nil)

    var value: String? {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }
}
