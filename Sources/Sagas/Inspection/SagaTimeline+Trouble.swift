import FoundationEssentials

extension SagaTimeline {
    /// The attempts that failed at a message which was handled in the end: its first failure and its last, the moment
    /// when it was given up on, and its end.
    static func failureEvents(_ failure: SagaFacts.Failure, _ facts: SagaFacts) -> [SagaEvent] {
        func event(_ at: Date, _ event: String, _ text: String) -> SagaEvent {
            SagaEvent(at: at, by: failure.service, event: event, text: text)
        }
        let (message, error) = (failure.message, failure.error ?? "an older program has not told why")
        var events: [SagaEvent] = []
        // What it died of is told by its death.
        let last = failure.lastAt == failure.gaveUpAt ? nil : failure.lastAt
        if let since = failure.since, since != failure.lastAt {
            events.append(event(since, "failed_first", "failed to handle the \(message), for the first time"))
        }
        if let at = failure.gaveUpAt {
            let type = facts.type(failure.kind)
            events.append(event(at, "dead_lettered", "GAVE UP on \(type) (\(failure.gaveUpReason ?? "unknown"))"))
        }
        if let last {
            events.append(event(last, "failed_last", "failed to handle the \(message), \(times(failure)): \(error)"))
        }
        let reason = failure.gaveUpAt == nil && last == nil ? ": \(error)" : ""
        events.append(
            event(
                failure.handledAt, "handled_late",
                "handled the \(message), which had failed \(times(failure))\(reason)"))
        return events
    }

    private static func times(_ failure: SagaFacts.Failure) -> String {
        failure.count == 1 ? "once" : "\(failure.count) times"
    }

    static func deathEvents(_ facts: SagaFacts) -> [SagaEvent] {
        guard case .seen(_, let dead) = facts.broker else { return [] }
        return dead.map {
            SagaEvent(
                at: $0.diedAt, by: $0.service, event: "dead_lettered",
                text: "GAVE UP on \($0.type) (\($0.errorClass): \($0.reason))", messageID: $0.id)
        }
    }

    /// The times without progress: those that are over, and the one that is not.
    static func stallEvents(_ facts: SagaFacts) -> [SagaEvent] {
        func event(_ at: Date, _ event: String, _ text: String) -> SagaEvent {
            SagaEvent(at: at, by: facts.coordinator, event: event, text: text)
        }
        let text = "STUCK: no progress since then"
        let over = facts.stalls.flatMap { stall in
            [
                event(stall.since, "stuck_since", text),
                event(stall.until, "stuck_until", "went on, after \(Int(stall.length.rounded())) s without progress"),
            ]
        }
        return over + (facts.saga.stuckSince.map { [event($0, "stuck_since", text)] } ?? [])
    }
}
