import Logging
import Postgres

/// Tells whether two connections share server sessions, as behind PgBouncer in transaction mode. Prepared statements,
/// settings and advisory locks of one connection would then meet those of another, and wrong statements would run.
struct PoolerCheck {
    let configuration: PostgresConfiguration
    let logger: Logger

    /// Compares sessions with a second connection's.
    func sharesSessions(_ session: PostgresSession) async throws -> Bool {
        do {
            let first = try await Self.backend(of: session)
            return try await withSecondSession { other in
                // An idle pooler hands out the session that was free last; a busy one changes them all the time.
                for _ in 0..<8 {
                    let theirs = try await Self.backend(of: other)
                    let ours = try await Self.backend(of: session)
                    if theirs == first || ours != first { return true }
                }
                return false
            }
        } catch let error as PostgresError where Self.isOfSharedSession(error) {
            return true
        }
    }

    /// Lends another connection. One that cannot be had within the time to connect tells nothing: a pooler with as few
    /// sessions as that is none in transaction mode.
    private func withSecondSession(_ body: @escaping @Sendable (PostgresSession) async throws -> Bool) async throws
        -> Bool
    {
        let client = PostgresClient(configuration: configuration, logger: logger)
        let patience = configuration.connectTimeout
        let answer = await withTaskGroup(of: Result<Bool, any Error>?.self) { group in
            group.addTask {
                do {
                    return .success(try await client.withConnection { try await body($0) })
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await Task.sleep(for: patience)
                return nil
            }
            let answer = await group.next() ?? nil
            group.cancelAll()
            return answer
        }
        await client.close()
        switch answer {
        case .success(let isShared): return isShared
        case .failure(let error as PostgresError) where Self.isOfSharedSession(error): throw error
        case .failure, nil:
            try Task.checkCancellation()
            return false
        }
    }

    private static func backend(of session: PostgresSession) async throws -> Int32 {
        try await session.query("SELECT pg_backend_pid() AS pid").first?.decode("pid") ?? 0
    }

    /// A prepared statement that another connection has made, or that this one has made in another session.
    private static func isOfSharedSession(_ error: PostgresError) -> Bool {
        error.sqlState == .invalidStatementName || error.sqlState?.rawValue == "42P05"
    }
}
