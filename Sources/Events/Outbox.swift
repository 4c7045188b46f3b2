import FoundationEssentials
import Postgres

/// The SQL of the `outbox` table: messages that are committed with the work and published after it.
///
/// A row is published by whoever has claimed it. A claim is a time in the row, not a lock: it ends by itself when the
/// process that made it is killed or frozen.
///
/// What is noted of a row does not wait for the disk. If a crash of the database loses it, the row is as it was before: it
/// is published again, under the same message id, which its consumers know. Only the row itself has no other copy, and
/// that is written with the work.
enum Outbox {
    /// A row that is to be published.
    struct Row: Sendable {
        let id: Int64
        /// The time when it was written.
        let createdAt: Date
        let message: OutboxMessage

        /// The message as it travels.
        func envelope(from service: String) -> Envelope {
            Envelope(
                messageID: message.messageID, type: message.type, correlationID: message.correlationID,
                causationID: message.causationID, appID: service, timestamp: createdAt,
                traceparent: message.traceparent, body: message.body)
        }
    }

    /// The statement that writes messages and gives their ids; none for no message.
    ///
    /// - Parameter claim: How long they are the writing process's own to publish; nil leaves them to any.
    static func insertion(of messages: [OutboxMessage], claim: Duration?) -> [PostgresQuery] {
        guard !messages.isEmpty else { return [] }
        return [
            """
            INSERT INTO outbox
                (message_id, type, correlation_id, causation_id, mandatory, traceparent, body, claimed_until)
            SELECT message_id, type, correlation_id, causation_id, mandatory, traceparent, body::json,
                clock_timestamp() + make_interval(secs => \(claim?.inSeconds)::float8)
            FROM unnest(
                \(messages.map(\.messageID))::uuid[], \(messages.map(\.type))::text[],
                \(messages.map(\.correlationID))::uuid[], \(messages.map(\.causationID))::uuid[],
                \(messages.map(\.mandatory))::boolean[], \(messages.map(\.traceparent))::text[],
                \(messages.map { String(decoding: $0.body, as: UTF8.self) })::text[]
            ) WITH ORDINALITY
                AS m (message_id, type, correlation_id, causation_id, mandatory, traceparent, body, position)
            ORDER BY position
            RETURNING id, created_at
            """
        ]
    }

    /// The rows that an ``insertion(of:claim:)`` has written.
    static func inserted(_ messages: [OutboxMessage], _ rows: PostgresRows) throws -> [Row] {
        // Ids are given in the order of insertion.
        let ids = try rows.decode((Int64, Date).self).sorted { $0.0 < $1.0 }
        return zip(ids, messages).map { Row(id: $0.0, createdAt: $0.1, message: $1) }
    }

    /// Claims the oldest rows that are due and that nobody has a claim to.
    ///
    /// - Parameter claim: How long they are the caller's own.
    /// - Returns: The rows, in the order they were written.
    static func claim(limit: Int, for claim: Duration, in database: PostgresClient) async throws -> [Row] {
        let rows = try await database.noting(
            """
            WITH due AS (
                SELECT id FROM outbox
                WHERE published_at IS NULL AND (retry_at IS NULL OR retry_at <= now())
                    AND (claimed_until IS NULL OR claimed_until <= now())
                ORDER BY id LIMIT \(Int64(limit))
                FOR UPDATE SKIP LOCKED
            )
            UPDATE outbox o SET claimed_until = clock_timestamp() + make_interval(secs => \(claim.inSeconds))
            FROM due WHERE o.id = due.id
            RETURNING o.id, o.created_at, o.message_id, o.type, o.correlation_id, o.causation_id, o.mandatory,
                o.traceparent, o.body::text
            """)
        return try rows.decode(
            (Int64, Date, UUID, String, UUID?, UUID?, Bool, String?, String).self
        ).map { id, createdAt, messageID, type, correlationID, causationID, mandatory, traceparent, body in
            Row(
                id: id, createdAt: createdAt,
                message: OutboxMessage(
                    messageID: messageID, type: type, correlationID: correlationID, causationID: causationID,
                    mandatory: mandatory, traceparent: traceparent, encodedBody: Array(body.utf8)))
        }.sorted { $0.id < $1.id }
    }

    /// Marks rows as published.
    ///
    /// - Parameter rows: With the time since then.
    static func markPublished(_ rows: [(id: Int64, age: Duration)], in database: PostgresClient) async throws {
        try await database.noting(
            """
            UPDATE outbox SET published_at = now() - make_interval(secs => p.age), claimed_until = NULL
            FROM unnest(\(rows.map(\.id))::bigint[], \(rows.map(\.age.inSeconds))::float8[]) AS p (row_id, age)
            WHERE id = p.row_id
            """)
    }

    /// Gives rows back that could not be published, for anybody to take.
    static func release(_ ids: [Int64], in database: PostgresClient) async throws {
        try await database.noting(
            "UPDATE outbox SET claimed_until = NULL WHERE id = ANY(\(ids)::bigint[]) AND published_at IS NULL")
    }

    /// Notes that the broker did not take rows, and when to try them again: 1 s, doubling up to a minute.
    static func postpone(
        _ rows: [(id: Int64, error: String)], in database: PostgresClient
    ) async throws {
        try await database.noting(
            """
            UPDATE outbox SET
                attempts = attempts + 1, claimed_until = NULL,
                retry_at = now() + least(interval '1 minute', interval '1 second' * power(2, least(attempts, 6))),
                last_error = r.error
            FROM unnest(\(rows.map(\.id))::bigint[], \(rows.map(\.error))::text[]) AS r (row_id, error)
            WHERE id = r.row_id AND published_at IS NULL
            """)
    }

    /// Deletes some of what was published long enough ago to be of no more use to an operator.
    ///
    /// - Returns: Whether there may be more of it.
    static func prune(keeping hours: Int, in database: PostgresClient) async throws -> Bool {
        let limit = 5000
        return try await database.noting(
            """
            DELETE FROM outbox WHERE id IN (
                SELECT id FROM outbox
                WHERE published_at < now() - make_interval(hours => \(Int32(hours)))
                ORDER BY id LIMIT \(Int64(limit))
                FOR UPDATE SKIP LOCKED)
            """
        ).affectedRows == limit
    }
}

extension Duration {
    fileprivate var inSeconds: Double { self / .seconds(1) }
}

extension PostgresClient {
    /// Runs a statement that may be lost.
    @discardableResult
    fileprivate func noting(_ query: PostgresQuery) async throws -> PostgresRows {
        try await batch([.commitWithoutWaiting, query])[1]
    }
}
