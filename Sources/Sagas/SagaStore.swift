import Events
import FoundationEssentials
import Postgres

/// The SQL of `sagas` and `saga_log`: the coordinator's memory.
struct SagaStore: Sendable {
    /// A saga as it is recorded.
    struct Row: Sendable {
        let id: UUID
        let subjectID: Int64
        let traceparent: String?
        let deadlinePassed: Bool
        /// The time when it was read, by the database's clock, in ISO 8601.
        let readAt: String
        /// The participants' parts as they are recorded.
        let parts: [String: SagaParticipantRecord]
        /// The state as it is recorded; compared with what it becomes.
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

    /// The statement that writes new sagas; it gives their ids and the times of their start.
    func insertion(of sagas: [New], participants: [String]) throws -> PostgresQuery {
        let parts = Dictionary(uniqueKeysWithValues: participants.map { ($0, SagaParticipantRecord()) })
        return """
            INSERT INTO sagas (id, name, subject_id, phase, payload, traceparent, participants, deadline_at, next_attempt_at)
            SELECT id, \(name), subject_id, 'trying', payload::jsonb, traceparent, \(try parts.stored)::text::jsonb,
                now() + make_interval(secs => \(timing.deadline.inSeconds)),
                now() + make_interval(secs => \(min(timing.firstResend, timing.deadline).inSeconds))
            FROM unnest(
                \(sagas.map(\.id))::uuid[], \(sagas.map(\.subjectID))::bigint[],
                \(sagas.map { String(decoding: $0.payload, as: UTF8.self) })::text[],
                \(sagas.map(\.traceparent))::text[]
            ) AS s (id, subject_id, payload, traceparent)
            RETURNING id, started_at
            """
    }

    private static let columns = """
        SELECT id, subject_id, traceparent, deadline_at <= now(), phase, refusal::text, resends::bigint,
            stuck_since IS NOT NULL, participants::text, to_json(clock_timestamp()) #>> '{}'
        FROM sagas
        """

