import DriverSupport

/// The order of what was sent on one connection, and what the answers mean: pure bookkeeping without I/O.
///
/// `Ticket` stands for the unit, `Result` for one statement's result.
struct PipelineState<Ticket, Result> {
    /// One message group of a unit, answered by exactly one result.
    enum Step: Equatable {
        /// The statement that begins the unit's transaction.
        case begin
        /// The statement that keeps the unit's transaction from writing, under the name it is prepared as.
        case restrict(String?)
        /// An unprepared statement whose result nobody wants.
        case control
        case prepare(String)
        /// A statement, under the name it is prepared as (nil: unprepared).
        case execute(String?)
    }

    /// A unit under way.
    final class Entry {
        let ticket: Ticket
        let steps: [Step]
        /// Alone in its transaction, so that it can be sent again after an error that is not its own.
        let isAlone: Bool
        /// The number of times it was sent before.
        let attempt: Int
        fileprivate let cancelEpoch: UInt64
        fileprivate(set) var cursor = 0
        fileprivate(set) var results: [Result] = []
        fileprivate(set) var failure: PostgresError?
        /// The position, among the executed statements, of the one that failed.
        fileprivate(set) var failedStatement: Int?
        /// Whether the server has refused to begin the unit's transaction.
        fileprivate(set) var couldNotBegin = false
        var isCancelled = false

        /// Whether the server lets the unit's transaction only read.
        var isRestricted: Bool {
            steps.contains { if case .restrict = $0 { true } else { false } }
        }

        /// Whether its last step, a COMMIT, cannot have been done when the connection was lost.
        func isKnownNotToCommit(_ loss: PipelineLoss) -> Bool {
            failure != nil || (loss == .rolledBack && cursor + 1 < steps.count)
        }

        fileprivate init(ticket: Ticket, steps: [Step], isAlone: Bool, attempt: Int, cancelEpoch: UInt64) {
            self.ticket = ticket
            self.steps = steps
            self.isAlone = isAlone
            self.attempt = attempt
            self.cancelEpoch = cancelEpoch
        }
    }

    enum Event {
        case result(Result)
        case error(PostgresError)
        /// Skipped by the server because of an error before, in the same unit.
        case aborted
        case sync
    }

    enum Effect {
        case none
        case prepared(String)
        /// The statement is not prepared on the server.
        case forget(String)
        /// The statement is prepared on the server, but of no use any more.
        case evict(String)
        case finished(Entry, Verdict)
        /// An answer nobody asked for: the connection cannot be trusted any more.
        case outOfStep
    }

    enum Verdict {
        case succeeded([Result])
        case failed(PostgresError)
        /// Nothing of it was kept by the server, for no fault of its own: send it again.
        case resend
    }

    static var maximumAttempts: Int { 4 }

    private var entries = FIFO<Entry>()
    /// Counts cancel requests as they start and end: a unit that saw it change may have been hit by one.
    private var cancelEpoch: UInt64 = 0
    private var cancelRequests = 0

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }
    var head: Entry? { entries.first }

    /// Notes a unit whose steps and Sync have been sent.
    mutating func sent(_ ticket: Ticket, steps: [Step], isAlone: Bool, attempt: Int) {
        entries.append(
            Entry(ticket: ticket, steps: steps, isAlone: isAlone, attempt: attempt, cancelEpoch: cancelEpoch))
    }

    /// Whether a cancel request is on its way.
    var isCancelling: Bool { cancelRequests > 0 }

    mutating func cancelRequestStarted() {
        cancelEpoch += 1
        cancelRequests += 1
    }

    mutating func cancelRequestEnded() {
        cancelEpoch += 1
        cancelRequests -= 1
    }

    /// Forgets requests to cancel what a former connection did: they cannot reach this one.
    mutating func forgetCancelRequests() {
        cancelRequests = 0
    }

    /// Marks the units of which the predicate says that their caller has gone.
    mutating func markCancelled(where isGone: (Ticket) -> Bool) {
        entries.forEach { entry in
            if !entry.isCancelled, isGone(entry.ticket) { entry.isCancelled = true }
        }
    }

    mutating func received(_ event: Event) -> Effect {
        guard let entry = entries.first else { return .outOfStep }
        if case .sync = event {
            guard entry.cursor == entry.steps.count else { return .outOfStep }
            _ = entries.popFirst()
            return .finished(entry, verdict(on: entry))
        }
        if case .error(let error) = event, entry.cursor == entry.steps.count, !error.endsConnection {
            // A transaction of its own is committed by its Sync, which may fail: a deferred constraint, say.
            entry.failure = entry.failure ?? error
            entry.failedStatement = entry.failedStatement ?? max(entry.results.count - 1, 0)
            return .none
        }
        guard entry.cursor < entry.steps.count else { return .outOfStep }
        let step = entry.steps[entry.cursor]
        // An error that ends the connection leaves its statement unfinished.
        if case .error(let error) = event, error.endsConnection { return .none }
        entry.cursor += 1
        switch event {
        case .result(let result):
            switch step {
            case .execute: entry.results.append(result)
            case .prepare(let name): return .prepared(name)
            case .begin, .restrict, .control: break
            }
            return .none
        case .aborted:
            if case .prepare(let name) = step { return .forget(name) }
            return .none
        case .error(let error):
            entry.failure = error
            entry.failedStatement = entry.results.count
            switch step {
            case .prepare(let name): return .forget(name)
            case .execute(let name?) where error.sqlState == .invalidStatementName,
                .restrict(let name?) where error.sqlState == .invalidStatementName:
                return .forget(name)
            case .execute(let name?) where error.isStalePlan: return .evict(name)
            case .begin:
                entry.couldNotBegin = true
                return .none
            case .execute, .restrict, .control: return .none
            }
        case .sync: return .outOfStep
        }
    }

    private func verdict(on entry: Entry) -> Verdict {
        guard var failure = entry.failure else { return .succeeded(entry.results) }
        let mayResend = entry.isAlone && !entry.isCancelled && entry.attempt + 1 < Self.maximumAttempts
        if failure.sqlState == .queryCanceled {
            let hitByCancel = entry.isCancelled || isCancelling || entry.cancelEpoch != cancelEpoch
            if hitByCancel, mayResend { return .resend }
            if hitByCancel { failure = .cancelled() }
            return .failed(failure)
        }
        let lostPlan = failure.isStalePlan || failure.sqlState == .invalidStatementName
        // Each time one more of those that the server has forgotten is prepared again: the restriction, say, then the read.
        if lostPlan, mayResend, entry.attempt == 0 || !failure.isStalePlan { return .resend }
        return .failed(failure)
    }

    /// Empties the pipeline after the connection was lost.
    ///
    /// - Parameter byServer: the server said so with an error, in answer to the first unit.
    mutating func lost(byServer: Bool) -> [(Entry, PipelineLoss)] {
        var losses: [(Entry, PipelineLoss)] = []
        for (index, entry) in entries.removeAll().enumerated() {
            if !byServer {
                losses.append((entry, .unknown))
            } else if index == 0 {
                // A transaction of its own is committed by the Sync, after its last statement.
                losses.append((entry, entry.cursor < entry.steps.count ? .rolledBack : .unknown))
            } else {
                losses.append((entry, .notReached))
            }
        }
        return losses
    }
}

/// The fate of a unit that was under way when the connection was lost.
enum PipelineLoss {
    /// The server had not finished, so it has rolled back.
    case rolledBack
    /// The server never came to it.
    case notReached
    case unknown
}
