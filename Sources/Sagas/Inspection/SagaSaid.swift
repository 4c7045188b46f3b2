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

    private var said: [Message] { ([attempt, decision].compactMap { $0 }) + branches.flatMap(answers) }

    /// A service of the version before wrote all its messages to its outbox.
    private func isInOutbox(_ message: Message) -> Bool {
        outbox.contains { $0.service == message.service && $0.type == message.type }
    }

    private var attempt: Message {
        let isHeard = !branches.isEmpty || participants.contains { $0.vote != nil }
        return message(.try, from: coordinator, as: SagaMessageKind.try.rawValue, saga.startedAt, isHeard: isHeard)
    }

    private var decision: Message? {
        guard let at = saga.decidedAt else { return nil }
        let kind: SagaMessageKind = saga.phase == .confirming || saga.phase == .confirmed ? .confirm : .cancel
        let isHeard =
            participants.contains { $0.doneAt != nil }
            || branches.contains { $0.state == .confirmed || $0.state == .cancelled }
        return message(kind, from: coordinator, as: kind.rawValue, at, isHeard: isHeard)
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
