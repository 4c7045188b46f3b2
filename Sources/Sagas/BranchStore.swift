import Events
import FoundationEssentials
import Postgres

/// The SQL of `saga_branches`: a participant's barrier.
struct BranchStore: Sendable {
    /// A branch as it is recorded.
    struct Row: Sendable {
        var state: BranchState?
        var payload: [UInt8]?
    }

    let sagaName: String
    let participant: String

    /// Makes sure that each saga has a row, waiting for whoever is making one just now, and locks all rows.
    ///
    /// - Parameters:
    ///   - creating: Ids whose row is made if there is none, in ascending order.
    ///   - all: Ids to lock and load, in ascending order.
    /// - Returns: The rows that exist; a fresh one has no state.
    func claim(
        creating: [UUID], all: [UUID], in work: UnitOfWork
    ) async throws -> [UUID: Row] {
        let results = try await work.transaction.batch([
            """
            INSERT INTO saga_branches (saga_id, participant, saga_name, state)
            SELECT saga_id, \(participant), \(sagaName), \(BranchState.undecided)
            FROM unnest(\(creating)::uuid[]) WITH ORDINALITY AS s (saga_id, position) ORDER BY position
            ON CONFLICT DO NOTHING
            """,
            """
            SELECT saga_id, state, refusal::text, payload::text FROM saga_branches
            WHERE participant = \(participant) AND saga_id = ANY(\(all)::uuid[])
            ORDER BY saga_id
            FOR UPDATE
            """,
        ])
        var rows: [UUID: Row] = [:]
        for (id, state, refusal, payload) in try results[1].decode((UUID, String, String?, String?).self) {
            rows[id] = Row(
                state: try BranchState(stored: state, try SagaRefusal(stored: refusal)),
                payload: payload.map { Array($0.utf8) })
        }
        return rows
    }

    /// Records the new states, with the next statements of the transaction.
    func save(_ rows: [(id: UUID, row: Row)], in work: UnitOfWork) throws {
        guard !rows.isEmpty else { return }
        let refusals = try rows.map { try $0.row.state?.refusal?.stored }
        try work.transaction.enqueue(
            """
            UPDATE saga_branches b
            SET state = s.state, refusal = s.refusal::jsonb, payload = s.payload::jsonb, updated_at = now(),
                settled_at = CASE WHEN s.state IN ('confirmed', 'cancelled')
                    THEN coalesce(settled_at, CASE WHEN b.state <> s.state THEN clock_timestamp() END) END
            FROM unnest(
                \(rows.map(\.id))::uuid[], \(rows.map { $0.row.state?.word ?? BranchState.undecided })::text[],
                \(refusals)::text[],
                \(rows.map { $0.row.payload.map { String(decoding: $0, as: UTF8.self) } })::text[]
            ) AS s (saga_id, state, refusal, payload)
            WHERE b.saga_id = s.saga_id AND b.participant = \(participant)
            """)
    }
}
