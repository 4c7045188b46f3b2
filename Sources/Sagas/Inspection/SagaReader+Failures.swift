public import FoundationEssentials
public import Postgres

extension SagaReader {
    /// The requests that a participant has handled after they had failed, by saga, in the order in which it did.
    public static func failures(
        of ids: [UUID], participant: String, in database: any PostgresExecutor
    ) async throws -> [UUID: [SagaFacts.Failure]] {
        try failures(
            at: participant,
            await database.query(
                """
                SELECT r.saga_id, \(unescaped: failure) FROM saga_branches r CROSS JOIN LATERAL \(unescaped: elements)
                WHERE r.saga_id = ANY(\(ids)::uuid[]) AND r.participant = \(participant)
                """))
    }

    /// The answers that a coordinator has taken after they had failed, by saga, in the order in which it did.
    public static func failures(
        of ids: [UUID], coordinator: String, in database: any PostgresExecutor
    ) async throws -> [UUID: [SagaFacts.Failure]] {
        try failures(
            at: coordinator,
            await database.query(
                """
                SELECT r.id, \(unescaped: failure) FROM sagas r CROSS JOIN LATERAL \(unescaped: elements)
                WHERE r.id = ANY(\(ids)::uuid[])
                """))
    }

    private static let failure = """
        told ->> 'message', told ->> 'sender', (told ->> 'count')::bigint, told ->> 'error',
        (told ->> 'since')::timestamptz, (told ->> 'last_at')::timestamptz, (told ->> 'gave_up_at')::timestamptz,
        told ->> 'gave_up_reason', (told ->> 'handled_at')::timestamptz
        """

    /// By way of the whole row, so that a database which has not been migrated yet has none.
    private static let elements = "jsonb_array_elements(nullif(to_jsonb(r) -> 'failures', 'null')) AS f (told)"

    private static func failures(at service: String, _ rows: PostgresRows) throws -> [UUID: [SagaFacts.Failure]] {
        var failures: [UUID: [SagaFacts.Failure]] = [:]
        let told = try rows.decode(
            (UUID, String, String?, Int64, String?, Date?, Date?, Date?, String?, Date).self)
        for (id, word, sender, count, error, since, lastAt, gaveUpAt, gaveUpReason, handledAt) in told {
            guard let kind = SagaMessageKind(rawValue: word) else { continue }
            failures[id, default: []].append(
                SagaFacts.Failure(
                    service: service, kind: kind, sender: sender, count: Int(count), error: error, since: since,
                    lastAt: lastAt, gaveUpAt: gaveUpAt, gaveUpReason: gaveUpReason, handledAt: handledAt))
        }
        return failures
    }
}
