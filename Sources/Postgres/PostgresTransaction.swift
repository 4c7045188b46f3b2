import Synchronization

/// A transaction under way; valid only inside the closure it is given to.
///
/// Its statements run in the order in which they are called; several at once are pipelined.
public final class PostgresTransaction: PostgresExecutor {
    private struct State {
        var isFinished = false
        var savepoints = 0
        var canBeRetried = false
        /// Statements that wait for company.
        var enqueued: [PostgresQuery] = []
        /// Statements that wait for the COMMIT.
        var closing: [(queries: [PostgresQuery], answers: ClosingAnswers)] = []
        var mayHaveWritten = false
        /// Whether some that were enqueued have not been sent, since whoever they went along with was cancelled.
        var hasLostStatements = false
    }

    private let loop: ConnectionLoop
    private let opening: TransactionOpening
    private let state = Mutex(State())

    init(_ loop: ConnectionLoop, opening: TransactionOpening) {
        self.loop = loop
        self.opening = opening
    }

    /// Whether the transaction failed for a reason that running it again may cure.
    var canBeRetried: Bool { state.withLock { $0.canBeRetried } }

    public func run(_ queries: [PostgresQuery], file: String, line: Int) async throws -> [PostgresRows] {
        let site = CallSite(file: file, line: line)
        try queries.validate(site)
        try StatementRules.checkInTransaction(queries, site)
        note(queries)
        let enqueued = takeEnqueued()
        let reply = try await perform(enqueued, with: queries, site)
        return Array((enqueued + queries).rows(reply, site).dropFirst(enqueued.count))
    }

    /// Has statements sent, whose results nobody needs, together with the next ones or with the COMMIT: they cost no
    /// round trip. What they fail with is thrown there.
    ///
    /// - Throws: ``PostgresError`` for what cannot be sent.
    public func enqueue(_ queries: [PostgresQuery], file: String = #fileID, line: Int = #line) throws {
        let site = CallSite(file: file, line: line)
        try queries.validate(site)
        try StatementRules.checkInTransaction(queries, site)
        note(queries)
        state.withLock { $0.enqueued += queries }
    }

    /// Has one statement sent, as ``enqueue(_:file:line:)-([PostgresQuery],_,_)`` does.
    public func enqueue(_ query: PostgresQuery, file: String = #fileID, line: Int = #line) throws {
        try enqueue([query], file: file, line: line)
    }

    /// Has statements sent in one flush with the COMMIT, behind everything else the transaction does. If one fails, the
    /// transaction is rolled back and throws its error.
    ///
    /// Like the COMMIT they are not stopped by cancellation, so they should not have to wait for others' locks.
    ///
    /// - Returns: Their results, as soon as the transaction has committed.
    /// - Throws: ``PostgresError`` for what cannot be sent.
    public func enqueueLast(
        _ queries: [PostgresQuery], file: String = #fileID, line: Int = #line
    ) throws -> ClosingAnswers {
        let site = CallSite(file: file, line: line)
        try queries.validate(site)
        try StatementRules.checkInTransaction(queries, site)
        note(queries)
        let answers = ClosingAnswers()
        state.withLock { $0.closing.append((queries, answers)) }
        return answers
    }

    /// Whether some statement so far does not, by its text, only read. What the server makes of one that does (of a view
    /// over a function that writes, say) is not known here.
    public var mayHaveWritten: Bool { state.withLock { $0.mayHaveWritten } }

    private func note(_ queries: [PostgresQuery]) {
        let isHarmless = queries.allSatisfy { StatementVerdict.on($0.sql).isHarmless }
        if !isHarmless { state.withLock { $0.mayHaveWritten = true } }
    }

    private func sendEnqueued(_ site: CallSite) async throws {
        let enqueued = takeEnqueued()
        if !enqueued.isEmpty { _ = try await perform(enqueued, with: [], site) }
        try checkComplete(site)
    }

    /// - Throws: ``PostgresError`` of kind `transactionAborted` if some of what was enqueued has been lost.
    func checkComplete(_ site: CallSite) throws {
        if state.withLock({ $0.hasLostStatements }) {
            throw PostgresError(
                .transactionAborted, "statements of the transaction went along with one that was cancelled"
            ).at(site)
        }
    }

    private func perform(
        _ enqueued: [PostgresQuery], with queries: [PostgresQuery], _ site: CallSite
    ) async throws -> UnitReply {
        do {
            return try await perform(.statements(enqueued + queries), site)
        } catch let error as PostgresError where error.kind == .cancelled && !enqueued.isEmpty {
            state.withLock { $0.hasLostStatements = true }
            throw error
        }
    }

    private func takeEnqueued() -> [PostgresQuery] {
        state.withLock { state in
            defer { state.enqueued = [] }
            return state.enqueued
        }
    }

