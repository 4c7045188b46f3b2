public import FoundationEssentials

/// Something that happened to a saga.
public struct SagaEvent: Sendable, Equatable {
    public var at: Date
    /// The service that did it, or `operator`.
    public var by: String
    /// A stable word for programs: `started`, `try_sent`, `vote_recorded`, `decided`, `finished`, ….
    public var event: String
    /// For people.
    public var text: String
    public var messageID: String?

    public init(at: Date, by: String, event: String, text: String, messageID: String? = nil) {
        self.at = at
        self.by = by
        self.event = event
        self.text = text
        self.messageID = messageID
    }
}

/// A saga's facts in the order of time.
public enum SagaTimeline {
    /// Every event that is recorded anywhere. Services' clocks are their databases'; they may differ a little.
    ///
    /// - Parameter subject: What the saga is about, in words.
    public static func events(_ facts: SagaFacts, about subject: String) -> [SagaEvent] {
        let events =
            facts.branches.flatMap { branchEvents($0, facts) } + facts.participants.flatMap { answers($0, facts) }
            + coordinatorEvents(facts, subject) + facts.messages.flatMap { messageEvents($0, facts) }
            + logEvents(facts) + failureEvents(facts) + deathEvents(facts) + stallEvents(facts)
        // Between events of one moment decides what follows from what, and the order in which they were gathered.
        return events.enumerated()
            .map {
                (place: place(of: $0.element, facts), step: step(of: $0.element), rank: $0.offset, event: $0.element)
            }
            .sorted { ($0.place, $0.step, $0.rank) < ($1.place, $1.step, $1.rank) }
            .map(\.event)
    }

    /// The events of the protocol, each of which follows from those before it.
    private static let steps: [Set<String>] = [
        ["started"], ["try_sent", "try_unsent", "try_written"], ["tried", "refused", "handled_late"],
        ["vote_sent", "vote_unsent", "vote_written"], ["vote_recorded"], ["decided"],
        ["confirm_sent", "confirm_unsent", "confirm_written", "cancel_sent", "cancel_unsent", "cancel_written"],
        ["confirmed", "cancelled"], ["done_sent", "done_unsent", "done_written"], ["done_recorded"], ["finished"],
    ]

    /// The place of an event among those of one moment: what an operator has said comes before what follows from it,
    /// and what is told beside the protocol comes last.
    private static func step(of event: SagaEvent) -> Int {
        if event.event.hasPrefix("operator_") { return 0 }
        return steps.firstIndex { $0.contains(event.event) } ?? steps.count
    }

    /// The place of an event in time. An answer and what follows from it are one transaction, whose statements each
    /// have a time of their own: the answer comes first.
    private static func place(of event: SagaEvent, _ facts: SagaFacts) -> Date {
        let saga = facts.saga
        switch event.event {
        case "started": return min(event.at, saga.startedAt)
        // The line of an operator's deed may have been written when all that follows from it was.
        case "operator_cancel": return min(event.at, saga.decidedAt ?? event.at)
        case "operator_resolve":
            let done = facts.participants.filter { part in
                event.text.hasPrefix(SagaResolution.text(part.name)) && facts.isResolvedByHand(part)
            }.compactMap(\.doneAt)
            return min(event.at, done.min() ?? event.at)
        case "done_recorded": return min(event.at, saga.finishedAt ?? event.at)
        case "vote_recorded":
            guard let decidedAt = saga.decidedAt else { return event.at }
            let isDeciding = facts.participants.contains { participant in
                guard participant.votedAt == event.at else { return false }
                guard case .refused(let refusal) = participant.vote else { return saga.refusal == nil }
                return refusal == saga.refusal
            }
            return isDeciding ? min(event.at, decidedAt) : event.at
        default: return event.at
        }
    }

    private static func coordinatorEvents(_ facts: SagaFacts, _ subject: String) -> [SagaEvent] {
        let saga = facts.saga
        let names = facts.participants.map(\.name).joined(separator: " and ")
        var events = [
            SagaEvent(
                at: saga.startedAt, by: facts.coordinator, event: "started",
                text: "started \(saga.name) of \(subject); \(names) must accept it")
        ]
        if let at = saga.decidedAt {
            let isConfirmed = saga.phase == .confirming || saga.phase == .confirmed
            let why =
                isConfirmed ? "everyone accepted" : saga.refusal.map { "\($0.code): \($0.message)" } ?? "no reason"
            events.append(
                SagaEvent(
                    at: at, by: facts.coordinator, event: "decided",
                    text: "DECIDED: \(isConfirmed ? "confirm" : "cancel") (\(why))"))
        }
        if let at = saga.finishedAt {
            events.append(
                SagaEvent(
                    at: at, by: facts.coordinator, event: "finished",
                    text: "finished: \(saga.phase.rawValue), "
                        + (facts.resolvedByHand == nil
                            ? "everyone has carried it out" : "by an operator's word")))
        }
        return events
    }

