extension Transactor {
    /// Runs `body` as ``run(_:)`` does, or only rehearses it: then everything is taken back, nothing is sent, and no
    /// action is run.
    ///
    /// - Throws: What `body` throws; ``PostgresError``.
    public func run<Result: Sendable>(
        asRehearsal isRehearsal: Bool, _ body: @Sendable (UnitOfWork) async throws -> Result
    ) async throws -> Result {
        guard isRehearsal else { return try await run(body) }
        do {
            return try await run { work -> Result in throw Rehearsed(result: try await body(work)) }
        } catch let rehearsed as Rehearsed<Result> {
            return rehearsed.result
        }
    }
}

/// The end of a rehearsal, by which its transaction is rolled back.
private struct Rehearsed<Result: Sendable>: Error {
    let result: Result
}
