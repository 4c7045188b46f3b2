import FoundationEssentials

extension SagaTimeline {
    /// The attempts that failed at messages: of each the first failure and the last, and its end.
    static func failureEvents(_ facts: SagaFacts) -> [SagaEvent] {
        facts.failedMessages.flatMap { message in
            func event(_ at: Date, _ event: String, _ text: String) -> SagaEvent {
                SagaEvent(at: at, by: message.service, event: event, text: text)
            }
            var events: [SagaEvent] = []
            if let since = message.since, since != message.lastAt {
                events.append(event(since, "failed_first", "failed to handle the \(message.text), for the first time"))
            }
            if let last = message.lastAt {
                events.append(
                    event(last, "failed_last", "failed to handle the \(message.text), \(message.times): \(message.why)")
                )
            }
            if let handledAt = message.handledAt {
                let isTold = message.wasGivenUpOn || message.lastAt != nil
                events.append(
                    event(
                        handledAt, "handled_late",
                        "handled the \(message.text), which had failed \(message.times)"
                            + (isTold ? "" : ": \(message.why)")))
            }
            return events
        }
    }

    /// A copy of a message that a service has given up on.
    private struct Death {
        let service: String
        let type: String
        /// The participant whose answer it is; nil for a request.
        let sender: String?
        let at: Date
        let reason: String
        var id: String?
    }

    /// The messages that were given up on, whether they are dead letters still or were sent back: each at its first death.
    static func deathEvents(_ facts: SagaFacts) -> [SagaEvent] {
        var deaths = facts.failures.compactMap { failure in
            failure.gaveUpAt.map {
                Death(
                    service: failure.service, type: facts.type(failure.kind), sender: failure.sender, at: $0,
                    reason: failure.gaveUpReason ?? "unknown")
            }
        }
        if case .seen(_, let dead) = facts.broker {
            deaths += dead.map {
                Death(
                    service: $0.service, type: $0.type, sender: $0.sender == facts.coordinator ? nil : $0.sender,
                    at: $0.diedAt, reason: "\($0.errorClass): \($0.reason)", id: $0.id)
            }
        }
        let messages = Dictionary(grouping: deaths) { "\($0.service) \($0.type) \($0.sender ?? "")" }
        return messages.sorted { $0.key < $1.key }.compactMap { _, copies in
            guard let first = copies.min(by: { $0.at < $1.at }) else { return nil }
            return SagaEvent(
                at: first.at, by: first.service, event: "dead_lettered",
                text: "GAVE UP on \(first.type) (\(first.reason))"
                    + (copies.count == 1 ? "" : ", \(copies.count) copies"),
                messageID: first.id ?? copies.compactMap(\.id).first)
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
