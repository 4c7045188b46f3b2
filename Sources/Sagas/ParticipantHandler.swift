public import Events
import FoundationEssentials
public import Logging
import Postgres

/// Takes `try`, `confirm` and `cancel` for a participant: the barrier in front of its work.
///
/// Branch row and effect are one transaction, and the answer follows from the row. A batch is handled in rounds, each
/// with at most one message of a saga, so that a saga's messages take effect in the order they arrived.
public struct ParticipantHandler<Participant: SagaParticipant>: MessageHandler {
    private struct Step {
        let sagaID: UUID
        let kind: SagaMessageKind
        let envelope: Envelope
        /// The payload of a `try`.
        let payload: Participant.Payload?
    }

    let participant: Participant
    let store: BranchStore
    private let kinds: [String: SagaMessageKind]
    /// The oldest `try` that may begin a branch.
    private let oldestTry: Duration
    private let logger: Logger

    /// - Parameter memory: How long the participant's branches are kept after they were settled.
    public init(_ participant: Participant, memory: Duration = .seconds(90 * 86_400), logger: Logger) {
        self.participant = participant
        self.logger = logger
        oldestTry = memory / 2
        let definition = participant.definition
        store = BranchStore(sagaName: definition.name, participant: participant.name)
        kinds = Dictionary(
            uniqueKeysWithValues: [SagaMessageKind.try, .confirm, .cancel].map { (definition.type($0), $0) })
    }

    public var types: Set<String> { Set(kinds.keys) }

    /// Time for confirms only: what they make final was done by the `try`, and goes with the next one.
    public func patience(for type: String) -> Duration { kinds[type] == .confirm ? .milliseconds(10) : .zero }

    public func handle(_ messages: [Envelope], in work: UnitOfWork) async throws {
        var rounds: [[Step]] = []
        var seen: [UUID: Int] = [:]
        for envelope in messages {
            guard let step = try step(of: envelope) else { continue }
            let id = step.sagaID
            let round = seen[id, default: 0]
            seen[id] = round + 1
            if rounds.count == round { rounds.append([]) }
            rounds[round].append(step)
        }
        guard !rounds.isEmpty else { return }
        let all = seen.keys.sorted(by: Self.ascending)
        let creating = Set(rounds.joined().filter { $0.kind != .confirm }.map(\.sagaID))
        var rows = try await store.load(creating: creating, all: all, in: work)
        var locked = try await lockEffects(rounds, rows: &rows, in: work)
        for round in rounds {
            let steps = round.sorted { Self.ascending($0.sagaID, $1.sagaID) }
            try await take(steps, rows: &rows, locked: &locked, in: work)
        }
        try store.save(all.compactMap { id in rows[id].map { (id, $0) } }, in: work)
        try work.transaction.enqueue(
            rounds.joined().compactMap { step in
                FailureStore.addition(step.kind, step.envelope, of: step.sagaID, branch: participant.name)
            })
    }

    /// Reads a message; nil if it is for others only.
    private func step(of envelope: Envelope) throws -> Step? {
        guard let kind = kinds[envelope.type] else { return nil }
        let recipients: [String]?
        var payload: Participant.Payload?
        if kind == .try {
            let body = try envelope.decode(TryBody<Participant.Payload>.self)
            recipients = body.to
            payload = body.payload
        } else {
            recipients = try envelope.decode(DecisionBody.self).to
        }
        if let recipients, !recipients.contains(participant.name) { return nil }
        return Step(sagaID: try envelope.sagaID, kind: kind, envelope: envelope, payload: payload)
    }

    /// Keeps the payloads that come with `try`, and has everything locked that may be touched.
    ///
    /// - Returns: What was read of it; nil if nothing will be touched.
    private func lockEffects(
        _ rounds: [[Step]], rows: inout [UUID: BranchStore.Row], in work: UnitOfWork
    ) async throws -> Participant.Locked? {
        for step in rounds.joined() where rows[step.sagaID]?.payload == nil {
            guard let payload = step.payload else { continue }
            rows[step.sagaID]?.payload = try MessageCoding.encode(payload)
        }
        let effective = rows.filter { $0.value.payload != nil && ($0.value.state == nil || $0.value.state == .tried) }
        func branches(_ matches: (Step) -> Bool) throws -> [SagaBranch<Participant.Payload>] {
            let ids = Set(rounds.joined().filter { matches($0) && effective[$0.sagaID] != nil }.map(\.sagaID))
            return try ids.sorted(by: Self.ascending).map { try branch($0, rows) }
        }
        let trying = try branches { $0.kind == .try && effective[$0.sagaID]?.state == nil }
        let settling = try branches { $0.kind != .try }
        if trying.isEmpty, settling.isEmpty { return nil }
        return try await participant.lock(trying: trying, settling: settling, in: work)
    }

