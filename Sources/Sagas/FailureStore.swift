import Events
import FoundationEssentials
import Postgres

/// The SQL by which a service keeps, in its own row of a saga, how a message failed before it was handled: in the
/// transaction that handles it, and for ever after. A message that has never failed costs no statement.
enum FailureStore {
    /// The most failures that a row keeps.
    private static let limit = 32

    /// The statement that adds a message's failures to a participant's branch; nil if it had none.
    static func addition(
        _ kind: SagaMessageKind, _ envelope: Envelope, of saga: UUID, branch participant: String
    ) -> PostgresQuery? {
        guard let failures = envelope.failures else { return nil }
        var query = update("saga_branches", where: "saga_id = $9 AND participant = $10")
        bind(kind, envelope, failures, sender: nil, to: &query)
        query.bind(saga)
        query.bind(participant)
        return query
    }

    /// The statement that adds the failures of a participant's answer to a saga; nil if it had none.
    static func addition(
        _ kind: SagaMessageKind, _ envelope: Envelope, of saga: UUID, sender: String
    ) -> PostgresQuery? {
        guard let failures = envelope.failures else { return nil }
        var query = update("sagas", where: "id = $9")
        bind(kind, envelope, failures, sender: sender, to: &query)
        query.bind(saga)
        return query
    }

    /// A message that is delivered again, after the transaction that handled it has committed, is told already.
    private static func update(_ table: String, where condition: String) -> PostgresQuery {
        PostgresQuery(
            unsafeSQL: """
                UPDATE \(table) SET failures = coalesce(failures, '[]')
                    || jsonb_build_array(message.told || jsonb_build_object('handled_at', clock_timestamp()))
                FROM (SELECT jsonb_strip_nulls(jsonb_build_object(
                    'message', $1::text, 'sender', $2::text, 'count', $3::bigint, 'error', $4::text,
                    'since', $5::timestamptz, 'last_at', $6::timestamptz,
                    'gave_up_at', $7::timestamptz, 'gave_up_reason', $8::text)) AS told) AS message
                WHERE \(condition) AND NOT (coalesce(failures, '[]') @> jsonb_build_array(message.told))
                    AND jsonb_array_length(coalesce(failures, '[]')) < \(limit)
                """)
    }

    private static func bind(
        _ kind: SagaMessageKind, _ envelope: Envelope, _ failures: FailureHistory, sender: String?,
        to query: inout PostgresQuery
    ) {
        query.bind(kind.rawValue)
        query.bind(storable(sender))
        query.bind(Int64(failures.count))
        query.bind(storable(envelope.lastError ?? failures.gaveUpReason))
        query.bind(failures.since)
        query.bind(failures.lastAt)
        query.bind(failures.gaveUpAt)
        query.bind(storable(failures.gaveUpReason))
    }

    /// A header as the database can hold it: bounded, and with no NUL.
    private static func storable(_ header: String?) -> String? {
        header.map { String($0.unicodeScalars.prefix(500)).replacing("\0", with: "") }
    }
}