    /// Locks and loads sagas of this name, in ascending order of id.
    func load(_ ids: [UUID], in work: UnitOfWork) async throws -> [UUID: Row] {
        try Self.rows(
            await work.transaction.query(
                """
                \(unescaped: Self.columns) WHERE id = ANY(\(ids)::uuid[]) AND name = \(name) ORDER BY id FOR UPDATE
                """))
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
    ///
    /// - Parameter ids: Only of these; nil for any.
    func load(_ due: Due, of ids: [UUID]? = nil, limit: Int, in work: UnitOfWork) async throws -> [UUID: Row] {
        try Self.rows(await work.transaction.query(query(Self.columns, due, of: ids, limit: limit)))
    }

    /// The ids of those that ``load(_:of:limit:in:)`` would load, whether or not it can read their rows.
    func ids(_ due: Due, limit: Int, in work: UnitOfWork) async throws -> [UUID] {
        try await work.transaction.query(query("SELECT id FROM sagas", due, of: nil, limit: limit)).decode((UUID).self)
    }

    private func query(_ columns: String, _ due: Due, of ids: [UUID]?, limit: Int) -> PostgresQuery {
        """
        \(unescaped: columns)
        WHERE name = \(name) AND finished_at IS NULL AND next_attempt_at <= now()
            AND \(unescaped: due.condition) AND (\(ids)::uuid[] IS NULL OR id = ANY(\(ids)::uuid[]))
        ORDER BY next_attempt_at LIMIT \(Int64(limit))
        FOR UPDATE SKIP LOCKED
        """
    }

    /// Puts a saga's next attempt off, if nobody is at it.
    func putOff(_ id: UUID, by time: Duration, in work: UnitOfWork) async throws {
        try await work.transaction.query(
            """
            UPDATE sagas SET next_attempt_at = now() + make_interval(secs => \(time.inSeconds)) WHERE id IN (
                SELECT id FROM sagas WHERE id = \(id) AND finished_at IS NULL FOR UPDATE SKIP LOCKED)
            """)
    }

    /// Those of these names of which a saga is due; locks nothing.
    ///
    /// - Throws: ``PostgresError``.
    static func due(of names: [String], in executor: any PostgresExecutor) async throws -> Set<String> {
        Set(
            try await executor.query(
                """
                SELECT name FROM unnest(\(names)::text[]) AS wanted (name) WHERE EXISTS (
                    SELECT FROM sagas s
                    WHERE s.name = wanted.name AND finished_at IS NULL AND next_attempt_at <= now())
                """
            ).decode((String).self))
    }

    /// The number of sagas of this name that are under way.
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

    /// Records what has changed, with the next statements of the transaction.
    func save(_ rows: [Row], in work: UnitOfWork) throws {
        var statements: [PostgresQuery] = []
        let changed = rows.filter { $0.state != $0.recorded }
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
        try work.transaction.enqueue(statements)
    }

    private func updateSagas(_ rows: [Row]) throws -> PostgresQuery {
        let refusals = try rows.map { try $0.state.refusal?.stored }
        let parts = try rows.map { try $0.changedParts.stored }
        let first = timing.firstResend.inSeconds
        let longest = timing.longestResend.inSeconds
        return """
            UPDATE sagas SET
                phase = s.phase, refusal = s.refusal::jsonb, resends = s.resends, participants = s.participants::jsonb,
                decided_at = CASE WHEN s.phase <> 'trying' THEN coalesce(decided_at, clock_timestamp()) END,
                finished_at = CASE WHEN s.terminal THEN coalesce(finished_at, clock_timestamp()) END,
                stuck_since = CASE WHEN s.stuck THEN coalesce(stuck_since, now()) END,
                next_attempt_at = CASE
                    WHEN s.terminal THEN NULL
                    -- The index is left alone where the next look comes early and late enough anyhow.
                    WHEN s.resends = sagas.resends AND next_attempt_at > now() + make_interval(secs => \(first / 2))
                        THEN next_attempt_at
                    WHEN s.phase = 'trying' THEN least(
                        greatest(deadline_at, now()),
                        now() + make_interval(secs => least(\(longest), \(first) * power(2, least(s.resends, 20)))))
                    ELSE now() + make_interval(secs => least(\(longest), \(first) * power(2, least(s.resends, 20))))
                END
            FROM unnest(
                \(rows.map(\.id))::uuid[], \(rows.map(\.state.phase.rawValue))::text[], \(refusals)::text[],
                \(rows.map { Int32($0.state.resends) })::integer[], \(rows.map(\.state.isStuck))::boolean[],
                \(rows.map(\.state.phase.isTerminal))::boolean[], \(parts)::text[]
            ) AS s (saga_id, phase, refusal, resends, stuck, terminal, participants)
            WHERE id = s.saga_id
            """
    }

    private static func rows(_ sagas: PostgresRows) throws -> [UUID: Row] {
        var rows: [UUID: Row] = [:]
        let stored = try sagas.decode((UUID, Int64, String?, Bool, String, String?, Int64, Bool, String, String).self)
        for (id, subject, traceparent, deadlinePassed, phase, refusal, resends, stuck, said, readAt) in stored {
            let parts = try [String: SagaParticipantRecord](stored: said)
            let state = SagaState(
                phase: try SagaState.Phase(stored: phase, of: "phase of a saga"),
                participants: try parts.mapValues { try $0.participant }, refusal: try SagaRefusal(stored: refusal),
                resends: Int(resends), isStuck: stuck)
            rows[id] = Row(
                id: id, subjectID: subject, traceparent: traceparent, deadlinePassed: deadlinePassed, readAt: readAt,
                parts: parts, recorded: state, state: state)
        }
        return rows
    }
}

extension SagaStore.Row {
    /// The participants' parts as they become.
    fileprivate var changedParts: [String: SagaParticipantRecord] {
        var parts = parts
        for (name, participant) in state.participants where recorded.participants[name] != participant {
            parts[name, default: .init()].become(
                participant, at: readAt, by: (vote: voteMessages[name], done: doneMessages[name]))
        }
        return parts
    }
}
