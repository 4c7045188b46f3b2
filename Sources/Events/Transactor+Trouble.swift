import Postgres

extension Transactor {
    /// Whether what was done together failed for a reason that is everybody's: a backend is away. Else it is the trouble
    /// of some of it, and halving finds which.
    public func isEverybodysTrouble(_ error: any Error) async -> Bool {
        guard case .backend = FailureKind(error) else { return false }
        guard FailureKind.mayBeOwnMaking(error) else { return true }
        return await !canWrite
    }

    /// Whether the database takes transactions that write.
    var canWrite: Bool {
        get async {
            do {
                return try await run { work in
                    let rows = try await work.transaction.query(
                        "SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'")
                    return try rows.decode((Bool).self).first ?? false
                }
            } catch {
                return false
            }
        }
    }
}

extension UnitOfWork {
    /// Gives each statement that follows so long, in whole seconds; one that takes longer fails, and the work with it.
    public func limitStatements(to time: Duration) throws {
        try transaction.enqueue(
            PostgresQuery(unsafeSQL: "SET LOCAL statement_timeout = \(time.components.seconds * 1000)"))
    }
}
