import Events
public import FoundationEssentials
public import Postgres

/// The SQL by which an operator looks at sagas, and nudges them: it works while every server of the shop is down.
public struct SagaReader: Sendable {
    /// The coordinating service, as in `orders`.
    public let coordinator: String
    /// Its database.
    public let database: PostgresClient
    /// Seconds.
    private let stuckAfter: Double

    /// - Parameters:
    ///   - coordinator: The coordinating service, as in `orders`.
    ///   - database: Its database.
    ///   - stuckAfter: How long a saga may make no progress before it is stuck.
    public init(coordinator: String, database: PostgresClient, stuckAfter: Duration) {
        self.coordinator = coordinator
        self.database = database
        self.stuckAfter = stuckAfter.inSeconds
    }

    /// The SQL of a condition on a row of `sagas`.
    public func condition(_ filter: SagaFilter) -> String {
        switch filter {
        case .open: "finished_at IS NULL"
        case .stuck: "finished_at IS NULL AND \(isStuck)"
        case .wasStuck: wasStuck
        case .all: "true"
        case .phase(let phase): "phase = '\(phase.rawValue)'"
        }
    }

    /// Stuck is what makes no progress, in whatever phase and for whatever reason; a coordinator that runs flags some
    /// of it earlier.
    private var isStuck: String {
        "(stuck_since IS NOT NULL OR \(Self.progress) <= now() - make_interval(secs => \(stuckAfter)))"
    }

    /// The SQL of a condition on a row of `sagas`: that it is not over, and has made no progress for so long.
    public func condition(unmovedFor span: Duration) -> String {
        "(finished_at IS NULL AND \(Self.progress) <= now() - make_interval(secs => \(span.inSeconds)))"
    }

    /// The SQL of whose answer a row of `sagas` waits for: their names with commas between them, or null.
    public static let awaited = """
        (SELECT string_agg(participant, ',' ORDER BY participant) FROM saga_participants p
            WHERE p.saga_id = sagas.id
                AND CASE WHEN phase = 'trying' THEN vote IS NULL ELSE finished_at IS NULL AND done_at IS NULL END)
        """

    /// Two deeds of a saga that is over lie further apart than that.
    private var wasStuck: String {
        "finished_at - started_at > make_interval(secs => \(stuckAfter)) AND EXISTS (\(stalls))"
    }

    /// The SQL of the times, of a row of `sagas`, between two deeds that lie further apart than that. What comes when all
    /// is over, a late vote say, is none of them.
    private var stalls: String {
        """
        SELECT earlier, at FROM (
            SELECT at, lag(at) OVER (ORDER BY at) AS earlier FROM (
                SELECT unnest(ARRAY[sagas.started_at, sagas.decided_at, sagas.finished_at]) AS at
                UNION ALL SELECT unnest(ARRAY[p.voted_at, p.done_at]) FROM saga_participants p
                WHERE p.saga_id = sagas.id
            ) AS deeds WHERE at <= coalesce(sagas.finished_at, at)
        ) AS gaps
        WHERE at - earlier > make_interval(secs => \(stuckAfter))
            AND coalesce(sagas.finished_at, now()) - sagas.started_at > make_interval(secs => \(stuckAfter))
        """
    }

    /// The SQL of whether a `stall` of a row of `sagas` ended before the decision, or with it.
    private static let isUndecidedInStall = "coalesce(stall.at <= sagas.decided_at, true)"

    /// The SQL of whose answer a row of `sagas` waited for in its `stall`: their names with commas between them, or null.
    private static let awaitedInStall = """
        (SELECT string_agg(participant, ',' ORDER BY participant) FROM saga_participants p
            WHERE p.saga_id = sagas.id
                AND coalesce(CASE WHEN \(isUndecidedInStall) THEN voted_at ELSE done_at END >= stall.at, true))
        """

    private static func stall(_ since: Date, _ until: Date, _ names: String?, _ isUndecided: Bool) -> SagaRecord.Stall {
        SagaRecord.Stall(since: since, until: until, waitedFor: Self.names(names), isUndecided: isUndecided)
    }

    private static func names(_ text: String?) -> [String] { text?.split(separator: ",").map(String.init) ?? [] }

    /// The time of the last progress: the start, an answer that was awaited, or the decision.
    private static let progress = """
        greatest(started_at, decided_at, (
            SELECT max(greatest(voted_at, done_at)) FROM saga_participants p WHERE p.saga_id = sagas.id))
        """

