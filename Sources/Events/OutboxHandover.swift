import Synchronization

/// Messages that this process has committed and not yet published, on their way from the transactor to the relay.
///
/// Nothing is lost with it: the rows stay in the outbox, and whoever is free takes them when the claim under which they
/// were written is over.
public final class OutboxHandover: Sendable {
    /// The time a row is this process's own to publish, from its insertion on.
    let claim: Duration
    /// The most rows that are kept; what comes beyond is left to the end of its claim.
    private let capacity: Int
    private let entries = Mutex<[Entry]>([])

    private struct Entry {
        let row: Outbox.Row
        let expires: ContinuousClock.Instant
    }

    init(claim: Duration, capacity: Int = 4096) {
        self.claim = claim
        self.capacity = capacity
    }

    /// Takes rows whose transaction has committed.
    func add(_ rows: [Outbox.Row]) {
        // Earlier than the claim's end: what is published after that may have been published by another, too.
        let expires = ContinuousClock.now + claim / 2
        entries.withLock { entries in
            let space = max(capacity - entries.count, 0)
            entries += rows.prefix(space).map { Entry(row: $0, expires: expires) }
        }
    }

    /// Removes the oldest rows whose claim holds, in the order they were added.
    func take(limit: Int) -> [Outbox.Row] {
        let now = ContinuousClock.now
        return entries.withLock { entries in
            entries.removeAll { $0.expires < now }
            let taken = entries.prefix(limit)
            entries.removeFirst(taken.count)
            return taken.map(\.row)
        }
    }

    var isEmpty: Bool { entries.withLock { $0.isEmpty } }
}
