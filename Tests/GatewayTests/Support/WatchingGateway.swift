import Hosting
import Logging
import Redis
import Synchronization
import TestSupport

@testable import Gateway

/// A gateway that keeps what it shows for as long as Redis tells of no change.
struct WatchingGateway: Sendable {
    /// What a gateway was told of changes.
    final class Told: Sendable {
        private let events = Mutex<[RedisKeyWatch.Event]>([])

        var all: [RedisKeyWatch.Event] { events.withLock { $0 } }

        func add(_ event: RedisKeyWatch.Event) { events.withLock { $0.append(event) } }

        /// Whether a key's change was told, and not only that it was read.
        func hasChanged(_ key: String) -> Bool {
            all.contains { if case .changed(let names) = $0 { names.contains("\(key):version") } else { false } }
        }
    }

    let gateway: InProcessGateway
    let told: Told

    /// Makes two of them, which are told of all changes from now on, until the fixture's end.
    ///
    /// - Parameter make: Makes a gateway that keeps what it shows there.
    static func two(
        _ configuration: RedisConfiguration, lifetime: Duration, _ fixture: Fixture,
        _ make: (GatewayCaches) throws -> InProcessGateway
    ) async throws -> [WatchingGateway] {
        let gateways = try (0..<2).map { _ in
            let caches = GatewayCaches(lifetime: lifetime)
            let told = Told()
            let watch = RedisKeyWatch(
                configuration: configuration, prefixes: GatewayCaches.prefixes, logger: .silent
            ) {
                caches.heed($0)
                told.add($0)
            }
            fixture.atEnd { await watch.close() }
            return WatchingGateway(gateway: try make(caches), told: told)
        }
        try await eventually("changes are told") { gateways.allSatisfy { $0.told.all.first == .began } }
        return gateways
    }
}
