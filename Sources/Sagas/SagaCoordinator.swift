public import Events
public import FoundationEssentials
public import Logging
import Metrics
public import Postgres

/// Coordinates the sagas of one definition: starts them, takes votes and reports, decides once, and sees the
/// decision carried out.
///
/// State, decision and messages are one transaction under the lock of the saga's row, so that any number of
/// replicas may coordinate.
public struct SagaCoordinator: MessageHandler {
    /// Something that happened to a saga, as it goes into the pure logic.
    struct Step: Sendable {
        let sagaID: UUID
        let input: SagaInput
        let envelope: Envelope?
    }

    public let definition: SagaDefinition
    let store: SagaStore
    private let handler: any SagaDecisionHandler
    private let logger: Logger

    public init(
        _ definition: SagaDefinition, timing: SagaTiming, handler: any SagaDecisionHandler,
        logger: Logger
    ) {
        self.definition = definition
        self.handler = handler
        self.logger = logger
        store = SagaStore(name: definition.name, timing: timing)
    }

    /// A saga that begins.
    public struct Start<Payload: Codable & Sendable>: Sendable {
        let id: UUID
        let subjectID: Int64
        let payload: Payload
        let traceparent: String?

        /// - Parameters:
        ///   - subjectID: What it is about, an order's id say.
        ///   - payload: What its participants need to know.
        ///   - traceparent: W3C trace context of the request that starts it.
        public init(id: UUID, subjectID: Int64, payload: Payload, traceparent: String?) {
            self.id = id
            self.subjectID = subjectID
            self.payload = payload
            self.traceparent = traceparent
        }
    }

    /// Starts a saga in the transaction that creates its subject.
    public func start(_ saga: Start<some Codable & Sendable>, in work: UnitOfWork) async throws {
        _ = try await start([saga], in: work)
    }

    /// Starts sagas in the transaction that creates their subjects; their first messages go out after its commit.
    ///
    /// - Parameter others: Statements that go to the server together with the sagas' own.
    /// - Returns: The results of these statements.
    public func start(
        _ sagas: [Start<some Codable & Sendable>], with others: [PostgresQuery] = [], in work: UnitOfWork
    ) async throws -> [PostgresRows] {
        let rows = try sagas.map { saga in
            SagaStore.New(
                id: saga.id, subjectID: saga.subjectID, payload: try MessageCoding.encode(saga.payload),
                traceparent: saga.traceparent)
        }
        let own = try store.insertion(of: rows, participants: definition.participants)
        let results = try await work.transaction.batch([own] + others)
        let startedAt = Dictionary(uniqueKeysWithValues: try results[0].decode((UUID, Date).self))
        for saga in sagas {
            work.publish(
                try OutboxMessage(
                    type: definition.type(.try), messageID: messageID(saga.id, .try), correlationID: saga.id,
                    traceparent: saga.traceparent, body: TryBody(payload: saga.payload)), dated: startedAt[saga.id])
        }
        return Array(results.dropFirst())
    }

    public var types: Set<String> { [definition.type(.vote), definition.type(.done)] }

    /// Time for reports only: nothing follows them, and they are noted with the next votes, long before the decision
    /// would be sent again.
    public func patience(for type: String) -> Duration {
        type == definition.type(.done) ? min(.milliseconds(100), store.timing.firstResend / 4) : .zero
    }

    public func handle(_ messages: [Envelope], in work: UnitOfWork) async throws {
        var steps: [Step] = []
        for envelope in messages {
            let id = try envelope.sagaID
            if envelope.type == definition.type(.vote) {
                let body = try envelope.decode(VoteBody.self)
                steps.append(
                    Step(
                        sagaID: id, input: .vote(participant: body.participant, try body.vote), envelope: envelope))
            } else {
                let body = try envelope.decode(DoneBody.self)
                steps.append(
                    Step(
                        sagaID: id, input: .done(participant: body.participant, body.decision), envelope: envelope))
            }
        }
        let ids = Set(steps.map(\.sagaID)).sorted { $0 < $1 }
        let rows = try await store.load(ids, in: work)
        try answerStrangers(steps.filter { rows[$0.sagaID] == nil }, in: work)
        try await apply(steps.filter { rows[$0.sagaID] != nil }, to: rows, in: work)
        try work.transaction.enqueue(steps.compactMap(Self.failures))
    }

    /// The statement that keeps how an answer failed before it was taken; nil if it did not.
    private static func failures(of step: Step) -> PostgresQuery? {
        guard let envelope = step.envelope else { return nil }
        return switch step.input {
        case .vote(let name, _): FailureStore.addition(.vote, envelope, of: step.sagaID, sender: name)
        case .done(let name, _): FailureStore.addition(.done, envelope, of: step.sagaID, sender: name)
        case .timer, .abort: nil
        }
    }

