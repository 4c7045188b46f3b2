import Events
import Logging
import RabbitMQ
import ShopContracts
import Synchronization

/// Follows users' notifications as they are written, by whichever replica.
///
/// `notification.created` wakes those who follow; a slow look at the database is the net under it. Nobody holds a
/// connection while waiting.
final class NotificationFeed: Sendable {
    /// The number of notifications that are read at once.
    private static let batchSize: Int64 = 100

    private let store: NotificationStore
    private let lookInterval: Duration
    private let wakes = Mutex<[Int64: [ObjectIdentifier: Wake]]>([:])

    /// - Parameter lookInterval: How often a follower looks without having been woken.
    init(store: NotificationStore, lookInterval: Duration = .seconds(5)) {
        self.store = store
        self.lookInterval = lookInterval
    }

    /// Delivers a user's notifications in their order, without a gap or a repetition, until the task is cancelled.
    ///
    /// - Parameters:
    ///   - sequence: Only those behind it; nil for those written from now on.
    ///   - begin: Is told the sequence that the first one follows.
    ///   - deliver: Takes them in batches; the next one is read when it returns.
    /// - Throws: `CancellationError`; what `deliver` throws; `PostgresError`.
    func follow(
        _ userID: Int64, after sequence: Int64?, begin: (Int64) async throws -> Void = { _ in },
        deliver: ([NotificationStore.Row]) async throws -> Void
    ) async throws {
        let wake = Wake()
        wakes.withLock { $0[userID, default: [:]][ObjectIdentifier(wake)] = wake }
        defer {
            wakes.withLock {
                $0[userID]?[ObjectIdentifier(wake)] = nil
                if $0[userID]?.isEmpty == true { $0[userID] = nil }
            }
        }
        // Looked at after registering, so that nothing is written unnoticed between look and wait.
        var seen: Int64
        if let sequence { seen = sequence } else { seen = try await store.latestSequence(of: userID) }
        try await begin(seen)
        while true {
            try Task.checkCancellation()
            let batch = try await store.notifications(of: userID, after: seen, limit: Self.batchSize)
            if let newest = batch.last {
                try await deliver(batch)
                seen = newest.sequence
            } else {
                await wake.wait(atMost: lookInterval)
            }
        }
    }

    /// Wakes those who follow a user.
    func wake(_ userID: Int64) {
        let waiting = wakes.withLock { Array(($0[userID] ?? [:]).values) }
        for wake in waiting { wake.ring() }
    }

    /// The number of those that follow just now.
    var followers: Int { wakes.withLock { $0.values.reduce(0) { $0 + $1.count } } }

    /// Hears of notifications that any replica has written.
    func subscription(broker: RabbitMQConfiguration, logger: Logger) -> EventSubscription {
        EventSubscription(configuration: broker, patterns: [NotificationEvent.created], logger: logger) { envelope in
            if let body = try? envelope.decode(NotificationEvent.self) { self.wake(body.userID) }
        }
    }
}
