import FoundationEssentials
import Postgres

/// The SQL of the `outbox` table: messages that are committed with the work and published after it.
enum Outbox {
    /// A row waiting to be published.
    struct Row: Sendable {
        let id: Int64
        let envelope: Envelope
        let mandatory: Bool
    }

    /// The statement that writes messages; none for no message.
    static func insertion(of messages: [OutboxMessage]) -> [PostgresQuery] {
        guard !messages.isEmpty else { return [] }
        return [
            """
            INSERT INTO outbox (message_id, type, correlation_id, causation_id, mandatory, traceparent, body)
            SELECT message_id, type, correlation_id, causation_id, mandatory, traceparent, body::json
            FROM unnest(
                \(messages.map(\.messageID))::uuid[], \(messages.map(\.type))::text[],
                \(messages.map(\.correlationID))::uuid[], \(messages.map(\.causationID))::uuid[],
                \(messages.map(\.mandatory))::boolean[], \(messages.map(\.traceparent))::text[],
                \(messages.map { String(decoding: $0.body, as: UTF8.self) })::text[]
            ) WITH ORDINALITY
                AS m (message_id, type, correlation_id, causation_id, mandatory, traceparent, body, position)
            ORDER BY position
            """
        ]
    }

    /// The oldest rows that are due, in the order they were written.
    static func due(limit: Int, service: String, in session: any PostgresExecutor) async throws -> [Row] {
        let rows = try await session.query(
            """
            SELECT id, message_id, type, correlation_id, causation_id, mandatory, traceparent, body::text, created_at
            FROM outbox
            WHERE published_at IS NULL AND (retry_at IS NULL OR retry_at <= now())
            ORDER BY id
            LIMIT \(Int64(limit))
            """)
        return try rows.decode(
            (Int64, UUID, String, UUID?, UUID?, Bool, String?, String, Date).self
        ).map { id, messageID, type, correlationID, causationID, mandatory, traceparent, body, createdAt in
            Row(
                id: id,
                envelope: Envelope(
                    messageID: messageID, type: type, correlationID: correlationID, causationID: causationID,
                    appID: service, timestamp: createdAt, traceparent: traceparent, body: Array(body.utf8)),
                mandatory: mandatory)
        }
    }

    /// Marks rows as published.
    static func markPublished(_ ids: [Int64], in session: any PostgresExecutor) async throws {
        try await session.query("UPDATE outbox SET published_at = now() WHERE id = ANY(\(ids)::bigint[])")
    }

    /// Notes that the broker did not take rows, and when to try them again: 1 s, doubling up to a minute.
    static func postpone(
        _ rows: [(id: Int64, error: String)], in session: any PostgresExecutor
    ) async throws {
        try await session.query(
            """
            UPDATE outbox SET
                attempts = attempts + 1,
                retry_at = now() + least(interval '1 minute', interval '1 second' * power(2, least(attempts, 6))),
                last_error = r.error
            FROM unnest(\(rows.map(\.id))::bigint[], \(rows.map(\.error))::text[]) AS r (row_id, error)
            WHERE id = r.row_id
            """)
    }

    /// Deletes some of what was published long enough ago to be of no more use to an operator.
    ///
    /// - Returns: Whether there may be more of it.
    static func prune(keeping hours: Int, in session: any PostgresExecutor) async throws -> Bool {
        let limit = 5000
        return try await session.query(
            """
            DELETE FROM outbox WHERE id IN (
                SELECT id FROM outbox
                WHERE published_at < now() - make_interval(hours => \(Int32(hours)))
                ORDER BY id LIMIT \(Int64(limit)))
            """
        ).affectedRows == limit
    }
}
