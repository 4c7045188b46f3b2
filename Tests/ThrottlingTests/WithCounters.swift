import Logging
import Redis
import TestSupport
import Throttling

/// A corner of the run's Redis.
struct Corner: Sendable {
    let client: RedisClient
    /// What the keys begin with.
    let keyPrefix: String
}

/// Runs a test on counters of its own and takes them down afterwards.
///
/// - Parameter isShared: Whether they are in Redis; else this process counts.
func withCounters(
    isShared: Bool = true, logger: Logger = testLogger,
    _ body: (SharedCounters, Corner) async throws -> Void
) async throws {
    try await withFixture { fixture in
        let place = fixture.redis()
        var configuration = try RedisConfiguration(url: place.url)
        configuration.keyPrefix = place.keyPrefix
        // Tests want the server to answer, however busy the machine is.
        configuration.connectTimeout = .seconds(60)
        configuration.commandTimeout = .seconds(60)
        let client = RedisClient(configuration: configuration, logger: logger)
        fixture.atEnd { await client.close() }
        try await body(
            SharedCounters(redis: isShared ? client : nil, logger: logger),
            Corner(client: client, keyPrefix: place.keyPrefix))
    }
}
