import Events
import ShopContracts
import Synchronization

/// Callers that wait for an order's outcome.
///
/// The decision may be taken by another replica: the domain event wakes them here, and a slow look at the row is
/// the net under it.
final class OrderWaiters: Sendable {
    /// The interval at which a waiter looks without having been woken.
    private static let lookInterval: Duration = .seconds(1)

    private let wakes = Mutex<[Int64: [ObjectIdentifier: Wake]]>([:])

    /// The order, as soon as no saga is about to turn it; as it stands, when the time is over.
    ///
    /// - Parameter look: Reads the order.
    func outcome(
        of id: Int64, within patience: Duration, look: () async throws -> Order
    ) async throws -> Order {
        let wake = Wake()
        wakes.withLock { $0[id, default: [:]][ObjectIdentifier(wake)] = wake }
        defer {
            wakes.withLock {
                $0[id]?[ObjectIdentifier(wake)] = nil
                if $0[id]?.isEmpty == true { $0[id] = nil }
            }
        }
        let end = ContinuousClock.now + patience
        while true {
            // Looked at after registering, so that no decision falls between look and wait.
            let order = try await look()
            let left = ContinuousClock.now.duration(to: end)
            guard order.state.isUnderWay, left > .zero else { return order }
            await wake.wait(atMost: min(left, Self.lookInterval))
            try Task.checkCancellation()
        }
    }

    /// Wakes those who wait for an order.
    func wake(_ id: Int64) {
        let waiting = wakes.withLock { Array(($0[id] ?? [:]).values) }
        for wake in waiting { wake.ring() }
    }
}
