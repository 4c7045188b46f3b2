public import FoundationEssentials
public import Postgres

/// Sends messages again that were published before: for what was sent while a queue was not bound.
///
/// Marks their rows as unpublished, and notes when they were sent before; the service's relays do the rest. The ids stay,
/// so that whoever has handled a message handles it no second time.
public struct OutboxReplay: Sendable {
    /// The messages of one type.
    public struct Share: Sendable, Equatable {
        public let type: String
        public let count: Int64
    }

    private static let batchSize: Int64 = 5000

    /// Only what was published at this time or later.
    public let since: Date
    /// Only these types; empty for all.
    public let types: [String]

    public init(since: Date, types: [String]) {
        self.since = since
        self.types = types
    }

    /// Counts what would be sent again, by type.
    public func count(in database: any PostgresExecutor) async throws -> [Share] {
        let rows = try await database.query(
            """
            SELECT type, count(*) FROM outbox
            WHERE published_at >= \(since) AND (cardinality(\(types)::text[]) = 0 OR type = ANY(\(types)::text[]))
            GROUP BY type ORDER BY type
            """)
        return try rows.decode((String, Int64).self).map { Share(type: $0.0, count: $0.1) }
    }

    /// Has the messages sent again; a few thousand a statement, so that nobody is kept waiting.
    ///
    /// - Returns: The database's time up to which it has looked, and how many of each type, in order of type.
    public func run(in database: any PostgresExecutor) async throws -> (begun: Date, shares: [Share]) {
        // What is sent again meanwhile is not sent a third time.
        let until = try await database.query("SELECT now()").decode((Date).self)[0]
        var counts: [String: Int64] = [:]
        while true {
            let rows = try await database.query(
                """
                UPDATE outbox SET published_before = published_before || published_at, replayed_at = \(until),
                    published_at = NULL, attempts = 0, last_error = NULL, retry_at = NULL, claimed_until = NULL
                WHERE id IN (
                    SELECT id FROM outbox
                    WHERE published_at >= \(since) AND published_at <= \(until)
                        AND (cardinality(\(types)::text[]) = 0 OR type = ANY(\(types)::text[]))
                    ORDER BY id LIMIT \(Self.batchSize)
                    FOR UPDATE)
                RETURNING type
                """)
            let types = try rows.decode((String).self)
            for type in types { counts[type, default: 0] += 1 }
            if types.count < Self.batchSize { break }
        }
        return (until, counts.map { Share(type: $0.key, count: $0.value) }.sorted { $0.type < $1.type })
    }
}
