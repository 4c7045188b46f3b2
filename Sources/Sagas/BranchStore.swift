import Events
import FoundationEssentials
import Postgres

/// The SQL of `saga_branches`: a participant's barrier.
struct BranchStore: Sendable {
    /// A branch as it is recorded.
    struct Row: Sendable {
        var state: BranchState?
        var payload: [UInt8]?
        /// Whether there is one in the database.
        let isRecorded: Bool

        init(state: BranchState? = nil, payload: [UInt8]? = nil, isRecorded: Bool) {
            self.state = state
            self.payload = payload
            self.isRecorded = isRecorded
        }
    }

    let sagaName: String
    let participant: String

    /// Loads and locks the rows of sagas.
    ///
    /// - Parameters:
    ///   - creating: Ids that get a fresh row, without a state, if they have none. It is written with ``save(_:in:)``.
    ///   - all: Ids to lock and load, in ascending order.
    func load(creating: Set<UUID>, all: [UUID], in work: UnitOfWork) async throws -> [UUID: Row] {
        let found = try await work.transaction.query(
            """
            SELECT saga_id, state, refusal::text, payload::text FROM saga_branches
            WHERE participant = \(participant) AND saga_id = ANY(\(all)::uuid[])
            ORDER BY saga_id
            FOR UPDATE
            """)
        var rows = Dictionary(uniqueKeysWithValues: creating.map { ($0, Row(isRecorded: false)) })
        for (id, state, refusal, payload) in try found.decode((UUID, String, String?, String?).self) {
            rows[id] = Row(
                state: try BranchState(stored: state, try SagaRefusal(stored: refusal)),
                payload: payload.map { Array($0.utf8) }, isRecorded: true)
        }
        return rows
    }

    /// Records the new states, with the next statements of the transaction, which fails if another has made a row
    /// meanwhile: handled again, the message meets that.
    func save(_ rows: [(id: UUID, row: Row)], in work: UnitOfWork) throws {
        let (old, new) = (try Columns(rows.filter(\.row.isRecorded)), try Columns(rows.filter { !$0.row.isRecorded }))
        var statements: [PostgresQuery] = []
        if !new.ids.isEmpty {
            statements.append(
                """
                INSERT INTO saga_branches (saga_id, participant, saga_name, state, refusal, payload, settled_at)
                SELECT saga_id, \(participant), \(sagaName), state, refusal::jsonb, payload::jsonb,
                    CASE WHEN state IN ('confirmed', 'cancelled') THEN clock_timestamp() END
                FROM unnest(
                    \(new.ids)::uuid[], \(new.states)::text[], \(new.refusals)::text[], \(new.payloads)::text[]
                ) AS s (saga_id, state, refusal, payload)
                """)
        }
        if !old.ids.isEmpty {
            statements.append(
                """
                UPDATE saga_branches b
                SET state = s.state, refusal = s.refusal::jsonb, payload = s.payload::jsonb, updated_at = now(),
                    settled_at = CASE WHEN s.state IN ('confirmed', 'cancelled')
                        THEN coalesce(
                            settled_at, CASE WHEN b.state <> s.state THEN clock_timestamp() ELSE b.updated_at END) END
                FROM unnest(
                    \(old.ids)::uuid[], \(old.states)::text[], \(old.refusals)::text[], \(old.payloads)::text[]
                ) AS s (saga_id, state, refusal, payload)
                WHERE b.saga_id = s.saga_id AND b.participant = \(participant)
                """)
        }
        try work.transaction.enqueue(statements)
    }

    /// Records a confirmed part anew whose row was lost, with the next statements of the transaction.
    ///
    /// - Parameter finalAt: When it was made final; nil for now.
    func restore(
        _ id: UUID, payload: [UInt8], triedAt: Date, finalAt: Date?, in work: UnitOfWork
    ) throws {
        try work.transaction.enqueue(
            """
            INSERT INTO saga_branches (saga_id, participant, saga_name, state, payload, created_at, settled_at)
            VALUES (\(id), \(participant), \(sagaName), 'confirmed',
                \(String(decoding: payload, as: UTF8.self))::text::jsonb, \(triedAt)::timestamptz,
                coalesce(\(finalAt)::timestamptz, clock_timestamp()))
            """)
    }

    /// Rows as arrays, one a column.
    private struct Columns {
        let ids: [UUID]
        let states: [String]
        let refusals: [String?]
        let payloads: [String?]

        init(_ rows: [(id: UUID, row: Row)]) throws {
            ids = rows.map(\.id)
            states = rows.map { $0.row.state?.word ?? BranchState.undecided }
            refusals = try rows.map { try $0.row.state?.refusal?.stored }
            payloads = rows.map { $0.row.payload.map { String(decoding: $0, as: UTF8.self) } }
        }
    }
}
