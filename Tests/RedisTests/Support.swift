import Logging
import Redis
import Synchronization
import TestSupport

/// A configuration for a test's corner of the run's server, with deadlines that a busy machine does not miss.
func testConfiguration(_ fixture: Fixture) throws -> RedisConfiguration {
    let redis = fixture.redis()
    var configuration = try RedisConfiguration(url: redis.url)
    configuration.keyPrefix = redis.keyPrefix
    configuration.commandTimeout = .seconds(20)
    configuration.connectTimeout = .seconds(20)
    return configuration
}

/// Runs a test with a client of the run's server, closed at the end.
func withClient<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (RedisClient, Fixture) async throws -> sending Result
) async throws -> Result {
    try await withFixture { fixture in
        let client = fixture.client(try testConfiguration(fixture))
        return try await body(client, fixture)
    }
}

extension Fixture {
    /// A client that is closed at the end.
    func client(_ configuration: RedisConfiguration, logger: Logger = .silent) -> RedisClient {
        let client = RedisClient(configuration: configuration, logger: logger)
        atEnd { await client.close() }
        return client
    }
}

extension Logger {
    /// A logger that writes nothing: tests take servers away on purpose.
    static var silent: Logger { Logger(label: "redis") { _ in SwiftLogNoOpLogHandler() } }
}

/// Records written by a logger: level and message.
final class Records: Sendable {
    private let records = Mutex<[(level: Logger.Level, text: String)]>([])

    var logger: Logger { Logger(label: "redis") { _ in Handler(records: self) } }

    func count(_ level: Logger.Level, _ text: String) -> Int {
        records.withLock { $0.count { $0.level == level && $0.text.contains(text) } }
    }

    var all: [String] { records.withLock { $0.map(\.text) } }

    private struct Handler: LogHandler {
        let records: Records
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = event.metadata.map { " \($0)" } ?? ""
            records.records.withLock { $0.append((event.level, "\(event.message)\(metadata)")) }
        }
    }
}

/// The error of `kind` that `body` must throw; for `#expect(await failure { … }?.kind == …)`.
func failure(
    isolation: isolated (any Actor)? = #isolation, of body: () async throws -> Void
) async -> RedisError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? RedisError
    }
}