    /// Runs a text of any number of statements, without parameters or results, inside the transaction.
    ///
    /// The text must not end the transaction. - Throws: `PostgresError` with the position of the error in the text.
    public func execute(script: String, file: String = #fileID, line: Int = #line) async throws {
        let site = CallSite(file: file, line: line)
        try StatementRules.checkScript(script, site)
        state.withLock { $0.mayHaveWritten = true }
        try await sendEnqueued(site)
        // The transaction begins in pipeline mode, the script runs outside of it.
        _ = try await perform(.statements([]), site)
        _ = try await perform(.script(script), site)
    }

    /// Runs the closure so that, if it throws, only what it did is undone.
    @discardableResult
    public nonisolated(nonsending) func savepoint<R: Sendable>(
        file: String = #fileID, line: Int = #line, _ body: (PostgresTransaction) async throws -> R
    ) async throws -> R {
        let site = CallSite(file: file, line: line)
        let name = state.withLock { state in
            state.savepoints += 1
            return "savepoint_\(state.savepoints)"
        }
        try await sendEnqueued(site)
        _ = try await perform(.command("SAVEPOINT \(name)"), site)
        let value: R
        do {
            value = try await body(self)
            try await sendEnqueued(site)
        } catch {
            _ = takeEnqueued()
            // Also for a cancelled task: the transaction goes on in a known state, or not at all.
            _ = try? await perform(.command("ROLLBACK TO SAVEPOINT \(name)"), site, shielded: true)
            _ = try? await perform(.command("RELEASE SAVEPOINT \(name)"), site, shielded: true)
            throw error
        }
        _ = try await perform(.command("RELEASE SAVEPOINT \(name)"), site)
        return value
    }

    private func perform(
        _ work: PipelineUnit.Work, _ site: CallSite, shielded: Bool = false
    ) async throws -> UnitReply {
        if state.withLock({ $0.isFinished }) { throw PostgresError(.usage, "the transaction has ended").at(site) }
        if opening.hasFailed {
            throw PostgresError(.transactionAborted, "the transaction could not begin").at(site)
        }
        do {
            return try await loop.run(
                work, opening: opening, effect: .insideTransaction, site: site, shielded: shielded)
        } catch let error as PostgresError {
            note(error)
            throw error
        }
    }

    /// Remembers a failure that running the transaction again may cure, whatever the body makes of it. A server that
    /// has not answered in time is not asked again.
    private func note(_ error: PostgresError) {
        if error.isRetryable, error.kind != .timeout { state.withLock { $0.canBeRetried = true } }
    }

    /// Takes no more statements; whether the server was told of the transaction.
    private func finish() -> Bool {
        state.withLock { $0.isFinished = true }
        return opening.close()
    }

    /// Commits, with what waits for that in the same flush; not stopped by cancellation.
    ///
    /// - Returns: whether the connection can be used further.
    func commit(_ site: CallSite) async throws -> Bool {
        let couldNotBegin = opening.hasFailed
        let enqueued = takeEnqueued()
        let closing = state.withLock { state in
            state.isFinished = true
            return state.closing
        }
        let last = enqueued + closing.flatMap(\.queries)
        // What brings statements may also have to bring the BEGIN.
        if last.isEmpty, !opening.close() { return true }
        if couldNotBegin {
            throw PostgresError(
                .transactionAborted, "the transaction could not begin, and nothing of it was done"
            ).at(site)
        }
        let reply: UnitReply
        do {
            reply = try await loop.run(
                .commit(last), opening: last.isEmpty ? nil : opening, effect: .commit, site: site, shielded: true)
        } catch let error as PostgresError {
            note(error)
            throw error
        }
        guard reply.results.last?.commandTag == "COMMIT" else {
            throw PostgresError(
                .transactionAborted, "the transaction had failed before and was rolled back instead of committed"
            ).at(site)
        }
        var rows = last.rows(reply, site).dropFirst(enqueued.count)
        for (queries, answers) in closing {
            answers.rows = Array(rows.prefix(queries.count))
            rows = rows.dropFirst(queries.count)
        }
        return reply.isIdle
    }

    /// Rolls back; not stopped by cancellation.
    ///
    /// - Returns: whether the connection can be used further.
    func rollback(_ site: CallSite) async -> Bool {
        if !finish() { return true }
        return await makeSureOfRollback(site)
    }

    /// Rolls back whatever may be open.
    ///
    /// - Returns: whether the connection can be used further.
    func makeSureOfRollback(_ site: CallSite) async -> Bool {
        let reply = try? await loop.run(
            .command("ROLLBACK"), effect: .insideTransaction, site: site, shielded: true)
        return reply?.isIdle ?? false
    }
}
