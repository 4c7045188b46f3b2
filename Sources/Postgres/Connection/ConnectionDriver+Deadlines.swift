import DriverSupport

/// The time a server may be silent.
extension ConnectionDriver {
    /// After its `statement_timeout` a server that works answers; this is for the answer's way.
    private static let grace = Duration.seconds(5)
    /// The time the end of a transaction may take where the server has no limit.
    private static let longestEnd = Duration.seconds(600)

    func nextDeadline() -> MonotonicTime? {
        if let unit = cancelledUnit {
            let step = cancelling.step(
                for: ObjectIdentifier(unit), isRequestOnItsWay: true, now: .now)
            if case .wait(let end) = step { return min(end, .now + .milliseconds(20)) }
            return .now
        }
        return progressDeadline ?? holdEnd
    }

    /// The time when a server that has said nothing has stopped working: each statement has the time that its
    /// `statement_timeout` gives it, and the answers may come all at once after the last.
    private var progressDeadline: MonotonicTime? {
        if let script {
            return statementLimit.map { lastProgress + $0 * script.statements + Self.grace }
        }
        guard let head = pipeline.head else { return nil }
        if let limit = statementLimit { return lastProgress + limit * max(head.steps.count, 1) + Self.grace }
        switch head.ticket.work {
        case .command, .commit: return lastProgress + Self.longestEnd
        case .statements, .script, .reset, .deallocate: return nil
        }
    }

    /// The server's limit as a statement of the session may have changed it; nil for none.
    private var statementLimit: Duration? {
        switch transactionTimeout ?? sessionTimeout {
        case .configured: configuredTimeout
        case .limited(let limit): limit
        case .unlimited: nil
        }
    }

    func checkProgress() {
        guard let deadline = progressDeadline, deadline <= .now else { return }
        loseConnection(cause: PostgresError(.timeout, "the server does not answer"), byServer: false)
    }

    /// Heeds what a statement that is being sent makes of the session.
    func note(_ verdict: StatementVerdict) {
        if isShared { return }
        if let timeout = verdict.timeout {
            if verdict.touchesSession { sessionTimeout = timeout } else { transactionTimeout = timeout }
        }
        if verdict.touchesSession || verdict.mayTouchSession { loop.judge { $0.isSessionTouched = true } }
    }

    /// Heeds what a script may do.
    func noteScript(_ text: String) {
        if isShared { return }
        if let timeout = ServerTimeout(changedBy: text) {
            transactionTimeout = timeout
            sessionTimeout = .unlimited
        }
        loop.judge { $0.isSessionTouched = true }
    }
}
