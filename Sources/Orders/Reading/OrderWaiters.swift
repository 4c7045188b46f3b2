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

    private typealias Wakes = [Int64: [ObjectIdentifier: Wake]]

    private let wakes = Mutex<Wakes>([:])

    /// The order, as soon as no saga is about to turn it; as it stands, when the time is over.
    ///
    /// - Parameter look: Reads the order.
    func outcome(
        of id: Int64, within patience: Duration, look: () async throws -> Order
    ) async throws -> Order {
        let wake = Wake()
        wakes.withLock { $0[id, default: [:]][ObjectIdentifier(wake)] = wake }
        defer { wakes.withLock { Self.remove(wake, of: id, from: &$0) } }
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

    /// Returns when all of these orders have been turned since this was called, or when the time is over.
    func turns(of ids: [Int64], atMost patience: Duration) async {
        let awaited = ids.map { ($0, Wake()) }
        wakes.withLock { wakes in
            for (id, wake) in awaited { wakes[id, default: [:]][ObjectIdentifier(wake)] = wake }
        }
        let end = ContinuousClock.now + patience
        for (_, wake) in awaited { await wake.wait(atMost: ContinuousClock.now.duration(to: end)) }
        wakes.withLock { wakes in
            for (id, wake) in awaited { Self.remove(wake, of: id, from: &wakes) }
        }
    }

    /// The orders that anybody waits for.
    var awaitedOrders: Set<Int64> { wakes.withLock { Set($0.keys) } }

    /// Wakes those who wait for an order.
    func wake(_ id: Int64) {
        let waiting = wakes.withLock { Array(($0[id] ?? [:]).values) }
        for wake in waiting { wake.ring() }
    }

    private static func remove(_ wake: Wake, of id: Int64, from wakes: inout Wakes) {
        wakes[id]?[ObjectIdentifier(wake)] = nil
        if wakes[id]?.isEmpty == true { wakes[id] = nil }
    }
}
