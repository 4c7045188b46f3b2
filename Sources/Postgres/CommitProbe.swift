import DriverSupport

extension PostgresClient {
    /// Asks the probe whether a transaction has committed whose connection was lost during the COMMIT; again and again
    /// while the server is away or the transaction still under way.
    ///
    /// - Throws: the error it was called for, if that cannot be found out within the options' patience.
    func hasCommitted(_ options: PostgresTransactionOptions, _ unknown: PostgresError) async throws -> Bool {
        guard let probe = options.outcomeProbe else { throw unknown }
        let deadline = ContinuousClock.now + options.probePatience
        var backoff = Backoff.reconnecting
        while true {
            do {
                return try await withConnection { try await probe($0) }
            } catch let error as PostgresError where error.leavesProbeOpen {
                let pause = backoff.next()
                guard !Task.isCancelled, ContinuousClock.now + pause < deadline else { throw unknown }
                try? await Task.sleep(for: pause)
            } catch {
                throw unknown
            }
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

    /// Whether a probe that has failed so may succeed when it is repeated: the server is away, or what is asked about
    /// still holds its locks.
    fileprivate var leavesProbeOpen: Bool {
        if isRetryable { return true }
        switch kind {
        case .connection, .timeout, .commitOutcomeUnknown, .poolTimeout: return true
        case .server: return sqlState == .lockNotAvailable || ["53", "57", "58"].contains(sqlState?.classCode)
        default: return false
        }
    }
}
