import FoundationEssentials
import Postgres

/// The messages that a service has written to its outbox and the broker has not confirmed.
struct OutboxLag: Sendable, Equatable {
    let unsent: Int64
    /// The time since when the oldest is to be sent: when it was written, or when somebody had it sent again.
    let oldestAt: Date?
    /// The age of that in seconds, by the database's clock.
    let age: Double
    /// The last failure to send the oldest of those that could not be sent.
    let lastError: String?

    static func look(at database: PostgresClient) async throws -> OutboxLag {
        let rows = try await database.query(
            """
            SELECT count(*), min(coalesce(replayed_at, created_at)),
                coalesce(extract(epoch FROM clock_timestamp() - min(coalesce(replayed_at, created_at))), 0)::float8,
                (SELECT last_error FROM outbox WHERE published_at IS NULL AND last_error IS NOT NULL
                    ORDER BY created_at LIMIT 1)
            FROM outbox WHERE published_at IS NULL
            """)
        let (unsent, oldest, age, error) = try rows.decode((Int64, Date?, Double, String?).self)[0]
        return OutboxLag(unsent: unsent, oldestAt: oldest, age: age, lastError: error)
    }
}