    private static func branchEvents(_ branch: SagaFacts.Branch, _ facts: SagaFacts) -> [SagaEvent] {
        func event(_ at: Date, _ event: String, _ text: String) -> SagaEvent {
            SagaEvent(at: at, by: branch.participant, event: event, text: text)
        }
        func refused(_ refusal: SagaRefusal) -> SagaEvent {
            event(branch.createdAt, "refused", "refused it (\(refusal.code)), and did nothing")
        }
        let tried = event(branch.createdAt, "tried", "did its part, reversibly")
        switch branch.state {
        case nil: return [event(branch.createdAt, BranchState.undecided, "has a row of it, and nothing is done yet")]
        case .tried: return [tried]
        case .refused(let refusal): return [refused(refusal)]
        case .confirmed: return [tried, event(branch.updatedAt, "confirmed", "made its part final")]
        case .cancelled:
            // The row no longer says what it was before; the vote does.
            guard facts.hasTried(branch.participant) else {
                return [event(branch.updatedAt, "cancelled", "cancelled; a try that comes later is refused")]
            }
            guard let refusal = facts.participants.first(where: { $0.name == branch.participant })?.vote?.refusal else {
                return [tried, event(branch.updatedAt, "cancelled", "took its part back")]
            }
            return [
                refused(refusal), event(branch.updatedAt, "cancelled", "cancelled: there was nothing to take back"),
            ]
        }
    }

    private static func messageEvents(_ message: SagaFacts.Message, _ facts: SagaFacts) -> [SagaEvent] {
        let prefix = "saga.\(facts.saga.name)."
        let kind = message.type.hasPrefix(prefix) ? String(message.type.dropFirst(prefix.count)) : message.type
        let id = message.id.uuidString.lowercased()
        guard let publishedAt = message.publishedAt else {
            guard message.isInOutbox else {
                return [
                    SagaEvent(
                        at: message.writtenAt, by: message.service, event: "\(kind)_unsent",
                        text: "has \(kind) to send: NOT SENT YET; the broker cannot be reached", messageID: id)
                ]
            }
            // That it was sent is noted a moment later.
            if message.isBeingSent {
                return [
                    SagaEvent(
                        at: message.writtenAt, by: message.service, event: "\(kind)_written",
                        text: "wrote \(kind) to its outbox", messageID: id)
                ]
            }
            return [
                SagaEvent(
                    at: message.writtenAt, by: message.service, event: "\(kind)_unsent",
                    text: "wrote \(kind) to its outbox: NOT SENT YET\(why(message))", messageID: id)
            ]
        }
        func event(_ at: Date, _ event: String, _ text: String) -> SagaEvent {
            SagaEvent(at: at, by: message.service, event: "\(kind)_\(event)", text: text, messageID: id)
        }
        let again = message.resentAt.map { event($0, "resent", "sent \(kind) again") }
        let waiting = message.replayedAt.map { at in
            message.isBeingSent
                ? event(at, "resend_asked", "was asked to send \(kind) again")
                : event(at, "resend_unsent", "was asked to send \(kind) again: NOT SENT YET\(why(message))")
        }
        let first =
            message.isUnproven
            ? event(publishedAt, "due", "had \(kind) to send")
            : event(publishedAt, "sent", "sent \(kind)")
        return [first] + again + [waiting].compactMap { $0 }
    }

    private static func why(_ message: SagaFacts.Message) -> String {
        message.lastError.map { "; tried \(message.attempts) times: \($0)" } ?? ""
    }

    private static func answers(_ participant: SagaFacts.Participant, _ facts: SagaFacts) -> [SagaEvent] {
        var events: [SagaEvent] = []
        if let at = participant.votedAt {
            let vote =
                switch participant.vote {
                case .refused(let refusal): "no (\(refusal.code): \(refusal.message))"
                case .accepted, nil: "yes"
                }
            events.append(
                SagaEvent(
                    at: at, by: facts.coordinator, event: "vote_recorded",
                    text: "took the vote of \(participant.name): \(vote)",
                    messageID: participant.voteMessageID?.uuidString.lowercased()))
        }
        if let at = participant.doneAt {
            events.append(
                SagaEvent(
                    at: at, by: facts.coordinator, event: "done_recorded",
                    text: facts.isResolvedByHand(participant)
                        ? "takes the part of \(participant.name) for carried out, without a report"
                        : "took the report of \(participant.name): carried out",
                    messageID: participant.doneMessageID?.uuidString.lowercased()))
        }
        return events
    }

    private static func logEvents(_ facts: SagaFacts) -> [SagaEvent] {
        // From when on it was stuck is told by the time without progress, where that is known.
        let isToldStuck = facts.saga.stuckSince != nil || !facts.stalls.isEmpty
        return facts.log.filter { $0.event != "stuck" || !isToldStuck }.map { logEvent($0, facts) }
    }

    private static func logEvent(_ entry: SagaFacts.LogEntry, _ facts: SagaFacts) -> SagaEvent {
        if let phase = SagaFacts.phase(ofResend: entry), facts.heardAt(in: phase).map({ $0 > entry.at }) ?? true {
            return SagaEvent(
                at: entry.at, by: facts.coordinator, event: entry.event, text: "to send again: \(entry.detail)")
        }
        let isOperator = entry.event.hasPrefix("operator_")
        return SagaEvent(
            at: entry.at, by: isOperator ? "operator" : facts.coordinator, event: entry.event,
            text: isOperator ? entry.detail : "\(entry.event): \(entry.detail)")
    }
}