    /// The latest sagas, the youngest first.
    ///
    /// - Parameter name: Only the sagas of this name, as in `order-placement`; nil for all.
    public func list(_ filter: SagaFilter, name: String? = nil, limit: Int) async throws -> [SagaRecord] {
        try Self.records(
            await database.query(
                """
                \(unescaped: columns) WHERE \(unescaped: condition(filter)) AND (\(name)::text IS NULL OR name = \(name)::text)
                ORDER BY started_at DESC, id LIMIT \(Int64(limit))
                """))
    }

    /// The saga of that id; nil if there is none.
    public func saga(_ id: UUID) async throws -> SagaRecord? {
        try Self.records(await database.query("\(unescaped: columns) WHERE id = \(id)")).first
    }

    /// The sagas of these ids, as far as there are any, in no order.
    public func sagas(_ ids: [UUID]) async throws -> [SagaRecord] {
        try Self.records(await database.query("\(unescaped: columns) WHERE id = ANY(\(ids)::uuid[])"))
    }

    /// The latest saga about a subject, an order's id say; nil if there is none.
    ///
    /// - Parameter names: The names of the sagas that are about such subjects.
    public func saga(about subjectID: Int64, names: [String]) async throws -> SagaRecord? {
        try Self.records(
            await database.query(
                """
                \(unescaped: columns) WHERE name = ANY(\(names)::text[]) AND subject_id = \(subjectID)
                ORDER BY started_at DESC, id LIMIT 1
                """)
        ).first
    }

    /// All sagas about a subject, the oldest first.
    ///
    /// - Parameter names: The names of the sagas that are about such subjects.
    public func sagas(about subjectID: Int64, names: [String]) async throws -> [SagaRecord] {
        try Self.records(
            await database.query(
                """
                \(unescaped: columns) WHERE name = ANY(\(names)::text[]) AND subject_id = \(subjectID)
                ORDER BY started_at, id
                """))
    }

    /// The sagas in figures: those that are not over, and those of the last minute.
    public func standing() async throws -> SagaStanding {
        let results = try await database.batch([
            """
            SELECT name, count(*) FILTER (WHERE is_open), count(*) FILTER (WHERE phase = 'trying'),
                min(started_at) FILTER (WHERE phase = 'trying'), count(*) FILTER (WHERE is_stuck),
                count(*) FILTER (WHERE is_new),
                count(*) FILTER (WHERE is_new AND phase IN ('confirming', 'confirmed')),
                count(*) FILTER (WHERE is_new AND phase IN ('cancelling', 'cancelled'))
            FROM (
                SELECT name, phase, started_at, finished_at IS NULL AS is_open,
                    finished_at IS NULL AND \(unescaped: isStuck) AS is_stuck,
                    started_at > now() - interval '1 minute' AS is_new
                FROM sagas WHERE finished_at IS NULL OR started_at > now() - interval '1 minute'
            ) AS seen
            GROUP BY name ORDER BY name
            """,
            """
            \(unescaped: columns) WHERE \(unescaped: condition(.stuck))
            ORDER BY \(unescaped: Self.progress), id LIMIT 1
            """,
        ])
        let shares = try results[0].decode((String, Int64, Int64, Date?, Int64, Int64, Int64, Int64).self).map {
            SagaStanding.Share(
                name: $0, open: $1, undecided: $2, oldestUndecidedAt: $3, stuck: $4, begun: $5, accepted: $6,
                refused: $7)
        }
        return SagaStanding(shares: shares, longestStuck: try Self.records(results[1]).first)
    }

    /// The coordinator's own record of a saga.
    public func facts(of id: UUID) async throws -> SagaFacts? {
        let results = try await database.batch([
            "\(unescaped: columns) WHERE id = \(id)",
            """
            SELECT participant, vote, vote_refusal::text, voted_at, vote_message_id, done_at, done_message_id
            FROM saga_participants WHERE saga_id = \(id) ORDER BY participant
            """,
            "SELECT at, event, detail FROM saga_log WHERE saga_id = \(id) ORDER BY id",
            "SELECT clock_timestamp()",
            """
            SELECT stall.earlier, stall.at, \(unescaped: Self.awaitedInStall), \(unescaped: Self.isUndecidedInStall)
            FROM sagas CROSS JOIN LATERAL (\(unescaped: stalls)) AS stall
            WHERE id = \(id) ORDER BY stall.earlier
            """,
        ])
        guard let saga = try Self.records(results[0]).first, let now = try results[3].decode((Date).self).first else {
            return nil
        }
        let participants = try results[1].decode(
            (String, String?, String?, Date?, UUID?, Date?, UUID?).self
        ).map { name, vote, refusal, votedAt, voteID, doneAt, doneID in
            SagaFacts.Participant(
                name: name, vote: try SagaVote(stored: vote, try SagaRefusal(stored: refusal)), votedAt: votedAt,
                voteMessageID: voteID, doneAt: doneAt,
                doneMessageID: doneID)
        }
        let log = try results[2].decode((Date, String, String).self).map {
            SagaFacts.LogEntry(at: $0, event: $1, detail: $2)
        }
        var facts = SagaFacts(
            coordinator: coordinator, saga: saga, observedAt: now, participants: participants, log: log)
        facts.outbox = try await Self.outbox(of: id, service: coordinator, in: database)
        facts.stalls = try results[4].decode((Date, Date, String?, Bool).self).map(Self.stall)
        facts.failures = try await Self.failures(of: [id], coordinator: coordinator, in: database)[id] ?? []
        return facts
    }