    /// Has participants take back what they did for sagas that are not recorded; what they report of such is dropped.
    ///
    /// A saga is committed before its first `try` is sent, and forgotten long after it is over: who votes in one that
    /// is not there does so for a row that was lost, and would wait for its decision for ever. There being no row that
    /// the answer follows from, it has one in the outbox.
    private func answerStrangers(_ steps: [Step], in work: UnitOfWork) throws {
        var answered: Set<UUID> = []
        for step in steps {
            let metadata: Logger.Metadata = ["saga_id": "\(step.sagaID.uuidString.lowercased())"]
            guard case .vote = step.input else {
                logger.notice("a report on a saga that is not recorded is dropped", metadata: metadata)
                continue
            }
            guard answered.insert(step.sagaID).inserted else { continue }
            logger.warning("a vote in a saga that is not recorded is answered with cancel", metadata: metadata)
            Counter(label: "shop_sagas_unknown", dimensions: [("saga", definition.name)]).increment()
            work.send(
                try OutboxMessage(
                    type: definition.type(.cancel), messageID: messageID(step.sagaID, .cancel),
                    correlationID: step.sagaID, causationID: step.envelope?.messageID,
                    traceparent: step.envelope?.traceparent, body: DecisionBody(refusal: .unknownSaga)))
        }
    }

    /// Decides against a saga, unless it is decided already; under the lock of its row, in the caller's transaction.
    ///
    /// The caller must not have locked anything before that is locked after a saga's row elsewhere.
    ///
    /// - Returns: Whether this was the decision. If not, another was taken before, and has committed.
    public func abort(_ id: UUID, refusal: SagaRefusal, in work: UnitOfWork) async throws -> Bool {
        let rows = try await store.load([id], in: work)
        let step = Step(sagaID: id, input: .abort(refusal), envelope: nil)
        return try await !apply([step], to: rows, in: work).isEmpty
    }

    /// Decides, or sends again, for sagas that have waited long enough.
    ///
    /// - Parameters:
    ///   - due: Those past their deadline, or those whose next attempt has come.
    ///   - ids: Only of these; nil for any.
    /// - Returns: How many there were.
    @discardableResult
    func sweep(
        _ due: SagaStore.Due, of ids: [UUID]? = nil, limit: Int, in work: UnitOfWork
    ) async throws -> Int {
        let rows = try await store.load(due, of: ids, limit: limit, in: work)
        let steps = rows.values.sorted { $0.id < $1.id }.map { row in
            Step(sagaID: row.id, input: .timer(deadlinePassed: row.deadlinePassed), envelope: nil)
        }
        try await apply(steps, to: rows, in: work)
        return rows.count
    }

    /// - Returns: The sagas that were decided by these steps.
    @discardableResult
    func apply(
        _ steps: [Step], to loaded: [UUID: SagaStore.Row], in work: UnitOfWork
    ) async throws -> [SagaOutcome] {
        var rows = loaded
        var decided: [SagaOutcome] = []
        var resentTries: [UUID] = []
        var isRepeated = !steps.isEmpty
        for step in steps {
            guard var row = rows[step.sagaID] else {
                isRepeated = false
                continue
            }
            let (state, effects) = SagaLogic.reduce(row.state, step.input)
            if !Self.isRepeatedIfLost(step, becomes: state, effects) { isRepeated = false }
            note(step, in: &row, was: row.state, becomes: state)
            let was = row.state.phase
            row.state = state
            for effect in effects {
                switch effect {
                case .send(.try):
                    resentTries.append(row.id)
                case .send(let kind):
                    try sendDecision(kind, row, step, was: was, in: work)
                case .decided(let decision):
                    decided.append(outcome(row, decision, step))
                case .finished:
                    break
                case .flagStuck:
                    row.log.append(.init(event: "stuck", detail: "not carried out after \(state.resends) resends"))
                    Counter(label: "shop_sagas_stuck", dimensions: [("saga", definition.name)]).increment()
                    logger.error("a saga is stuck", metadata: ["saga_id": "\(row.id.uuidString.lowercased())"])
                case .violation(let reason):
                    throw MessageRejection(.protocolViolation, reason)
                }
            }
            rows[row.id] = row
        }
        try await resend(tries: resentTries, rows, in: work)
        try store.save(rows.values.sorted { $0.id < $1.id }, in: work)
        if !decided.isEmpty { try await handler.decided(decided.sorted { $0.sagaID < $1.sagaID }, in: work) }
        if isRepeated { work.isRepeatedIfLost() }
        return decided
    }

