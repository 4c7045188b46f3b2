import FoundationEssentials

/// What an operator can do about a saga, from what holds it up.
enum SagaAdvice {
    typealias Advice = SagaDiagnosis.Advice

    /// How long something may be overdue before it counts as a sign that nobody sees to it, in seconds.
    private static let patience = 30.0

    static func advice(_ facts: SagaFacts, _ awaited: [SagaDiagnosis.Awaited]) -> [Advice] {
        guard !facts.saga.phase.isTerminal else { return [] }
        var advice: [Advice] = []
        if case .unreachable(let why) = facts.broker {
            advice.append(
                Advice(
                    text:
                        "the broker cannot be reached (\(why)): bring it back; what waits in outboxes then goes on by itself",
                    command: "shopctl queue list"))
        }
        for item in awaited {
            if let found = about(item, facts), !advice.contains(found) { advice.append(found) }
        }
        if let next = facts.saga.nextAttemptAt, facts.observedAt.timeIntervalSince(next) > patience {
            advice.append(
                Advice(
                    text: "its next attempt is overdue: nobody runs the coordinator",
                    command: "shopctl serve \(facts.coordinator)"))
        }
        if advice.isEmpty {
            advice.append(
                Advice(
                    text: facts.saga.stuckSince == nil
                        ? "nothing: it goes on by itself; or ask again now" : "ask again now",
                    command: "shopctl saga retry \(facts.saga.id.uuidString.lowercased())"))
        }
        return advice
    }

    private static func about(_ item: SagaDiagnosis.Awaited, _ facts: SagaFacts) -> Advice? {
        let coordinator = facts.coordinator
        switch item.holdUp {
        case .requestDead: return replay(item.participant, facts)
        case .answerDead: return replay(coordinator, facts)
        case .requestUnsent: return unsent(coordinator, facts)
        case .answerUnsent: return unsent(item.participant, facts)
        case .requestUnhandled: return unhandled(item.participant, facts)
        case .answerUnrecorded: return unhandled(coordinator, facts)
        case .unknown: return nil
        }
    }

    private static func replay(_ service: String, _ facts: SagaFacts) -> Advice? {
        guard case .seen(_, let dead) = facts.broker, let letter = dead.first(where: { $0.service == service }) else {
            return nil
        }
        return Advice(
            text: "once the cause is mended, send the dead letter of \(service) back",
            command: "shopctl queue replay \(service) --message-id \(letter.id)")
    }

    private static func unsent(_ service: String, _ facts: SagaFacts) -> Advice? {
        // A broker that is away explains it, and is named already.
        if case .unreachable = facts.broker { return nil }
        let message = facts.outbox.last { $0.service == service && $0.publishedAt == nil }
        if let error = message?.lastError, error.hasPrefix("no queue took it") {
            return Advice(text: "the broker lacks queues of the shop: declare them", command: "shopctl migrate up")
        }
        guard let message, facts.observedAt.timeIntervalSince(message.writtenAt) > patience else { return nil }
        return Advice(
            text: "nobody empties the outbox of \(service): run it, or look at its log",
            command: "shopctl serve \(service)")
    }

    private static func unhandled(_ service: String, _ facts: SagaFacts) -> Advice? {
        guard let queues = facts.queues(of: service) else { return nil }
        guard let ready = queues.ready else {
            return Advice(text: "\(service) has no inbox on the broker: declare it", command: "shopctl migrate up")
        }
        if queues.consumers == 0 {
            return Advice(
                text: "nobody consumes the inbox of \(service), where \(ready) messages wait: run it",
                command: "shopctl serve \(service)")
        }
        if queues.retrying > 0 {
            return Advice(
                text:
                    "\(queues.retrying) messages of \(service) failed and are tried again within 5 minutes: its log says why",
                command: nil)
        }
        return nil
    }
}
