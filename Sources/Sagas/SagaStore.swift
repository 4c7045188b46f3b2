import Events
import FoundationEssentials
import Postgres

/// The SQL of `sagas`, `saga_participants` and `saga_log`: the coordinator's memory.
struct SagaStore: Sendable {
    /// A saga as it is recorded.
    struct Row: Sendable {
        let id: UUID
        let subjectID: Int64
        let traceparent: String?
        let deadlinePassed: Bool
        /// What is recorded; compared with what it becomes.
        let recorded: SagaState
        var state: SagaState
        /// The messages that changed a participant's part, for the record.
        var voteMessages: [String: UUID] = [:]
        var doneMessages: [String: UUID] = [:]
        var log: [LogEntry] = []
    }

    /// Something out of the ordinary that belongs into a saga's timeline.
    struct LogEntry: Sendable {
        let event: String
        let detail: String
    }

    let name: String
    let timing: SagaTiming

    /// A saga that begins.
    struct New: Sendable {
        let id: UUID
        let subjectID: Int64
        /// JSON.
        let payload: [UInt8]
        let traceparent: String?
    }

    /// The statements that write new sagas; the first one gives their ids and the times of their start.
    func insertion(of sagas: [New], participants: [String]) -> [PostgresQuery] {
        [
            """
            INSERT INTO sagas (id, name, subject_id, phase, payload, traceparent, deadline_at, next_attempt_at)
            SELECT id, \(name), subject_id, 'trying', payload::jsonb, traceparent,
                now() + make_interval(secs => \(timing.deadline.inSeconds)),
                now() + make_interval(secs => \(min(timing.firstResend, timing.deadline).inSeconds))
            FROM unnest(
                \(sagas.map(\.id))::uuid[], \(sagas.map(\.subjectID))::bigint[],
                \(sagas.map { String(decoding: $0.payload, as: UTF8.self) })::text[],
                \(sagas.map(\.traceparent))::text[]
            ) AS s (id, subject_id, payload, traceparent)
            RETURNING id, started_at
            """,
            """
            INSERT INTO saga_participants (saga_id, participant)
            SELECT saga_id, participant
            FROM unnest(\(sagas.map(\.id))::uuid[]) AS s (saga_id), unnest(\(participants)::text[]) AS p (participant)
            """,
        ]
    }

    /// Locks and loads sagas of this name, in ascending order of id.
    func load(_ ids: [UUID], in work: UnitOfWork) async throws -> [UUID: Row] {
        let results = try await work.transaction.batch([
            """
            SELECT id, subject_id, traceparent, deadline_at <= now(), phase, refusal::text, resends::bigint,
                stuck_since IS NOT NULL
            FROM sagas WHERE id = ANY(\(ids)::uuid[]) AND name = \(name) ORDER BY id FOR UPDATE
            """,
            """
            SELECT saga_id, participant, vote, vote_refusal::text, done_at IS NOT NULL
            FROM saga_participants WHERE saga_id = ANY(\(ids)::uuid[])
            """,
        ])
        return try Self.rows(results[0], results[1])
    }

    /// Sagas that have waited long enough.
    enum Due: Sendable {
        /// Undecided at their deadline.
        case overdue
        /// Those whose next attempt has come.
        case waiting

        fileprivate var condition: String {
            switch self {
            case .overdue: "phase = 'trying' AND deadline_at <= now()"
            case .waiting: "(phase <> 'trying' OR deadline_at > now())"
            }
        }
    }

    /// Locks and loads sagas that are due, those first that have waited longest, leaving what another replica has
    /// locked.
    func load(_ due: Due, limit: Int, in work: UnitOfWork) async throws -> [UUID: Row] {
        let sagas = try await work.transaction.query(
            """
            SELECT id, subject_id, traceparent, deadline_at <= now(), phase, refusal::text, resends::bigint,
                stuck_since IS NOT NULL
            FROM sagas
            WHERE name = \(name) AND finished_at IS NULL AND next_attempt_at <= now()
                AND \(unescaped: due.condition)
            ORDER BY next_attempt_at LIMIT \(Int64(limit))
            FOR UPDATE SKIP LOCKED
            """)
        let ids = try sagas.map { try $0.decode("id", as: UUID.self) }
        guard !ids.isEmpty else { return [:] }
        let participants = try await work.transaction.query(
            """
            SELECT saga_id, participant, vote, vote_refusal::text, done_at IS NOT NULL
            FROM saga_participants WHERE saga_id = ANY(\(ids)::uuid[])
            """)
        return try Self.rows(sagas, participants)
    }

    /// How many sagas of this name are under way.
    func openCount(in executor: any PostgresExecutor) async throws -> Int {
        let rows = try await executor.query(
            "SELECT count(*) FROM sagas WHERE finished_at IS NULL AND name = \(name)")
        return Int(try rows.decode((Int64).self)[0])
    }

    /// The payloads of sagas whose `try` goes out again, and when they were started.
    func payloads(_ ids: [UUID], in work: UnitOfWork) async throws -> [UUID: (payload: [UInt8], startedAt: Date)] {
        let rows = try await work.transaction.query(
            "SELECT id, payload::text, started_at FROM sagas WHERE id = ANY(\(ids)::uuid[])")
        return Dictionary(
            uniqueKeysWithValues: try rows.decode((UUID, String, Date).self).map {
                ($0, (payload: Array($1.utf8), startedAt: $2))
            })
    }

