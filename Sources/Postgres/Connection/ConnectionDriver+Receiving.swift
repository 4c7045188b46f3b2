import CPostgres
import Glibc
import Logging
import Synchronization

/// A script under way.
struct ScriptRun {
    let unit: PipelineUnit
    var failure: PostgresError?
}

extension ConnectionDriver {
    /// Waits for answers, room to send, or other threads, and handles what comes.
    func waitAndReceive() {
        guard let connection else { return }
        if hasUnsentBytes {
            guard let isUnsent = connection.flush() else { return serverHasGone() }
            hasUnsentBytes = isUnsent
        }
        let events = Int16(POLLIN) | (hasUnsentBytes ? Int16(POLLOUT) : 0)
        let ready: Int16
        if loop.prepareToSleep(knowing: phase) {
            ready = poll(connection.socket, events: events, until: nextDeadline())
        } else {
            ready = poll(connection.socket, events: events, timeout: 0)
        }
        if ready & ~Int16(POLLOUT) != 0 {
            guard connection.consumeInput() else { return serverHasGone() }
            handleNotifications()
            handleResults()
            if self.connection != nil, connection.isBroken { return serverHasGone() }
        }
        checkProgress()
    }

    /// The connection failed; answers that came before it did still count.
    private func serverHasGone() {
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
            handle(result)
        }
        lastProgress = clock.now
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

    private func finish(
        _ entry: PipelineState<PipelineUnit, QueryResult>.Entry,
        _ verdict: PipelineState<PipelineUnit, QueryResult>.Verdict
    ) {
        let unit = entry.ticket
        let isIdle = pipeline.isEmpty && connection?.isIdle == true
        switch verdict {
        case .succeeded(let results):
            unit.succeed(UnitReply(results: results, isIdle: isIdle))
        case .failed(let error):
            let queries = unit.queries
            let failed = entry.failedStatement.flatMap { $0 < queries.count ? queries[$0].sql : nil }
            unit.fail(error.at(unit.site, query: failed))
        case .resend:
            waiting.prepend([WaitingUnit(unit: unit, attempt: entry.attempt + 1)])
        }
        if isShared, pipeline.isEmpty, !isIdle, connection != nil {
            // Somebody's statement opened a transaction on a connection that all share.
            loseConnection(
                cause: PostgresError(.connection, "a statement left a transaction open"), byServer: false)
        }
    }

    // MARK: Scripts

    func startScript(_ unit: PipelineUnit, _ text: String) -> Bool {
        guard let connection, connection.exitPipelineMode(), connection.sendScript(text) else { return false }
        script = ScriptRun(unit: unit)
        hasUnsentBytes = true
        return true
    }

    private func handleScriptResults() {
        while let connection, let run = script, !connection.isBusy {
            guard let result = connection.nextResult() else {
                guard connection.enterPipelineMode() else { return serverHasGone() }
                script = nil
                if var failure = run.failure {
                    if failure.sqlState == .queryCanceled, run.unit.isCancelled { failure = .cancelled() }
                    run.unit.fail(failure)
                } else {
                    run.unit.succeed(UnitReply(results: [], isIdle: connection.isIdle))
                }
                return
            }
            switch PQresultStatus(result) {
            case PGRES_FATAL_ERROR:
                let error = PostgresError(result: result)
                if error.endsConnection {
                    PQclear(result)
                    return loseConnection(cause: error, byServer: false)
                }
                script?.failure = run.failure ?? error
            case PGRES_COPY_IN: connection.refuseCopyIn()
            case PGRES_COPY_OUT, PGRES_COPY_BOTH:
                PQclear(result)
                return loseConnection(
                    cause: PostgresError(.usage, "COPY is not supported by this driver"), byServer: false)
            default: break
            }
            PQclear(result)
        }
    }

    // MARK: Deadlines

    /// The unit the server works on whose caller has gone.
    private var cancelledUnit: PipelineUnit? {
        if let script { return script.unit.isCancelled ? script.unit : nil }
        if let head = pipeline.head, head.isCancelled { return head.ticket }
        return nil
    }

    /// Asks the server to stop, when that is due.
    func sendCancelRequest() {
        guard let connection, let unit = cancelledUnit else { return cancelling.reset() }
        let step = cancelling.step(
            for: ObjectIdentifier(unit), isRequestOnItsWay: pipeline.isCancelling, now: clock.now)
        switch step {
        case .none, .wait: return
        case .giveUp:
            loseConnection(
                cause: PostgresError(.connection, "the server did not stop a cancelled statement"), byServer: false)
        case .send:
            pipeline.cancelRequestStarted()
            loop.statistics.cancelRequests.add(1, ordering: .relaxed)
            let request = connection.makeCancelRequest()
            if request?.send(whenDone: { [loop] in loop.cancelRequestEnded() }) != true {
                pipeline.cancelRequestEnded()
            }
        }
    }

    private func nextDeadline() -> ContinuousClock.Instant? {
        if let unit = cancelledUnit {
            let step = cancelling.step(
                for: ObjectIdentifier(unit), isRequestOnItsWay: true, now: clock.now)
            if case .wait(let end) = step { return min(end, clock.now + .milliseconds(20)) }
            return clock.now
        }
        return progressDeadline
    }

    /// A server that is silent for longer than its own `statement_timeout` allows has stopped working. Only on a
    /// shared connection: inside a transaction the timeout may have been changed.
    private var progressDeadline: ContinuousClock.Instant? {
        guard isShared, !pipeline.isEmpty, loop.configuration.statementTimeout > .zero else { return nil }
        return lastProgress + loop.configuration.statementTimeout + .seconds(5)
    }

    private func checkProgress() {
        guard let deadline = progressDeadline, clock.now >= deadline else { return }
        loseConnection(cause: PostgresError(.timeout, "the server does not answer"), byServer: false)
    }
}
