import DriverSupport
public import Logging
import Metrics
import Synchronization

/// A PostgreSQL client: a few connections that carry everybody's single statements in pipelines, and a pool of
/// connections for transactions and sessions, which also serves single statements that would wait for slow ones.
///
/// Connects when there is something to do, and again when a connection is lost.
public final class PostgresClient: Sendable {
    public let configuration: PostgresConfiguration
    private let logger: Logger
    private let metrics: DriverMetrics
    private let pool: ConnectionPool
    let shared: [ConnectionLoop]
    /// Held while a shared connection is picked, so that two do not pick the same for its being idle.
    private let picking = Mutex(())
    private let listeners = ListenerRegistry()

    /// Does not connect yet.
    public init(configuration: PostgresConfiguration, logger: Logger) {
        let metrics = DriverMetrics(database: configuration.database)
        // Most are kept for transactions.
        let sharedCount = max(min(configuration.sharedConnections, configuration.maximumConnections * 3 / 8), 1)
        self.configuration = configuration
        self.logger = logger
        self.metrics = metrics
        let memory = ServerMemory()
        shared = (0..<sharedCount).map { _ in
            ConnectionLoop(
                role: .shared, configuration: configuration, logger: logger, metrics: metrics, memory: memory)
        }
        var leased = configuration
        leased.plansOnce = configuration.prefersIndexes
        pool = ConnectionPool(
            capacity: max(configuration.maximumConnections - sharedCount, 1), configuration: configuration,
            metrics: metrics
        ) { [leased] in
            ConnectionLoop(role: .leased, configuration: leased, logger: logger, metrics: metrics, memory: memory)
        }
    }

    deinit {
        for loop in shared { loop.abort() }
        listeners.cancelAll()
    }

    /// Runs the body in a transaction: commits when it returns, rolls back when it throws or the task is cancelled.
    ///
    /// The body runs again, up to `options.attempts` times in all, after a serialization failure, a deadlock, or a
    /// connection lost before the COMMIT was sent: it must have no other effect than its statements.
    /// - Throws: what the body throws; `PostgresError` of kind `.commitOutcomeUnknown` if the connection was lost
    ///   during the COMMIT and no `outcomeProbe` could tell what became of it.
    @discardableResult
    public nonisolated(nonsending) func transaction<R: Sendable>(
        _ options: PostgresTransactionOptions = .init(), file: String = #fileID, line: Int = #line,
        _ body: (PostgresTransaction) async throws -> R
    ) async throws -> R {
        let site = CallSite(file: file, line: line)
        var backoff = Backoff.conflict
        for attempt in 1... {
            let loop = try await pool.lease()
            let (outcome, isFit) = await TransactionAttempt.run(on: loop, options: options, site: site, body)
            pool.release(loop, isFit: await loop.discardTraces(isFit: isFit, site))
            var failure: any Error
            switch outcome {
            case .committed(let value): return value
            case .rolledBack(let error, let canBeRetried):
                if !canBeRetried { throw error }
                failure = error
            case .unknown(let value, let error):
                if try await hasCommitted(options, error) { return value }
                failure = error
                if let lost = failure as? PostgresError { failure = lost.knownNotCommitted }
            }
            if attempt >= options.attempts { throw failure }
            metrics.retries.increment()
            logger.debug("transaction is tried again", metadata: ["attempt": "\(attempt)", "error": "\(failure)"])
            try await Task.sleep(for: backoff.next())
        }
        throw PostgresError.closed()
    }

    /// Runs the body with a connection of its own, outside of any transaction.
    ///
    /// Afterwards the session's state (locks, settings, temporary tables) is discarded; if the body throws, the
    /// connection is closed.
    @discardableResult
    public nonisolated(nonsending) func withConnection<R: Sendable>(
        file: String = #fileID, line: Int = #line, _ body: (PostgresSession) async throws -> R
    ) async throws -> R {
        let loop = try await pool.lease()
        let session = PostgresSession(loop)
        do {
            let value = try await body(session)
            pool.release(loop, isFit: await session.finish(CallSite(file: file, line: line)))
            return value
        } catch {
            session.abandon()
            pool.release(loop, isFit: false)
            throw error
        }
    }

