import FoundationEssentials
import Postgres

/// The messages that a service has written to its outbox and the broker has not confirmed.
struct OutboxLag: Sendable, Equatable {
    let unsent: Int64
    let oldestAt: Date?
    /// The age of the oldest in seconds, by the database's clock.
    let age: Double
    /// The last failure to send the oldest of those that could not be sent.
    let lastError: String?

    static func look(at database: PostgresClient) async throws -> OutboxLag {
        let rows = try await database.query(
            """
            SELECT count(*), min(created_at), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8,
                (SELECT last_error FROM outbox WHERE published_at IS NULL AND last_error IS NOT NULL
                    ORDER BY created_at LIMIT 1)
            FROM outbox WHERE published_at IS NULL
            """)
        let (unsent, oldest, age, error) = try rows.decode((Int64, Date?, Double, String?).self)[0]
        return OutboxLag(unsent: unsent, oldestAt: oldest, age: age, lastError: error)
    }
}
