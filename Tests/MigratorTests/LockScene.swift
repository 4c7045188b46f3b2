import Logging
import Postgres
import TestSupport

@testable import Migrator

/// Holds the migration lock of the scene's database while the body runs, which gets the holder's PostgreSQL pid.
func withLockHeld<Result: Sendable>(
    _ scene: MigrationScene, _ body: (Int32) async throws -> Result
) async throws -> Result {
    var configuration = scene.configuration
    configuration.applicationName = "lock-holder"
    let client = PostgresClient(configuration: configuration, logger: testLogger)
    let result: Result
    do {
        result = try await client.withConnection { session in
            let lock = MigrationLock(database: scene.configuration.database, schema: "public")
            let rows = try await session.query("SELECT pg_advisory_lock(\(lock.key)), pg_backend_pid() AS pid")
            let pid: Int32 = try rows.first?.decode("pid") ?? 0
            return try await body(pid)
        }
    } catch {
        await client.close()
        throw error
    }
    await client.close()
    return result
}

/// A logger, and a sequence that brings an element when the runner with that logger says that it waits.
func waitingSignal() -> (waits: AsyncStream<Void>, logger: Logger) {
    let (waits, begun) = AsyncStream<Void>.makeStream()
    return (waits, Logger(label: "test") { _ in SignallingLog(signal: begun) })
}

private struct SignallingLog: LogHandler {
    let signal: AsyncStream<Void>.Continuation
    var metadata = Logger.Metadata()
    var logLevel = Logger.Level.notice

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        if event.message.description.hasPrefix("waiting for another migrator") { signal.yield() }
    }
}
