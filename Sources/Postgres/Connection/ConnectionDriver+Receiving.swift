import CPostgres
import DriverSupport
import Glibc
import Logging
import Synchronization

extension ConnectionDriver {
    /// Waits for answers, room to send, or other threads, and handles what comes.
    func waitAndReceive() {
        guard let connection else { return }
        if hasUnsentBytes {
            guard let isUnsent = connection.flush() else { return serverHasGone() }
            hasUnsentBytes = isUnsent
        }
        let events = POLLIN | (hasUnsentBytes ? POLLOUT : 0)
        let ready = loop.wait(for: events, of: connection.socket, until: nextDeadline())
        if ready & ~POLLOUT != 0 {
            guard connection.consumeInput() else { return serverHasGone() }
            lastProgress = .now
            handleNotifications()
            handleResults()
            if self.connection != nil, connection.isBroken { return serverHasGone() }
        }
        checkProgress()
    }

    /// The connection failed; answers that came before it did still count.
    func serverHasGone() {
        let message = connection?.errorMessage ?? ""
        handleResults()
        if connection == nil { return }
        let text = message.isEmpty ? "the server closed the connection" : message
        loseConnection(cause: PostgresError(.connection, text), byServer: false)
    }

    private func handleNotifications() {
        guard case .listening(let deliver) = loop.role, let connection else { return }
        while let (channel, payload) = connection.nextNotification() { deliver(channel, payload) }
    }

    private func handleResults() {
        if script != nil { return handleScriptResults() }
        // Also reads what comes unasked: notices, the reason of a shutdown.
        if pipeline.isEmpty {
            _ = connection?.isBusy
            if let farewell = connection?.farewell { return loseConnection(cause: farewell, byServer: true) }
        }
        var hadResult = true
        while let connection, !pipeline.isEmpty, !connection.isBusy {
            guard let result = connection.nextResult() else {
                // One null stands between two results; two mean that libpq has no more.
                if !hadResult { return }
                hadResult = false
                continue
            }
            hadResult = true
            if let cause = connection.unreplicatedCommit {
                PQclear(result)
                return loseConnection(cause: cause, byServer: false)
            }
            handle(result)
        }
    }

    private func handle(_ result: OpaquePointer) {
        let event: PipelineState<PipelineUnit, QueryResult>.Event
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            event = .result(QueryResult(result))
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            event = .sync
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)
            event = .aborted
        case PGRES_FATAL_ERROR:
            let error = PostgresError(result: result)
            PQclear(result)
            if error.endsConnection { return loseConnection(cause: error, byServer: error.sqlState != nil) }
            event = .error(error)
        default:
            PQclear(result)
            return loseConnection(
                cause: PostgresError(.usage, "COPY is not supported by this driver"), byServer: false)
        }
        switch pipeline.received(event) {
        case .none: break
        case .prepared(let name): cache.confirm(name)
        case .forget(let name): cache.forget(name)
        case .evict(let name): cache.evict(name)
        case .finished(let entry, let verdict): finish(entry, verdict)
        case .outOfStep:
            loseConnection(cause: PostgresError(.connection, "an answer out of step"), byServer: false)
        }
    }

    /// A server that does not take writes is no more use than one that is away, unless the caller has asked for a
    /// transaction or a statement that cannot write. Other connections to it are given up too: the next may find another server.
    func judged(_ error: PostgresError, of unit: PipelineUnit, isRestricted: Bool = false) -> PostgresError {
        guard error.sqlState == .readOnlyTransaction, !isRestricted, unit.opening?.isReadOnly != true else {
            return error
        }
        loop.memory.cannotWrite(epoch: epoch)
        var away = error
        away.kind = .connection
        away.isRetryable = true
        away.message = "the server does not take writes: \(error.message)"
        return away
    }

    private func finish(
        _ entry: PipelineState<PipelineUnit, QueryResult>.Entry,
        _ verdict: PipelineState<PipelineUnit, QueryResult>.Verdict
    ) {
        let unit = entry.ticket
        let isIdle = pipeline.isEmpty && connection?.isIdle == true
        if unit.endsTransaction { transactionTimeout = nil }
        if entry.steps.first == .begin { unit.opening?.answered(isOpen: !entry.couldNotBegin) }
        switch verdict {
        case .succeeded(let results):
            unit.succeed(UnitReply(results: results, isIdle: isIdle))
        case .failed(let failure):
            let queries = unit.queries
            let failed = entry.failedStatement.flatMap { $0 < queries.count ? queries[$0] : nil }
            if failure.sqlState == .readOnlyTransaction, entry.isRestricted, let failed, !failed.isDeclaredReadOnly {
                // It writes, though by its text it reads: a view over a function, say. Nothing of it was done yet.
                StatementVerdict.writes(failed.sql)
                waiting.prepend([WaitingUnit(unit: unit.asWrite(), attempt: entry.attempt + 1)])
            } else {
                let error = judged(failure, of: unit, isRestricted: entry.isRestricted)
                unit.fail(error.at(unit.site, query: failed?.sql))
            }
        case .resend:
            waiting.prepend([WaitingUnit(unit: unit, attempt: entry.attempt + 1)])
        }
        if isShared, pipeline.isEmpty, !isIdle, connection != nil {
            // Somebody's statement opened a transaction on a connection that all share.
            loseConnection(
                cause: PostgresError(.connection, "a statement left a transaction open"), byServer: false)
        }
    }
}