    /// Whether a step that has committed, and was acknowledged, is taken again if a crash of the database loses it.
    private static func isRepeatedIfLost(
        _ step: Step, becomes state: SagaState, _ effects: [SagaEffect]
    ) -> Bool {
        // What no message has said, an operator say, is not said again; nor is why one failed before it was taken.
        guard let envelope = step.envelope, envelope.failures == nil else { return false }
        return switch step.input {
        // The saga is still one that waits for this vote: at its next attempt the `try` goes out to those who have not
        // voted, and the participant, whose own commit has waited for the disk before it voted, says the same again.
        // With the vote that decides, and the one that is answered, the decision is told.
        case .vote: state.phase == .trying && effects.isEmpty
        // The decision stands, and is sent again to those of whom no report is recorded; their branch, which has waited
        // for the disk, answers. That the saga is over is nothing but the last of the reports.
        case .done: effects.allSatisfy { $0 == .finished }
        // These decide, or send.
        case .timer, .abort: false
        }
    }

    /// Keeps what the timeline will show: who said what by which message, and what the timer did.
    private func note(_ step: Step, in row: inout SagaStore.Row, was: SagaState, becomes: SagaState) {
        switch step.input {
        case .vote(let participant, _):
            if was.participants[participant]?.vote == nil {
                row.voteMessages[participant] = step.envelope?.messageID
            }
        case .done(let participant, _):
            if was.participants[participant]?.isDone == false {
                row.doneMessages[participant] = step.envelope?.messageID
            }
        case .timer(let deadlinePassed):
            if was.phase == .trying, deadlinePassed {
                row.log.append(.init(event: "deadline", detail: "undecided at the deadline"))
            } else if becomes.resends > was.resends {
                let names = was.participants.filter {
                    was.phase == .trying ? $0.value.vote == nil : !$0.value.isDone
                }.keys.sorted().joined(separator: " and ")
                row.log.append(
                    .init(event: "resent", detail: "\(was.phase.rawValue), resend \(becomes.resends) to \(names)"))
            }
        case .abort(let refusal):
            if was.phase == .trying { row.log.append(.init(event: "aborted", detail: refusal.code)) }
        }
    }

    /// The participants a decision is for: all when it is taken; else those that have not carried it out, and one that
    /// does its part anew after having taken it back.
    private static func recipients(
        of kind: SagaMessageKind, _ step: Step, _ row: SagaStore.Row, was: SagaState.Phase
    ) -> [String]? {
        guard was != .trying else { return nil }
        var names = Set(row.state.participants.filter { !$0.value.isDone }.keys)
        if kind == .cancel, case .vote(let name, .accepted) = step.input { names.insert(name) }
        return names.sorted()
    }

    private func sendDecision(
        _ kind: SagaMessageKind, _ row: SagaStore.Row, _ step: Step, was: SagaState.Phase, in work: UnitOfWork
    ) throws {
        let message = try OutboxMessage(
            type: definition.type(kind), messageID: messageID(row.id, kind), correlationID: row.id,
            causationID: step.envelope?.messageID, traceparent: row.traceparent,
            body: DecisionBody(
                refusal: row.state.refusal, to: Self.recipients(of: kind, step, row, was: was)))
        // The row says nothing of one that does its part anew after having taken it back, and no sweep would find it.
        if kind == .cancel, case .vote(let name, .accepted) = step.input, row.state.participants[name]?.isDone == true {
            work.send(message)
        } else {
            work.publish(message)
        }
    }

    /// Sends `try` again to those who have not voted: the others' work is done.
    private func resend(tries ids: [UUID], _ rows: [UUID: SagaStore.Row], in work: UnitOfWork) async throws {
        guard !ids.isEmpty else { return }
        let payloads = try await store.payloads(ids, in: work)
        for id in ids {
            guard let row = rows[id], let (payload, startedAt) = payloads[id] else { continue }
            let silent = row.state.participants.filter { $0.value.vote == nil }.keys.sorted()
            work.publish(
                try OutboxMessage(
                    type: definition.type(.try), messageID: messageID(id, .try), correlationID: id,
                    traceparent: row.traceparent,
                    body: TryBody(payload: try MessageCoding.decode(JSONValue.self, from: payload), to: silent)),
                dated: startedAt)
        }
    }

    private func outcome(_ row: SagaStore.Row, _ decision: SagaDecision, _ step: Step) -> SagaOutcome {
        SagaOutcome(
            sagaID: row.id, subjectID: row.subjectID, decision: decision, refusal: row.state.refusal,
            causationID: step.envelope?.messageID, traceparent: row.traceparent)
    }

    private func messageID(_ id: UUID, _ kind: SagaMessageKind) -> UUID {
        MessageID.derived(saga: id, source: definition.coordinator, kind: kind.rawValue)
    }
}
