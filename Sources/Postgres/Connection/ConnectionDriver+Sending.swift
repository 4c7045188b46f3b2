import DriverSupport
import Synchronization

extension ConnectionDriver {
    /// Sends what waits, as far as the pipeline has room.
    func sendWaiting() {
        if isShared, connection != nil, epoch != loop.memory.epoch { isRetiring = true }
        if isRetiring {
            if pipeline.isEmpty, script == nil { letGoOfConnection() }
            return
        }
        let areSeveral = waiting.count > 1
        if areSeveral { connection?.gather(true) }
        defer { if areSeveral { connection?.gather(false) } }
        while connection != nil, script == nil, pipeline.count < Self.maximumInFlight, let next = waiting.first {
            if mustHold() || next.unit.opening?.turn == .waits { return }
            // What is outside of pipeline mode waits until everything before it is done.
            if case .script = next.unit.work, !pipeline.isEmpty { return }
            deallocateEvicted()
            guard let next = waiting.popFirst() else { return }
            if next.unit.isCancelled {
                next.unit.fail(.cancelled())
            } else {
                send(next)
            }
        }
    }

    /// Tells the server which statements the cache let go of; never inside somebody's transaction.
    private func deallocateEvicted() {
        if cache.evicted.isEmpty || !isOutsideTransaction { return }
        let names = cache.takeEvicted()
        send(
            WaitingUnit(
                unit: PipelineUnit(
                    .deallocate(names), effect: .insideTransaction, site: nil, cancellation: nil, continuation: nil)))
    }

    /// Whether the next unit starts outside of any transaction.
    private var isOutsideTransaction: Bool {
        if isShared { return true }
        guard let connection else { return false }
        return pipeline.isEmpty && connection.isIdle
    }

    private func send(_ next: WaitingUnit) {
        guard let connection else { return }
        isAlone = isOutsideTransaction
        let unit = next.unit
        var isSent = true
        var steps: [PipelineState<PipelineUnit, QueryResult>.Step] = []
        switch unit.opening?.take() {
        case nil, .goesOn?: break
        case .begins?:
            steps.append(.begin)
            isSent = connection.sendUnprepared(unit.opening?.sql ?? "")
        case .waits?, .refused?:
            return unit.fail(PostgresError(.transactionAborted, "the transaction is not open"))
        }
        switch unit.work {
        case _ where !isSent: break
        case .script(let text):
            noteScript(text)
            isSent = startScript(unit, text)
        case .command(let sql):
            isSent = connection.sendUnprepared(sql) && sync(next, steps: steps + [.execute(nil)])
        case .reset:
            cache.removeAll()
            sessionTimeout = .configured
            isSent = connection.sendUnprepared("DISCARD ALL") && sync(next, steps: [.execute(nil)])
        case .deallocate(let names):
            let areSent = names.allSatisfy { connection.sendUnprepared("DEALLOCATE \($0)") }
            isSent = areSent && sync(next, steps: names.map { _ in .control })
        case .statements(let queries):
            isSent = send(queries, next, &steps) && sync(next, steps: steps)
        case .commit(let queries):
            // What comes late would commit by itself behind it.
            _ = unit.opening?.close()
            isSent =
                send(queries, next, &steps) && connection.sendUnprepared("COMMIT")
                && sync(next, steps: steps + [.execute(nil)])
        }
        if !isSent, self.connection != nil {
            // libpq may hold half of the unit: nothing after it would be in step.
            let cause = PostgresError(.connection, connection.errorMessage)
            loseConnection(cause: cause, byServer: false)
            unit.fail(LossJudgement.error(for: .insideTransaction, loss: .notReached, cause: cause))
        }
    }

    /// Has the transaction it is sent in refuse whatever would write, until the Sync; unlike `SET TRANSACTION` it brings
    /// no warning where no BEGIN came before.
    private static let restriction: PostgresQuery = "SELECT set_config('transaction_read_only', 'on', true)"

    private func send(
        _ queries: [PostgresQuery], _ next: WaitingUnit, _ steps: inout [PipelineState<PipelineUnit, QueryResult>.Step]
    ) -> Bool {
        steps.reserveCapacity(queries.count * 2 + 3)
        // In a transaction of others' the restriction would hold for what comes after it, too.
        if next.unit.effect == .read, isAlone {
            guard send(Self.restriction, next, &steps, as: { .restrict($0) }) else { return false }
        }
        for query in queries {
            if !isShared { note(StatementVerdict.on(query.sql)) }
            guard send(query, next, &steps, as: { .execute($0) }) else { return false }
        }
        loop.statistics.statements.add(queries.count, ordering: .relaxed)
        return true
    }

    /// Sends one statement, and its preparation if that was not sent before.
    private func send(
        _ query: PostgresQuery, _ next: WaitingUnit, _ steps: inout [PipelineState<PipelineUnit, QueryResult>.Step],
        as step: (String?) -> PipelineState<PipelineUnit, QueryResult>.Step
    ) -> Bool {
        guard let connection else { return false }
        let statement = cache.lookup(StatementCache.Key(sql: query.sql, types: query.parameters.types))
        if next.attempt > 0, !statement.mustPrepare, !statement.isConfirmed {
            // Another unit is about to prepare it, and may fail as the one before did: rely on nobody.
            steps.append(step(nil))
            return connection.sendUnprepared(query)
        }
        if statement.mustPrepare {
            guard connection.sendPrepare(name: statement.name, query: query) else { return false }
            steps.append(.prepare(statement.name))
        }
        steps.append(step(statement.name))
        return connection.sendPrepared(name: statement.name, parameters: query.parameters)
    }

    private func sync(_ next: WaitingUnit, steps: [PipelineState<PipelineUnit, QueryResult>.Step]) -> Bool {
        guard let connection, connection.sendSync() else { return false }
        loop.statistics.syncs.add(1, ordering: .relaxed)
        hasUnsentBytes = true
        if pipeline.isEmpty { lastProgress = .now }
        switch next.unit.effect {
        case .autocommit, .read: break
        case .insideTransaction, .commit: isAlone = false
        }
        pipeline.sent(next.unit, steps: steps, isAlone: isAlone, attempt: next.attempt)
        if next.unit.isCancelled { pipeline.markCancelled(where: \.isCancelled) }
        return true
    }
}
