import CPostgres
import DriverSupport
import Logging
import Metrics
import Synchronization

/// A unit that waits to be sent, and how often it was before.
struct WaitingUnit {
    let unit: PipelineUnit
    var attempt = 0
}

/// The part that runs on a connection's thread: connects, sends units, hands out results. Not Sendable.
final class ConnectionDriver {
    /// More than this is not sent ahead; what waits can be dropped without a trace.
    static let maximumInFlight = 1024

    let loop: ConnectionLoop
    var connection: LibpqConnection?
    var pipeline = PipelineState<PipelineUnit, QueryResult>()
    var waiting = FIFO<WaitingUnit>()
    var cache = StatementCache()
    var phase = LoopInbox.Phase.open
    var hasUnsentBytes = false
    /// A script has the connection for itself, outside of pipeline mode.
    var script: ScriptRun?
    var cancelling = CancelSchedule()
    /// Counts the connections made, to tell what a request to cancel was for.
    var connectionNumber = 0
    /// Requests to cancel whose threads have not ended, for whichever connection.
    var cancelThreads = 0
    /// Until when nothing is sent because a request to cancel is still on its way to what was sent before.
    var holdEnd: MonotonicTime?
    /// The connection is given up when all that was sent is answered, and made again for what waits.
    var isRetiring = false
    /// In which epoch of the servers the connection was made.
    var epoch = 0
    /// The value that a borrower has given the server's `statement_timeout`.
    var sessionTimeout = ServerTimeout.configured
    /// The value that it has given it until the transaction's end.
    var transactionTimeout: ServerTimeout?
    let configuredTimeout: Duration?
    /// The unit being sent is in a transaction of its own.
    var isAlone = false
    /// The time when the server last gave an answer, or was last given work after a pause.
    var lastProgress = MonotonicTime.now
    private var taken: [PipelineUnit] = []
    private var jobs: [UnownedJob] = []
    var backoff = Backoff.reconnecting
    var connectNotBefore: MonotonicTime?
    var hasConnected = false

    init(_ loop: ConnectionLoop) {
        self.loop = loop
        configuredTimeout = loop.configuration.effectiveStatementTimeout
    }

    /// Runs until the loop is closed or, unless shared, its connection is lost.
    func run() {
        while true {
            takeInbox()
            if phase == .aborted {
                loseConnection(cause: .closed(), byServer: false)
                break
            }
            if connection != nil {
                sendWaiting()
                if phase == .draining, waiting.isEmpty, isQuiet { break }
                sendCancelRequest()
                if connection != nil { waitAndReceive() }
            } else {
                if phase == .draining, waiting.isEmpty { break }
                if waiting.isEmpty {
                    _ = loop.wait(until: nil)
                } else if let moment = connectNotBefore, .now < moment {
                    _ = loop.wait(until: moment)
                } else {
                    connect()
                }
            }
            if connection == nil, hasEnded { break }
        }
        finish()
    }

    /// A connection that is lent does not come back by itself.
    var hasEnded = false

    private var isQuiet: Bool { pipeline.isEmpty && script == nil }

    var isShared: Bool { if case .shared = loop.role { true } else { false } }

    private func finish() {
        let error = PostgresError.closed()
        for late in waiting.removeAll().map(\.unit) + loop.terminate(error) { late.fail(error) }
        letGoOfConnection()
        // No thread is left behind, unless the server has stopped working and PQcancel waits for it.
        let deadline = MonotonicTime.now + .seconds(2)
        while cancelThreads > 0, .now < deadline {
            _ = loop.wait(until: deadline)
            takeInbox()
        }
        // Nothing is added any more.
        takeInbox()
    }

    /// Takes what others have left, and runs the borrower's code; what that has to send at once, too.
    func takeInbox() {
        // Code that never waits for the server does not keep its answers waiting.
        for _ in 0..<16 {
            takeInboxOnce()
            if jobs.isEmpty { return }
            for job in jobs { job.runSynchronously(on: loop.asUnownedTaskExecutor()) }
            jobs.removeAll(keepingCapacity: true)
        }
    }

    private func takeInboxOnce() {
        let inbox = loop.takeInbox(&taken, &jobs)
        phase = inbox.phase
        for unit in taken { waiting.append(WaitingUnit(unit: unit)) }
        taken.removeAll(keepingCapacity: true)
        for end in inbox.endedCancelRequests { cancelRequestEnded(end) }
        if inbox.hasCancellations {
            while let gone = waiting.remove(where: \.unit.isCancelled) { gone.unit.fail(.cancelled()) }
            pipeline.markCancelled(where: \.isCancelled)
        }
    }

    // MARK: Losing the connection

    /// Closes the handle and forgets all that was true of this connection only.
    func letGoOfConnection() {
        connection = nil
        loop.load.note(isConnected: false)
        isRetiring = false
        holdEnd = nil
        cancelling.reset()
        pipeline.forgetCancelRequests()
    }

    /// Settles everything under way and lets go of the handle.
    ///
    /// - Parameter byServer: the server has ended the connection with an error, in answer to the first unit.
    func loseConnection(cause: PostgresError, byServer: Bool) {
        if connection != nil, phase != .aborted {
            loop.logger.warning(
                "PostgreSQL connection lost",
                metadata: ["server": "\(loop.configuration.redacted)", "error": "\(cause.message)"])
        }
        letGoOfConnection()
        var again: [WaitingUnit] = []
        if let script {
            self.script = nil
            script.unit.fail(LossJudgement.error(for: script.unit.effect, loss: .unknown, cause: cause))
        }
        for (entry, loss) in pipeline.lost(byServer: byServer) {
            let unit = entry.ticket
            let effect = Self.effect(of: entry, loss)
            let isInnocent = loss == .notReached || (loss == .rolledBack && cause.sqlState == .adminShutdown)
            if entry.isCancelled {
                unit.fail(
                    loss == .unknown ? LossJudgement.error(for: effect, loss: loss, cause: cause) : .cancelled())
            } else if isShared, isInnocent, phase == .open, entry.attempt < 2 {
                again.append(WaitingUnit(unit: unit, attempt: entry.attempt + 1))
            } else {
                unit.fail(LossJudgement.error(for: effect, loss: loss, cause: cause))
            }
        }
        waiting.prepend(again)
        if isShared, phase != .aborted { return }
        hasEnded = true
        let error = LossJudgement.error(for: .insideTransaction, loss: .notReached, cause: cause)
        for unit in waiting.removeAll().map(\.unit) + loop.terminate(error) { unit.fail(error) }
    }

    /// The effect that the loss of a unit may have had on the data.
    private static func effect(
        of entry: PipelineState<PipelineUnit, QueryResult>.Entry, _ loss: PipelineLoss
    ) -> PipelineUnit.Effect {
        switch entry.ticket.effect {
        case .read: entry.isRestricted ? .read : .autocommit
        // The server skips a COMMIT behind a statement that fails, and never comes to one when it ends before.
        case .commit: entry.isKnownNotToCommit(loss) ? .insideTransaction : .commit
        case .autocommit, .insideTransaction: entry.ticket.effect
        }
    }
}
