public import FoundationEssentials
public import Postgres

/// A message of an outbox, as an operator looks at it.
public struct OutboxEntry: Sendable, Equatable {
    /// A state in which a message is.
    public enum State: String, Sendable, CaseIterable {
        /// The broker has confirmed it.
        case published
        /// It waits for a relay.
        case unsent
        /// It was sent in vain, and is tried again.
        case failing
    }

    public let id: Int64
    public let messageID: UUID
    public let type: String
    /// The saga that it belongs to; nil for none.
    public let correlationID: UUID?
    public let createdAt: Date
    /// The time when it was sent first.
    public let publishedAt: Date?
    /// The time when an operator last had it sent again; nil if nobody has.
    public let replayedAt: Date?
    public let state: State
    /// The number of times it was sent in vain.
    public let attempts: Int32
    public let retryAt: Date?
    /// The last failure to send it.
    public let lastError: String?

    /// The messages to look at, in the order of their writing.
    public struct Selection: Sendable {
        /// Bounds of the time at which they were written: the first moment, and the first that is too late; nil for no
        /// bound.
        public var since: Date?
        public var until: Date?
        /// Only these types; empty for all.
        public var types: [String]
        /// Only these states; empty for all.
        public var states: [State]
        public var isAscending: Bool
        /// The last message of the page before; nil for the first page.
        public var after: (at: Date, id: Int64)?

        public init(
            since: Date? = nil, until: Date? = nil, types: [String] = [], states: [State] = [],
            isAscending: Bool = false
        ) {
            self.since = since
            self.until = until
            self.types = types
            self.states = states
            self.isAscending = isAscending
        }
    }

    private static let stateOfRow = """
        CASE WHEN published_at IS NOT NULL THEN 'published' WHEN attempts > 0 THEN 'failing' ELSE 'unsent' END
        """

    /// A page of an outbox.
    ///
    /// - Throws: `PostgresError`.
    public static func entries(
        _ selection: Selection, limit: Int, in database: any PostgresExecutor
    ) async throws -> [OutboxEntry] {
        let (types, states, after) = (selection.types, selection.states.map(\.rawValue), selection.after)
        let comparison = selection.isAscending ? ">" : "<"
        let order = selection.isAscending ? "ASC" : "DESC"
        let rows = try await database.query(
            """
            SELECT id, message_id, type, correlation_id, created_at, coalesce(published_before[1], published_at),
                replayed_at, \(unescaped: Self.stateOfRow), attempts, retry_at, last_error
            FROM outbox
            WHERE (\(selection.since)::timestamptz IS NULL OR created_at >= \(selection.since)::timestamptz)
                AND (\(selection.until)::timestamptz IS NULL OR created_at < \(selection.until)::timestamptz)
                AND (cardinality(\(types)::text[]) = 0 OR type = ANY(\(types)::text[]))
                AND (cardinality(\(states)::text[]) = 0
                    OR \(unescaped: Self.stateOfRow) = ANY(\(states)::text[]))
                AND (\(after?.at)::timestamptz IS NULL
                    OR (created_at, id) \(unescaped: comparison) (\(after?.at)::timestamptz, \(after?.id)::bigint))
            ORDER BY created_at \(unescaped: order), id \(unescaped: order) LIMIT \(Int64(limit))
            """)
        return try rows.decode(
            (Int64, UUID, String, UUID?, Date, Date?, Date?, String, Int32, Date?, String?).self
        ).map { row in
            OutboxEntry(
                id: row.0, messageID: row.1, type: row.2, correlationID: row.3, createdAt: row.4, publishedAt: row.5,
                replayedAt: row.6, state: State(rawValue: row.7) ?? .unsent, attempts: row.8, retryAt: row.9,
                lastError: row.10)
        }
    }

    /// The number of messages on all pages.
    ///
    /// - Throws: `PostgresError`.
    public static func count(_ selection: Selection, in database: any PostgresExecutor) async throws -> Int64 {
        let (types, states) = (selection.types, selection.states.map(\.rawValue))
        let rows = try await database.query(
            """
            SELECT count(*) FROM outbox
            WHERE (\(selection.since)::timestamptz IS NULL OR created_at >= \(selection.since)::timestamptz)
                AND (\(selection.until)::timestamptz IS NULL OR created_at < \(selection.until)::timestamptz)
                AND (cardinality(\(types)::text[]) = 0 OR type = ANY(\(types)::text[]))
                AND (cardinality(\(states)::text[]) = 0
                    OR \(unescaped: Self.stateOfRow) = ANY(\(states)::text[]))
            """)
        return try rows.decode((Int64).self).first ?? 0
    }
}
