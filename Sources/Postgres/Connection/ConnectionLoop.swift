import DriverSupport
import Logging
import Metrics
import Synchronization

/// The face of one connection and its thread to the rest of the driver.
///
/// The thread starts with the first unit. It connects, sends, receives, and alone touches libpq's handle.
final class ConnectionLoop: Sendable {
    enum Role: Sendable {
        /// Carries units of many callers, each its own transaction; connects again when lost.
        case shared
        /// Lent to one caller at a time; ends when lost.
        case leased
        /// As leased; hands on notifications.
        case listening(@Sendable (_ channel: String, _ payload: String) -> Void)
    }

    let role: Role
    let configuration: PostgresConfiguration
    let logger: Logger
    let metrics: DriverMetrics
    let statistics = LoopStatistics()
    let load = LoopLoad()
    let memory: ServerMemory
    private let openWakeUp: @Sendable (WakeUp) -> Bool
    let inbox = Mailbox(LoopInbox())
    private let fitness = Mutex(LoopFitness())

    init(
        role: Role, configuration: PostgresConfiguration, logger: Logger, metrics: DriverMetrics,
        memory: ServerMemory = ServerMemory(),
        openWakeUp: @escaping @Sendable (WakeUp) -> Bool = { $0.open() }
    ) {
        self.role = role
        self.configuration = configuration
        self.logger = logger
        self.metrics = metrics
        self.memory = memory
        self.openWakeUp = openWakeUp
    }

    /// Whether a connection was ever made.
    var hasConnected: Bool { statistics.connects.load(ordering: .acquiring) > 0 }

    /// The facts that decide whether the connection may be lent again.
    var fit: LoopFitness { fitness.withLock { $0 } }

    /// Whether another borrower may have it: nothing has been found out that speaks against the server or the session.
    var isFit: Bool {
        let fit = fit
        return isUsable && !fit.isSpoilt && (!hasConnected || fit.epoch == memory.epoch)
    }

    /// Changes what decides whether the connection may be lent again.
    func judge(_ change: (inout LoopFitness) -> Void) { fitness.withLock { change(&$0) } }

    /// Whether units may still be submitted.
    var isUsable: Bool {
        inbox.withContents { $0.phase == .open && $0.termination == nil }
    }

    /// Runs a unit and waits for its end. When the task is cancelled the unit is dropped or cancelled on the server,
    /// unless it is shielded.
    func run(
        _ work: PipelineUnit.Work, opening: TransactionOpening? = nil, effect: PipelineUnit.Effect, site: CallSite?,
        shielded: Bool = false
    ) async throws -> UnitReply {
        let start = MonotonicTime.now
        do {
            let reply = try await reply(to: work, opening, effect: effect, site: site, shielded: shielded)
            switch work {
            case .statements(let queries), .commit(let queries): metrics.queries.increment(by: queries.count)
            case .command, .script, .reset, .deallocate: break
            }
            metrics.queryDuration.recordNanoseconds(MonotonicTime.now.nanoseconds - start.nanoseconds)
            return reply
        } catch {
            metrics.failures.increment()
            throw error
        }
    }

    private func reply(
        to work: PipelineUnit.Work, _ opening: TransactionOpening?, effect: PipelineUnit.Effect, site: CallSite?,
        shielded: Bool
    ) async throws -> UnitReply {
        if shielded {
            return try await withUnsafeThrowingContinuation { continuation in
                submit(
                    PipelineUnit(
                        work, opening: opening, effect: effect, site: site, cancellation: nil,
                        continuation: continuation))
            }
        }
        let flag = CancellationFlag()
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                submit(
                    PipelineUnit(
                        work, opening: opening, effect: effect, site: site, cancellation: flag,
                        continuation: continuation))
            }
        } onCancel: {
            flag.set()
            inbox.post { $0.hasCancellations = true }
        }
    }

    private func submit(_ unit: PipelineUnit) {
        let refusal: PostgresError? = inbox.post { inbox in
            if let termination = inbox.termination { return termination }
            if inbox.phase != .open { return .closed() }
            do throws(PostgresError) {
                try startThread(&inbox)
            } catch {
                return error
            }
            inbox.units.append(unit)
            return nil
        }
        if let refusal { unit.fail(refusal) }
    }

    /// Starts the thread, if it has not been.
    func startThread(_ inbox: inout LoopInbox) throws(PostgresError) {
        if inbox.thread == nil { inbox.thread = try makeThread() }
    }

    private func makeThread() throws(PostgresError) -> OwningThread {
        guard openWakeUp(inbox.wake) else {
            throw PostgresError(
                .connection, "the process has no file descriptor left to wait with", isRetryable: true)
        }
        do {
            return try OwningThread.start(name: "pg-\(configuration.database)", stackBytes: 8 << 20) {
                // The handle is gone before the thread's end is told.
                let driver = ConnectionDriver(self)
                driver.run()
            }
        } catch {
            throw PostgresError(.connection, "the system has no thread to give: \(error)", isRetryable: true)
        }
    }

    /// Called by the thread that has sent a cancel request.
    func cancelRequestEnded(_ end: CancelRequest.End) {
        inbox.post { $0.endedCancelRequests.append(end) }
    }

    /// Takes nothing new; the thread ends when everything submitted is done.
    func drain() {
        end(.draining)
    }

    /// Ends at once: whatever is under way fails.
    func abort() {
        end(.aborted)
    }

    private func end(_ phase: LoopInbox.Phase) {
        inbox.post { inbox in
            if inbox.phase != .aborted { inbox.phase = phase }
            if inbox.thread == nil, inbox.termination == nil { inbox.termination = .closed() }
        }
    }

    /// Returns when the thread has let go of everything, or at once if it never started.
    func waitForTermination() async {
        await inbox.withContents { $0.thread }?.waitUntilEnded()
    }
}

// For the thread.
extension ConnectionLoop {
    /// Takes everything out of the inbox; units and jobs in exchange for the (empty) arrays given, whose room is used
    /// again.
    func takeInbox(
        _ units: inout [PipelineUnit], _ jobs: inout [UnownedJob]
    ) -> (phase: LoopInbox.Phase, hasCancellations: Bool, endedCancelRequests: [CancelRequest.End]) {
        inbox.take { inbox in
            swap(&units, &inbox.units)
            swap(&jobs, &inbox.jobs)
            defer {
                inbox.hasCancellations = false
                inbox.endedCancelRequests = []
            }
            return (inbox.phase, inbox.hasCancellations, inbox.endedCancelRequests)
        }
    }

    /// Waits for the socket's events (none without a socket) or something in the inbox; not at all if there is something.
    ///
    /// - Returns: The socket's events.
    func wait(for events: Int32 = 0, of socket: Int32 = -1, until moment: MonotonicTime?) -> Int32 {
        inbox.wait(alsoOn: socket, for: events, until: moment)
    }

    /// Refuses all further units; gives those that came too late.
    func terminate(_ error: PostgresError) -> [PipelineUnit] {
        inbox.withContents { inbox in
            inbox.termination = inbox.termination ?? error
            defer { inbox.units.removeAll() }
            return inbox.units
        }
    }
}