    /// The saga's messages in a service's outbox, in the order they were written. Those published long ago are gone.
    public static func outbox(
        of id: UUID, service: String, in database: any PostgresExecutor
    ) async throws -> [SagaFacts.Message] {
        let rows = try await database.query(
            """
            SELECT message_id, type, created_at, attempts, last_error,
                coalesce(published_before, '{}') || CASE WHEN published_at IS NULL THEN '{}' ELSE ARRAY[published_at] END,
                CASE WHEN published_at IS NULL THEN replayed_at END,
                published_at IS NULL AND attempts = 0 AND coalesce(claimed_until > clock_timestamp(), false)
            FROM outbox WHERE correlation_id = \(id) ORDER BY id
            """)
        return try rows.decode((UUID, String, Date, Int32, String?, [Date], Date?, Bool).self).map { row in
            var message = SagaFacts.Message(
                service: service, id: row.0, type: row.1, writtenAt: row.2, publishedAt: row.5.first,
                attempts: Int(row.3), lastError: row.4)
            message.resentAt = Array(row.5.dropFirst())
            message.replayedAt = row.6
            message.isBeingSent = row.7
            return message
        }
    }

    /// A service's own record of its part; nil if it has none.
    public static func branch(
        of id: UUID, participant: String, in database: any PostgresExecutor
    ) async throws -> SagaFacts.Branch? {
        let rows = try await database.query(
            """
            SELECT state, refusal::text, created_at, coalesce(settled_at, updated_at)
            FROM saga_branches WHERE saga_id = \(id) AND participant = \(participant)
            """)
        return try rows.decode((String, String?, Date, Date).self).first.map {
            SagaFacts.Branch(
                participant: participant, state: try BranchState(stored: $0, try SagaRefusal(stored: $1)),
                createdAt: $2, updatedAt: $3)
        }
    }

    /// Makes a saga due at once, so that the coordinator's sweeper sends again what it waits for.
    ///
    /// - Returns: Whether it was; one that is over is left alone.
    public static func retry(_ id: UUID, in executor: any PostgresExecutor) async throws -> Bool {
        let rows = try await executor.query(
            "UPDATE sagas SET next_attempt_at = now() WHERE id = \(id) AND finished_at IS NULL")
        return rows.affectedRows > 0
    }

    private var columns: String {
        """
        SELECT id, name, subject_id, phase, refusal::text, resends::bigint, started_at, deadline_at, next_attempt_at,
            CASE WHEN finished_at IS NULL AND \(isStuck) THEN \(Self.progress) END, decided_at, finished_at,
            stall.earlier, stall.at, \(Self.awaitedInStall), \(Self.isUndecidedInStall), \(Self.awaited)
        FROM sagas LEFT JOIN LATERAL (\(stalls) ORDER BY at - earlier DESC LIMIT 1) AS stall ON true
        """
    }

    private static func records(_ rows: PostgresRows) throws -> [SagaRecord] {
        let stored = try rows.decode(
            (
                UUID, String, Int64, String, String?, Int64, Date, Date, Date?, Date?, Date?, Date?, Date?, Date?,
                String?, Bool, String?
            ).self)
        var records: [SagaRecord] = []
        for row in stored {
            var record = SagaRecord(
                id: row.0, name: row.1, subjectID: row.2,
                phase: try SagaState.Phase(stored: row.3, of: "phase of a saga"),
                refusal: try SagaRefusal(stored: row.4), resends: Int(row.5), startedAt: row.6, deadlineAt: row.7,
                nextAttemptAt: row.8, stuckSince: row.9, decidedAt: row.10, finishedAt: row.11)
            if let since = row.12, let until = row.13 { record.stall = stall(since, until, row.14, row.15) }
            record.waitsFor = names(row.16)
            records.append(record)
        }
        return records
    }
}
