import Postgres
import Logging
import Synchronization

/// Remembers who has last kept a server process from getting a lock. The server itself does not say so when it gives
/// up waiting.
final class BlockerWatch: Sendable {
    private let last = Mutex<DatabaseSession?>(nil)
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter pid: PostgreSQL's process that may have to wait.
    init(_ configuration: PostgresConfiguration, pid: Int32, logger: Logger) {
        var configuration = configuration
        configuration.applicationName += "-watch"
        // Often enough within the time that the server waits; a script that waits for nothing is not watched.
        let pause = max(.milliseconds(20), min(.seconds(1), configuration.lockTimeout / 8))
        let task = Task { [self] in
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            let client = PostgresClient(configuration: configuration, logger: logger)
            repeat {
                if let found = try? await Self.blocker(of: pid, client) { last.withLock { $0 = found } }
            } while (try? await Task.sleep(for: pause)) != nil
            await client.close()
        }
        self.task.withLock { $0 = task }
    }

    /// Ends the watch.
    ///
    /// - Returns: whoever was last seen; nil if the process never had to wait for long.
    func stop() async -> DatabaseSession? {
        let task = task.withLock { $0 }
        task?.cancel()
        await task?.value
        return last.withLock { $0 }
    }

    private static func blocker(of pid: Int32, _ client: PostgresClient) async throws -> DatabaseSession? {
        let rows = try await client.query(
            """
            SELECT \(unescaped: DatabaseSession.columns)
            FROM unnest(pg_blocking_pids(\(pid))) AS b (pid) JOIN pg_stat_activity a ON a.pid = b.pid
            LIMIT 1
            """)
        return try rows.first.map(DatabaseSession.init)
    }
}
