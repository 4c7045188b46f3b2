public import FoundationEssentials
public import Postgres

/// The `inbox` table: which messages a consumer has already handled.
///
/// Saga participants need none, their branch row is the barrier.
public enum Inbox {
    /// Claims messages for a consumer, in the transaction that handles them.
    ///
    /// - Returns: The ids that had not been claimed before.
    public static func claim(
        _ messageIDs: [UUID], consumer: String, in transaction: PostgresTransaction
    ) async throws -> Set<UUID> {
        let rows = try await transaction.query(
            """
            INSERT INTO inbox (consumer, message_id)
            SELECT \(consumer), message_id FROM unnest(\(messageIDs)::uuid[]) AS m (message_id) ORDER BY message_id
            ON CONFLICT DO NOTHING
            RETURNING message_id
            """)
        return Set(try rows.decode((UUID).self))
    }

    /// Forgets messages that are far older than any redelivery.
    public static let pruning: PostgresQuery = """
        DELETE FROM inbox WHERE ctid IN (
            SELECT ctid FROM inbox WHERE handled_at < now() - interval '30 days' LIMIT 5000)
        """
}