    private func take(
        _ steps: [Step], rows: inout [UUID: BranchStore.Row], locked: inout Participant.Locked?, in work: UnitOfWork
    ) async throws {
        var tries: [Step] = []
        var confirms: [Step] = []
        var cancels: [Step] = []
        for step in steps {
            switch BranchLogic.action(for: step.kind, in: rows[step.sagaID]?.state) {
            case .perform:
                try refuseIfTooOld(step)
                tries.append(step)
            case .confirm: confirms.append(step)
            case .compensate: cancels.append(step)
            case .entomb:
                rows[step.sagaID]?.state = .cancelled
                try sendDone(.cancel, step, in: work)
            case .repeatVote(let vote): try sendVote(vote, step, in: work)
            case .repeatDone(let decision): try sendDone(decision, step, in: work)
            case .violation(let reason): throw MessageRejection(.protocolViolation, reason)
            }
        }
        guard var held = locked else {
            precondition(tries.isEmpty && confirms.isEmpty && cancels.isEmpty, "what is touched must be locked")
            return
        }
        defer { locked = held }
        if !tries.isEmpty {
            let votes = try await participant.tryAll(
                try tries.map { try branch($0.sagaID, rows) }, locked: &held, in: work)
            precondition(votes.count == tries.count, "a participant must vote on every branch")
            for (step, vote) in zip(tries, votes) {
                rows[step.sagaID]?.state =
                    switch vote {
                    case .accepted: .tried
                    case .refused(let refusal): .refused(refusal)
                    }
                try sendVote(vote, step, in: work)
            }
        }
        if !confirms.isEmpty {
            try await participant.confirmAll(
                try confirms.map { try branch($0.sagaID, rows) }, locked: &held, in: work)
            for step in confirms {
                rows[step.sagaID]?.state = .confirmed
                try sendDone(.confirm, step, in: work)
            }
        }
        if !cancels.isEmpty {
            try await participant.cancelAll(
                try cancels.map { try branch($0.sagaID, rows) }, locked: &held, in: work)
            for step in cancels {
                rows[step.sagaID]?.state = .cancelled
                try sendDone(.cancel, step, in: work)
            }
        }
    }

    /// Keeps a `try` out whose branch may have been settled and forgotten: its saga is over, whatever became of it.
    private func refuseIfTooOld(_ step: Step) throws(MessageRejection) {
        let age = -step.envelope.timestamp.timeIntervalSinceNow
        guard age > oldestTry.inSeconds else { return }
        throw MessageRejection(
            .protocolViolation, "a try that is \(Int(age / 86_400)) days old: what came of it may be forgotten")
    }

    private func branch(
        _ id: UUID, _ rows: [UUID: BranchStore.Row]
    ) throws -> SagaBranch<Participant.Payload> {
        guard let payload = rows[id]?.payload else {
            throw MessageRejection(.protocolViolation, "the branch has no payload")
        }
        return SagaBranch(sagaID: id, payload: try MessageCoding.decode(Participant.Payload.self, from: payload))
    }

    private func sendVote(_ vote: SagaVote, _ step: Step, in work: UnitOfWork) throws {
        // A late try's refusal is another message than the vote that may have gone out before the cancel.
        let id = vote == .refused(.cancelledBeforeTry) ? "vote.late" : "vote"
        try send(.vote, id: id, step, VoteBody(participant: participant.name, vote: vote), in: work)
    }

    private func sendDone(_ decision: SagaDecision, _ step: Step, in work: UnitOfWork) throws {
        let body = DoneBody(participant: participant.name, decision: decision)
        try send(.done, id: "done.\(decision.rawValue)", step, body, in: work)
    }

    private func send(
        _ kind: SagaMessageKind, id: String, _ step: Step, _ body: some Encodable, in work: UnitOfWork
    ) throws {
        work.publish(
            try OutboxMessage(
                type: participant.definition.type(kind),
                messageID: MessageID.derived(saga: step.sagaID, source: participant.name, kind: id),
                correlationID: step.sagaID, causationID: step.envelope.messageID,
                traceparent: step.envelope.traceparent, body: body))
    }

    private static func ascending(_ a: UUID, _ b: UUID) -> Bool { a < b }
}
