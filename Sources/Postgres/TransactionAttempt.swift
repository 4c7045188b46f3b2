/// One run of a transaction's body on one connection.
enum TransactionAttempt<R: Sendable>: Sendable {
    case committed(R)
    /// Nothing of it was kept.
    case rolledBack(any Error, canBeRetried: Bool)
    /// The connection was lost during the COMMIT.
    case unknown(R, PostgresError)

    /// - Returns: what came of it, and whether the connection is fit for further use.
    static nonisolated(nonsending) func run(
        on loop: ConnectionLoop, options: PostgresTransactionOptions, site: CallSite,
        _ body: (PostgresTransaction) async throws -> R
    ) async -> (TransactionAttempt<R>, isFit: Bool) {
        await withTaskExecutorPreference(loop) {
            await attempt(on: loop, options: options, site: site, body)
        }
    }

    private static nonisolated(nonsending) func attempt(
        on loop: ConnectionLoop, options: PostgresTransactionOptions, site: CallSite,
        _ body: (PostgresTransaction) async throws -> R
    ) async -> (TransactionAttempt<R>, isFit: Bool) {
        let transaction = PostgresTransaction(loop, opening: options.opening)
        let value: R
        do {
            value = try await body(transaction)
            try transaction.checkComplete(site)
            if Task.isCancelled { throw PostgresError.cancelled().at(site) }
        } catch {
            let isFit = await transaction.rollback(site)
            return (.rolledBack(error, canBeRetried: transaction.canBeRetried && !Task.isCancelled), isFit)
        }
        do {
            let isFit = try await transaction.commit(site)
            return (.committed(value), isFit)
        } catch let error as PostgresError where error.kind == .commitOutcomeUnknown {
            return (.unknown(value, error), false)
        } catch {
            // The server has refused the COMMIT and rolled back; a ROLLBACK more makes sure.
            let isFit = await transaction.makeSureOfRollback(site)
            return (.rolledBack(error, canBeRetried: transaction.canBeRetried), isFit)
        }
    }
}
