public import FoundationEssentials

/// Something that an operator can do about a saga that is held up.
public enum SagaRemedy: Sendable, Equatable {
    /// Bring the broker back, which cannot be reached for this reason.
    case restoreBroker(reason: String)
    /// Have the service's database answer again, which refuses or is away for this reason.
    case restoreDatabase(of: String, reason: String)
    /// Run the coordinator: nobody makes its next attempt.
    case runCoordinator(service: String)
    /// Run the service, or look at its log: nobody empties its outbox.
    case emptyOutbox(of: String)
    /// Run the service: nobody consumes its inbox, where so many messages wait.
    case consumeInbox(of: String, ready: Int)
    /// Declare the shop's queues: the broker lacks some.
    case declareQueues
    /// Declare the service's inbox: the broker has none.
    case declareInbox(of: String)
    /// Mend what keeps the service from its work, by its own checks.
    case restoreService(String, reason: String)
    /// Look what keeps the service, which has taken so many messages and not acknowledged them.
    case awaitHandling(of: String, count: Int)
    /// Look whether the service's inbox is bound to what it is sent: what was sent so many times again waits nowhere.
    case checkBindings(of: String, resends: Int)
    /// Send the service's dead letter back, once the cause is mended.
    case replay(service: String, messageID: String)
    /// Have the part made final whose record is lost, where the participant's rows prove what it did.
    case recover(participant: String)
    /// Have the records of these participants' parts written anew, which are lost though the saga is over.
    case restoreRecords(of: [String])
    /// Take the participant's part for carried out: its own record is lost, and it can never report.
    case resolve(UUID, participant: String)
    /// Look at the service's log: so many messages failed and are tried again.
    case awaitRetries(of: String, count: Int)
    /// Have the saga make its next attempt now; it would go on by itself unless it is stuck.
    case retry(UUID, isStuck: Bool)

    /// The time something may be overdue before it counts as a sign that nobody sees to it, in seconds.
    private static let patience = 30.0

    /// All that helps, in the order of urgency.
    static func all(_ facts: SagaFacts, _ awaited: [SagaDiagnosis.Awaited]) -> [SagaRemedy] {
        guard !facts.saga.phase.isTerminal else {
            return facts.lostRecords.isEmpty ? [] : [.restoreRecords(of: facts.lostRecords)]
        }
        var remedies: [SagaRemedy] = []
        if case .unreachable(let why) = facts.broker { remedies.append(.restoreBroker(reason: why)) }
        for item in awaited {
            if item.holdUp == .recordLost { remedies.append(.recover(participant: item.participant)) }
            if let found = remedy(item, facts), !remedies.contains(found) { remedies.append(found) }
        }
        // A coordinator makes no attempt while it cannot send.
        if !facts.isBrokerAway, let next = facts.saga.nextAttemptAt, facts.observedAt.timeIntervalSince(next) > patience
        {
            remedies.append(.runCoordinator(service: facts.coordinator))
        }
        if remedies.isEmpty { remedies.append(.retry(facts.saga.id, isStuck: facts.saga.stuckSince != nil)) }
        return remedies
    }

    private static func remedy(_ item: SagaDiagnosis.Awaited, _ facts: SagaFacts) -> SagaRemedy? {
        let coordinator = facts.coordinator
        switch item.holdUp {
        case .recordLost: return .resolve(facts.saga.id, participant: item.participant)
        case .requestDead: return replay(item.participant, facts)
        case .answerDead: return replay(coordinator, facts)
        case .requestUnsent: return unsent(coordinator, facts)
        case .answerUnsent: return unsent(item.participant, facts)
        case .requestUnhandled: return unhandled(item.participant, facts)
        case .answerUnrecorded:
            // Whoever was not asked again since it has done its part, as one that the doctor has recovered, is asked next.
            let remedy = unhandled(coordinator, facts)
            guard case .checkBindings = remedy, !wasAskedAgain(item.participant, facts) else { return remedy }
            return nil
        case .unknown:
            return facts.databasesAway[item.participant].map { .restoreDatabase(of: item.participant, reason: $0) }
        }
    }

    /// Whether the coordinator has asked again since a participant has recorded its part.
    private static func wasAskedAgain(_ participant: String, _ facts: SagaFacts) -> Bool {
        guard let branch = facts.branch(of: participant) else { return true }
        return facts.log.contains { $0.event == "resent" && $0.at > branch.updatedAt }
    }

    private static func replay(_ service: String, _ facts: SagaFacts) -> SagaRemedy? {
        guard case .seen(_, let dead) = facts.broker, let letter = dead.first(where: { $0.service == service }) else {
            return nil
        }
        return .replay(service: service, messageID: letter.id)
    }

    private static func unsent(_ service: String, _ facts: SagaFacts) -> SagaRemedy? {
        // A broker that is away explains it, and is named already.
        if facts.isBrokerAway { return nil }
        let message = facts.outbox.last { $0.service == service && $0.publishedAt == nil }
        if let error = message?.lastError, error.hasPrefix("no queue took it") { return .declareQueues }
        guard let message, facts.observedAt.timeIntervalSince(message.writtenAt) > patience else { return nil }
        return .emptyOutbox(of: service)
    }

    private static func unhandled(_ service: String, _ facts: SagaFacts) -> SagaRemedy? {
        guard let queues = facts.queues(of: service) else { return nil }
        guard let ready = queues.ready else { return .declareInbox(of: service) }
        // What it has failed to handle tells more.
        if queues.retrying == 0, let reason = facts.troubles[service] {
            return .restoreService(service, reason: reason)
        }
        if queues.consumers == 0 { return .consumeInbox(of: service, ready: ready) }
        if queues.retrying > 0 { return .awaitRetries(of: service, count: queues.retrying) }
        if ready == 0, let held = queues.unacknowledged, held > 0 { return .awaitHandling(of: service, count: held) }
        // Whoever was sent it again has had the time to take it, if it has arrived.
        guard facts.saga.resends > 0, ready == 0 else { return nil }
        return .checkBindings(of: service, resends: facts.saga.resends)
    }
}
