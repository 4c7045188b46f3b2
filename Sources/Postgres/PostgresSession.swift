import DriverSupport
import Synchronization

/// A connection of one's own, outside of any transaction: for session advisory locks, or work in several
/// transactions that must share a session. Valid only inside the closure it is given to.
public final class PostgresSession: PostgresExecutor {
    private let loop: ConnectionLoop
    private let isFinished = Atomic(false)

    init(_ loop: ConnectionLoop) {
        self.loop = loop
    }

    /// Whether the connection still stands; once lost it does not come back, and its locks are gone.
    public var isOpen: Bool { loop.isUsable && !isFinished.load(ordering: .acquiring) }

    public func run(_ queries: [PostgresQuery], file: String, line: Int) async throws -> [PostgresRows] {
        let site = CallSite(file: file, line: line)
        try queries.validate(site)
        try checkOpen(site)
        let effect = StatementRules.effect(of: queries)
        let reply = try await loop.run(.statements(queries), effect: effect, site: site)
        return queries.rows(reply, site)
    }

    /// Runs a text of any number of statements, without parameters or results. The whole text is one transaction,
    /// unless it says otherwise itself.
    ///
    /// - Throws: `PostgresError` with the position of the error in the text.
    public func execute(script: String, file: String = #fileID, line: Int = #line) async throws {
        let site = CallSite(file: file, line: line)
        try StatementRules.checkScript(script, site)
        try checkOpen(site)
        _ = try await loop.run(.script(script), effect: .autocommit, site: site)
    }

    /// Runs a transaction on this session. As on the client, but a lost connection ends it: there is no other.
    @discardableResult
    public nonisolated(nonsending) func transaction<R: Sendable>(
        _ options: PostgresTransactionOptions = .init(), file: String = #fileID, line: Int = #line,
        _ body: (PostgresTransaction) async throws -> R
    ) async throws -> R {
        let site = CallSite(file: file, line: line)
        try checkOpen(site)
        var backoff = Backoff.conflict
        for attempt in 1... {
            let (outcome, isFit) = await TransactionAttempt.run(on: loop, options: options, site: site, body)
            switch outcome {
            case .committed(let value): return value
            case .unknown(_, let error): throw error
            case .rolledBack(let error, let canBeRetried):
                if !isFit { loop.abort() }
                guard canBeRetried, isFit, loop.isFit, attempt < options.attempts else { throw error }
                try await Task.sleep(for: backoff.next())
            }
        }
        throw PostgresError.closed()
    }

    private func checkOpen(_ site: CallSite) throws {
        if isFinished.load(ordering: .acquiring) {
            throw PostgresError(.usage, "the session has ended").at(site)
        }
    }

    /// Ends the session.
    ///
    /// - Returns: whether the connection is as if new.
    func finish(_ site: CallSite) async -> Bool {
        isFinished.store(true, ordering: .releasing)
        // There is nothing to discard where nothing was ever sent.
        if !loop.hasConnected { return true }
        let reply = try? await loop.run(.reset, effect: .insideTransaction, site: site, shielded: true)
        return reply?.isIdle ?? false
    }

    func abandon() {
        isFinished.store(true, ordering: .releasing)
    }
}
