import Events
import FoundationEssentials

/// The messages of a saga, those that follow from rows among them: they are recorded nowhere else.
extension SagaFacts {
    /// The messages that the services have sent, or have to say.
    var messages: [Message] { outbox + said.filter { message in !isInOutbox(message) } }

    /// Whether the broker is known to be away.
    var isBrokerAway: Bool {
        if case .unreachable = broker { true } else { false }
    }

    /// The time when a phase's message is first known to have reached anybody; nil if it is not.
    func heardAt(in phase: SagaState.Phase) -> Date? {
        let ends: [Date] =
            switch phase {
            case .trying: participants.compactMap(\.votedAt) + branches.map(\.createdAt)
            case .confirming, .confirmed:
                participants.compactMap(\.doneAt) + branches.filter { $0.state == .confirmed }.map(\.updatedAt)
            case .cancelling, .cancelled:
                participants.compactMap(\.doneAt) + branches.filter { $0.state == .cancelled }.map(\.updatedAt)
            }
        return ends.min()
    }

    /// The phase in which a log entry tells that the message was due again; nil for another entry.
    static func phase(ofResend entry: LogEntry) -> SagaState.Phase? {
        guard entry.event == "resent" else { return nil }
        return entry.detail.split(separator: ",").first.flatMap { SagaState.Phase(rawValue: String($0)) }
    }

    /// Whether a phase's message was due again before it is known to have reached anybody.
    private func isUnproven(in phase: SagaState.Phase) -> Bool {
        guard let again = log.filter({ Self.phase(ofResend: $0) == phase }).map(\.at).min() else { return false }
        return heardAt(in: phase).map { $0 > again } ?? true
    }

    private var said: [Message] { ([attempt, decision].compactMap { $0 }) + branches.flatMap(answers) }

    /// A service of the version before wrote all its messages to its outbox.
    private func isInOutbox(_ message: Message) -> Bool {
        outbox.contains { $0.service == message.service && $0.type == message.type }
    }

    private var attempt: Message {
        let isHeard = !branches.isEmpty || participants.contains { $0.vote != nil }
        var message = message(
            .try, from: coordinator, as: SagaMessageKind.try.rawValue, saga.startedAt, isHeard: isHeard)
        message.isUnproven = isUnproven(in: .trying)
        return message
    }

    private var decision: Message? {
        guard let at = saga.decidedAt else { return nil }
        let kind: SagaMessageKind = saga.phase == .confirming || saga.phase == .confirmed ? .confirm : .cancel
        let isHeard =
            participants.contains { $0.doneAt != nil }
            || branches.contains { $0.state == .confirmed || $0.state == .cancelled }
        var message = message(kind, from: coordinator, as: kind.rawValue, at, isHeard: isHeard)
        message.isUnproven = isUnproven(in: kind == .confirm ? .confirming : .cancelling)
        return message
    }

    private func answers(of branch: Branch) -> [Message] {
        let known = participants.first { $0.name == branch.participant }
        let isVoteTaken = known?.vote != nil
        let vote = message(.vote, from: branch.participant, as: "vote", branch.createdAt, isHeard: isVoteTaken)
        func report(_ decision: SagaDecision) -> Message {
            message(
                .done, from: branch.participant, as: "done.\(decision.rawValue)", branch.updatedAt,
                isHeard: known?.doneAt != nil)
        }
        switch branch.state {
        case nil: return []
        case .tried, .refused: return [vote]
        case .confirmed: return [vote, report(.confirm)]
        // A branch that was cancelled before it was tried has not voted.
        case .cancelled:
            return isVoteTaken && known?.vote != .refused(.cancelledBeforeTry)
                ? [vote, report(.cancel)] : [report(.cancel)]
        }
    }

    /// A message that follows from a row: it was sent straight after it, unless nobody has heard it and the broker is
    /// away.
    private func message(
        _ kind: SagaMessageKind, from service: String, as source: String, _ at: Date, isHeard: Bool
    ) -> Message {
        let isUnsent = !isHeard && isBrokerAway
        return Message(
            service: service, id: MessageID.derived(saga: saga.id, source: service, kind: source), type: type(kind),
            writtenAt: at, publishedAt: isUnsent ? nil : at, isInOutbox: false)
    }
}