    /// Listens on the channels, on a connection of its own that is made again whenever it is lost.
    ///
    /// The sequence brings `.resynchronise` each time listening has begun, the first time included: what was
    /// notified before is not known. It ends when the client is closed or its reader goes.
    public func listen(_ channels: [String]) -> AsyncThrowingStream<PostgresNotification, any Error> {
        listeners.listen(channels, configuration: configuration, logger: logger, metrics: metrics)
    }

    /// Asks the server for a sign of life, and whether it takes writes.
    ///
    /// - Throws: `PostgresError` of kind `.connection` if it does not: a standby, or a server in maintenance.
    public func ping() async throws {
        let rows = try await query(
            "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool")
        if try rows.decode((Bool).self).first == true {
            throw PostgresError(
                .connection, "the server does not take writes", sqlState: .readOnlyTransaction, isRetryable: true)
        }
    }

    /// Takes nothing new, finishes what is under way, closes every connection and ends its thread.
    ///
    /// Waits for transactions and sessions that still run.
    public func close() async {
        for loop in shared { loop.drain() }
        listeners.cancelAll()
        await pool.close()
        for loop in shared { await loop.waitForTermination() }
        await listeners.waitForAll()
    }
}

extension PostgresClient: PostgresExecutor {
    /// Runs the statements as one transaction of their own, in one flush, pipelined with other callers'.
    public func run(_ queries: [PostgresQuery], file: String, line: Int) async throws -> [PostgresRows] {
        let site = CallSite(file: file, line: line)
        try queries.validate(site)
        let effect = try StatementRules.checkShared(queries, site)
        let reply =
            switch try choose(site) {
            case .shared(let loop): try await runShared(queries, on: loop, effect, site)
            case .lent(let loop): try await runAlone(queries, on: loop, effect, site)
            }
        return queries.rows(reply, site)
    }

    private func runShared(
        _ queries: [PostgresQuery], on loop: ConnectionLoop, _ effect: PipelineUnit.Effect, _ site: CallSite
    ) async throws -> UnitReply {
        defer { loop.load.end() }
        return try await loop.run(.statements(queries), effect: effect, site: site)
    }

    private func runAlone(
        _ queries: [PostgresQuery], on loop: ConnectionLoop, _ effect: PipelineUnit.Effect, _ site: CallSite
    ) async throws -> UnitReply {
        do {
            let reply = try await loop.run(.statements(queries), effect: effect, site: site)
            pool.releaseFromStatement(loop, isFit: await loop.discardTraces(isFit: reply.isIdle, site))
            return reply
        } catch {
            pool.releaseFromStatement(loop, isFit: await loop.discardTraces(isFit: true, site))
            throw error
        }
    }

    /// The connection for a single statement, or a batch.
    private enum Choice {
        case shared(ConnectionLoop)
        case lent(ConnectionLoop)
    }

    /// Chooses the shared connection with the least to do. If something slow is in front on all of them, the pool lends
    /// one; if it has none to lend, the statement waits all the same.
    private func choose(_ site: CallSite) throws -> Choice {
        try picking.withLock { _ in
            var best = shared[0]
            var lowest = best.load.burden
            for loop in shared.dropFirst() where lowest.score > 0 {
                let burden = loop.load.burden
                if burden < lowest { (best, lowest) = (loop, burden) }
            }
            if lowest.isHeldUp, let lent = pool.lendToStatement() { return .lent(lent) }
            guard best.load.units < configuration.maximumQueue else {
                metrics.poolTimeouts.increment()
                throw PostgresError(
                    .poolTimeout,
                    "\(configuration.maximumQueue) statements wait for each connection to \(configuration.redacted)",
                    isRetryable: true
                ).at(site)
            }
            best.load.begin()
            return .shared(best)
        }
    }
}
