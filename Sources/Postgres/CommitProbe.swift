extension PostgresClient {
    /// Asks the probe whether a transaction has committed whose connection was lost during the COMMIT.
    ///
    /// - Throws: the error it was called for, if that cannot be found out.
    func hasCommitted(
        _ probe: @Sendable (PostgresSession) async throws -> Bool, backend: Int32, _ unknown: PostgresError
    ) async throws -> Bool {
        var backoff = Backoff.reconnecting
        for _ in 0..<8 {
            do {
                return try await withConnection { session in
                    try await waitUntilGone(backend, session)
                    return try await probe(session)
                }
            } catch let error as PostgresError where error.isRetryable {
                try? await Task.sleep(for: backoff.next())
            } catch {
                break
            }
        }
        throw unknown
    }

    /// The backend may still be at work on the COMMIT although its client has gone: what a probe sees before it has
    /// ended says nothing.
    private func waitUntilGone(_ backend: Int32, _ session: PostgresSession) async throws {
        let deadline = ContinuousClock.now + .seconds(5)
        while try await session.query("SELECT 1 FROM pg_stat_activity WHERE pid = \(backend)").count > 0 {
            guard ContinuousClock.now < deadline else {
                throw PostgresError(.timeout, "the backend of a lost connection is still there")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

extension PostgresError {
    /// The error of a transaction of which has been found out that it did not commit.
    var knownNotCommitted: PostgresError {
        var error = self
        error.kind = .connection
        error.isRetryable = true
        return error
    }
}