    /// Records what has changed.
    func save(_ rows: [Row], in work: UnitOfWork) async throws {
        var statements: [PostgresQuery] = []
        let changed = rows.filter { $0.state != $0.recorded }
        let participants = changed.flatMap { row in
            row.state.participants.filter { row.recorded.participants[$0.key] != $0.value }
                .map { (row: row, name: $0.key, participant: $0.value) }
        }
        // Votes before the decision that they bring about: each is stamped as it is written.
        if !participants.isEmpty { statements.append(try Self.updateParticipants(participants)) }
        if !changed.isEmpty { statements.append(try updateSagas(changed)) }
        let entries = rows.flatMap { row in row.log.map { (row.id, $0) } }
        if !entries.isEmpty {
            statements.append(
                """
                INSERT INTO saga_log (saga_id, event, detail)
                SELECT saga_id, event, detail FROM unnest(
                    \(entries.map(\.0))::uuid[], \(entries.map(\.1.event))::text[], \(entries.map(\.1.detail))::text[]
                ) AS l (saga_id, event, detail)
                """)
        }
        if !statements.isEmpty { _ = try await work.transaction.batch(statements) }
    }

    private func updateSagas(_ rows: [Row]) throws -> PostgresQuery {
        let refusals = try rows.map { try $0.state.refusal?.stored }
        let first = timing.firstResend.inSeconds
        let longest = timing.longestResend.inSeconds
        return """
            UPDATE sagas SET
                phase = s.phase, refusal = s.refusal::jsonb, resends = s.resends,
                decided_at = CASE WHEN s.phase <> 'trying' THEN coalesce(decided_at, clock_timestamp()) END,
                finished_at = CASE WHEN s.terminal THEN coalesce(finished_at, clock_timestamp()) END,
                stuck_since = CASE WHEN s.stuck THEN coalesce(stuck_since, now()) END,
                next_attempt_at = CASE
                    WHEN s.terminal THEN NULL
                    WHEN s.phase = 'trying' THEN least(
                        greatest(deadline_at, now()),
                        now() + make_interval(secs => least(\(longest), \(first) * power(2, least(s.resends, 20)))))
                    ELSE now() + make_interval(secs => least(\(longest), \(first) * power(2, least(s.resends, 20))))
                END
            FROM unnest(
                \(rows.map(\.id))::uuid[], \(rows.map(\.state.phase.rawValue))::text[], \(refusals)::text[],
                \(rows.map { Int32($0.state.resends) })::integer[], \(rows.map(\.state.isStuck))::boolean[],
                \(rows.map(\.state.phase.isTerminal))::boolean[]
            ) AS s (saga_id, phase, refusal, resends, stuck, terminal)
            WHERE id = s.saga_id
            """
    }

    private static func updateParticipants(
        _ changes: [(row: Row, name: String, participant: SagaState.Participant)]
    ) throws -> PostgresQuery {
        let votes = changes.map(\.participant.vote?.word)
        let refusals = try changes.map { try $0.participant.vote?.refusal?.stored }
        return """
            UPDATE saga_participants p SET
                vote = c.vote, vote_refusal = c.refusal::jsonb,
                voted_at = CASE WHEN c.vote IS NOT NULL THEN coalesce(p.voted_at, clock_timestamp()) END,
                vote_message_id = coalesce(p.vote_message_id, c.vote_message_id),
                done_at = CASE WHEN c.done THEN coalesce(p.done_at, clock_timestamp()) END,
                done_message_id = coalesce(p.done_message_id, c.done_message_id)
            FROM unnest(
                \(changes.map(\.row.id))::uuid[], \(changes.map(\.name))::text[], \(votes)::text[],
                \(refusals)::text[], \(changes.map { $0.row.voteMessages[$0.name] })::uuid[],
                \(changes.map(\.participant.isDone))::boolean[],
                \(changes.map { $0.row.doneMessages[$0.name] })::uuid[]
            ) AS c (saga_id, participant, vote, refusal, vote_message_id, done, done_message_id)
            WHERE p.saga_id = c.saga_id AND p.participant = c.participant
            """
    }

    private static func rows(_ sagas: PostgresRows, _ participants: PostgresRows) throws -> [UUID: Row] {
        var members: [UUID: [String: SagaState.Participant]] = [:]
        for (id, name, vote, refusal, done) in try participants.decode(
            (UUID, String, String?, String?, Bool).self)
        {
            members[id, default: [:]][name] = SagaState.Participant(
                vote: try SagaVote(stored: vote, try SagaRefusal(stored: refusal)), isDone: done)
        }
        var rows: [UUID: Row] = [:]
        for (id, subject, traceparent, deadlinePassed, phase, refusal, resends, stuck) in try sagas.decode(
            (UUID, Int64, String?, Bool, String, String?, Int64, Bool).self)
        {
            let state = SagaState(
                phase: try SagaState.Phase(stored: phase, of: "phase of a saga"), participants: members[id] ?? [:],
                refusal: try SagaRefusal(stored: refusal), resends: Int(resends), isStuck: stuck)
            rows[id] = Row(
                id: id, subjectID: subject, traceparent: traceparent, deadlinePassed: deadlinePassed,
                recorded: state, state: state)
        }
        return rows
    }
}
