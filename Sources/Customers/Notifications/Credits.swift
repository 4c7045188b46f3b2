import Events
import Synchronization

/// The number of messages that a receiver still takes; the sender waits when there are none left.
final class Credits: Sendable {
    /// The most that a receiver may have, whatever it says.
    static let limit: UInt64 = 1000

    private let count: Mutex<UInt64>
    private let wake = Wake()

    init(_ count: UInt32) {
        self.count = Mutex(min(UInt64(count), Self.limit))
    }

    /// The receiver takes more.
    func add(_ more: UInt32) {
        count.withLock { $0 = min($0 + UInt64(more), Self.limit) }
        wake.ring()
    }

    /// Takes one, as soon as there is one. For one sender.
    ///
    /// - Throws: `CancellationError`
    func take() async throws {
        while true {
            let isTaken = count.withLock { count in
                guard count > 0 else { return false }
                count -= 1
                return true
            }
            if isTaken { return }
            await wake.wait(atMost: .seconds(3600))
            try Task.checkCancellation()
        }
    }
}
