public import FoundationEssentials

/// The event that a saga waits for, the place where that is held up, and what an operator can do: a pure function of
/// the facts.
public struct SagaDiagnosis: Sendable, Equatable {
    /// Something that a participant has not answered yet.
    public struct Awaited: Sendable, Equatable {
        public var participant: String
        /// `vote` or `done`.
        public var answer: SagaMessageKind
        public var since: Date
        public var holdUp: HoldUp
        /// The hold-up in words.
        public var text: String
    }

    /// The link of the chain (request written, sent, handled; answer written, sent, recorded) that is missing.
    public enum HoldUp: String, Sendable, CaseIterable {
        case requestUnsent = "request_unsent"
        case requestUnhandled = "request_unhandled"
        case requestDead = "request_dead"
        case answerUnsent = "answer_unsent"
        case answerUnrecorded = "answer_unrecorded"
        case answerDead = "answer_dead"
        /// The participant has accepted, and has no record of that any more: `confirm` creates none.
        case recordLost = "record_lost"
        /// The participant's database could not be asked.
        case unknown
    }

    /// One sentence.
    public var summary: String
    public var awaited: [Awaited]
    /// In the order of urgency; the first is what to do now.
    public var remedies: [SagaRemedy]

    /// Judges the facts.
    public init(_ facts: SagaFacts) {
        awaited = Self.awaited(facts)
        summary = Self.summary(facts, awaited)
        remedies = SagaRemedy.all(facts, awaited)
    }

    private static func summary(_ facts: SagaFacts, _ awaited: [Awaited]) -> String {
        let saga = facts.saga
        let names = awaited.map(\.participant).joined(separator: " and ")
        let stuck = saga.stuckSince == nil ? "" : "STUCK: "
        switch saga.phase {
        case .confirmed: return "over: confirmed" + end(facts, "carried out")
        case .cancelled: return "over: cancelled (\(saga.refusal?.code ?? "no reason"))" + end(facts, "taken back")
        case .trying: return "\(stuck)undecided: waits for the vote of \(names)"
        case .confirming: return "\(stuck)confirmed for good; waits for \(names) to carry it out"
        case .cancelling:
            return
                "\(stuck)cancelled for good (\(saga.refusal?.code ?? "no reason")); waits for \(names) to take it back"
        }
    }

    private static func end(_ facts: SagaFacts, _ deed: String) -> String {
        if let parts = facts.resolvedByHand { return "; an operator said that it is \(deed) by \(parts)" }
        let lost = facts.lostRecords.joined(separator: " and ")
        return ", and \(deed) by everyone" + (lost.isEmpty ? "" : "; the record of \(lost) is lost")
    }

    private static func awaited(_ facts: SagaFacts) -> [Awaited] {
        let saga = facts.saga
        let answer: SagaMessageKind
        let request: SagaMessageKind
        switch saga.phase {
        case .confirmed, .cancelled: return []
        case .trying: (answer, request) = (.vote, .try)
        case .confirming: (answer, request) = (.done, .confirm)
        case .cancelling: (answer, request) = (.done, .cancel)
        }
        let missing = facts.participants.filter { answer == .vote ? $0.vote == nil : $0.doneAt == nil }
        return missing.map { participant in
            let (holdUp, text) = holdUp(participant.name, request: request, answer: answer, facts)
            return Awaited(
                participant: participant.name, answer: answer, since: saga.decidedAt ?? saga.startedAt, holdUp: holdUp,
                text: text)
        }
    }

    private static func holdUp(
        _ name: String, request: SagaMessageKind, answer: SagaMessageKind, _ facts: SagaFacts
    ) -> (HoldUp, String) {
        if facts.hasLostRecord(of: name) {
            return (
                .recordLost, "\(name) has accepted, and its own record of that is lost: it cannot carry the confirm out"
            )
        }
        let isHandled = hasHandled(request, facts.branch(of: name))
        if !isHandled, let dead = facts.deadMessage(request, at: name, from: facts.coordinator) {
            return (.requestDead, "\(name) gave up on the \(request.noun): \(dead.errorClass), \(dead.reason)")
        }
        if let dead = facts.deadMessage(answer, at: facts.coordinator, from: name) {
            return (
                .answerDead, "\(facts.coordinator) gave up on a \(answer.noun): \(dead.errorClass), \(dead.reason)"
            )
        }
        if isHandled {
            guard let message = facts.message(answer, of: name), message.publishedAt == nil else {
                return (
                    .answerUnrecorded,
                    "\(name) has answered, and \(facts.coordinator) has not taken its \(answer.noun) yet"
                )
            }
            return (.answerUnsent, unsent(answer, message, name))
        }
        if let message = facts.message(request, of: facts.coordinator), message.publishedAt == nil {
            return (.requestUnsent, unsent(request, message, facts.coordinator))
        }
        if let why = facts.unasked[name] {
            return (.unknown, "whether \(name) has handled the \(request.rawValue) is not known: \(why)")
        }
        if let error = facts.queues(of: name)?.lastError {
            return (.requestUnhandled, "\(name) has failed to handle the \(request.rawValue): \(error)")
        }
        if let trouble = facts.troubles[name] {
            return (.requestUnhandled, "\(name) cannot handle the \(request.rawValue): \(trouble)")
        }
        let again = facts.saga.resends == 0 ? "" : ", \(facts.saga.resends) times again"
        return (.requestUnhandled, "the \(request.rawValue) was sent\(again), and \(name) has not handled it yet")
    }

    private static func hasHandled(_ request: SagaMessageKind, _ branch: SagaFacts.Branch?) -> Bool {
        switch (request, branch?.state) {
        case (_, nil): false
        case (.try, _): true
        case (.confirm, .confirmed), (.cancel, .cancelled): true
        default: false
        }
    }

    private static func unsent(_ kind: SagaMessageKind, _ message: SagaFacts.Message, _ service: String) -> String {
        guard message.isInOutbox else {
            return "\(service) has the \(kind.noun) to send, and the broker cannot be reached"
        }
        let reason = message.lastError.map { " (\($0))" } ?? ""
        return "the \(kind.noun) is still in the outbox of \(service)\(reason)"
    }
}
