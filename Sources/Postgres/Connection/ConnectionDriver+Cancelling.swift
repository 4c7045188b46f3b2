import DriverSupport
import Synchronization

extension ConnectionDriver {
    /// The unit the server works on whose caller has gone.
    var cancelledUnit: PipelineUnit? {
        if let script { return script.unit.isCancelled ? script.unit : nil }
        if let head = pipeline.head, head.isCancelled { return head.ticket }
        return nil
    }

    /// Asks the server to stop, when that is due.
    func sendCancelRequest() {
        guard let connection, let unit = cancelledUnit else { return cancelling.reset() }
        let step = cancelling.step(
            for: ObjectIdentifier(unit), isRequestOnItsWay: pipeline.isCancelling, now: .now)
        switch step {
        case .none, .wait: return
        case .giveUp:
            loseConnection(
                cause: PostgresError(.connection, "the server did not stop a cancelled statement"), byServer: false)
        case .send:
            let number = connectionNumber
            pipeline.cancelRequestStarted()
            cancelThreads += 1
            loop.statistics.cancelRequests.add(1, ordering: .relaxed)
            let isSent = connection.makeCancelRequest()?.send { [loop] isCertain in
                loop.cancelRequestEnded(CancelRequest.End(connection: number, isCertain: isCertain))
            }
            if isSent != true {
                pipeline.cancelRequestEnded()
                cancelThreads -= 1
            }
        }
    }

    /// Notes that the thread of a request to cancel has ended.
    func cancelRequestEnded(_ end: CancelRequest.End) {
        cancelThreads -= 1
        // One for a connection that is gone says nothing about this one.
        guard connection != nil, end.connection == connectionNumber else { return }
        pipeline.cancelRequestEnded()
        if end.isCertain { return }
        // It may still arrive, and must not hit what others send.
        if isShared { isRetiring = true }
        loop.judge { $0.isSpoilt = true }
    }

    /// Whether nothing may be sent yet: on a connection that is lent, a request to cancel would hit what comes after the
    /// statement it was meant for. (What shares a connection is sent again when that happens.)
    func mustHold() -> Bool {
        guard !isShared, pipeline.isCancelling, cancelledUnit == nil else {
            holdEnd = nil
            return false
        }
        let end = holdEnd ?? .now + CancelSchedule.patience
        holdEnd = end
        if pipeline.isEmpty, end <= .now {
            loseConnection(
                cause: PostgresError(.connection, "a request to cancel a statement was not answered"), byServer: false)
        }
        return true
    }
}
