import Synchronization

/// Since when a peer cannot be reached, and how long a call waits for it.
///
/// A peer that has just been found missing, as one that is restarted, is waited for; for one that is known to be away, a
/// call waits only until the next connection has been tried.
final class PeerAvailability: Sendable {
    /// The longest time between two tries to connect, and a little for the trying.
    static let retryInterval = Duration.milliseconds(400)
    /// The interval at which a waiting call looks whether there is a connection.
    static let lookInterval = Duration.milliseconds(20)

    /// The time after it was found missing for which a peer is waited for.
    private let patience: Duration
    private let missingSince = Mutex<ContinuousClock.Instant?>(nil)

    init(patience: Duration) {
        self.patience = patience
    }

    /// A call has found a connection.
    func found() { missingSince.withLock { $0 = nil } }

    /// A call that began then has found no connection.
    ///
    /// - Returns: Whether it is to look again.
    func missed(since begin: ContinuousClock.Instant) -> Bool {
        let now = ContinuousClock.now
        let missing = missingSince.withLock { since in
            if since == nil { since = now }
            return since ?? now
        }
        return now < max(begin + Self.retryInterval, missing + patience)
    }
}
