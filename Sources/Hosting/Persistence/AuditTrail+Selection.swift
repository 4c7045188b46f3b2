public import FoundationEssentials
public import Postgres

extension AuditTrail {
    /// A part of the trail, in an order.
    public struct Selection: Sendable {
        /// To whose things it was done; nil for everyone's.
        public var userID: Int64?
        /// The first moment, and the first that is too late; nil for no bound.
        public var since: Date?
        public var until: Date?
        /// The entry behind which the page begins; nil for the first page. No entry has the id 0 or the largest.
        public var after: (at: Date, id: Int64)?
        /// Whether the oldest come first.
        public var isAscending: Bool

        public init(
            userID: Int64? = nil, since: Date? = nil, until: Date? = nil, after: (at: Date, id: Int64)? = nil,
            isAscending: Bool = false
        ) {
            self.userID = userID
            self.since = since
            self.until = until
            self.after = after
            self.isAscending = isAscending
        }
    }

    /// A page of what was done.
    ///
    /// - Throws: `PostgresError`.
    public static func entries(
        _ selection: Selection, limit: Int, in executor: any PostgresExecutor
    ) async throws -> [Entry] {
        let (user, after) = (selection.userID, selection.after)
        let comparison = selection.isAscending ? ">" : "<"
        let order = selection.isAscending ? "ASC" : "DESC"
        let rows = try await executor.query(
            """
            SELECT id, at, actor_id, actor_role, user_id, action, reason, subject_id, request_id FROM audit_trail
            WHERE (\(user)::bigint IS NULL OR user_id = \(user)::bigint)
                AND (\(selection.since)::timestamptz IS NULL OR at >= \(selection.since)::timestamptz)
                AND (\(selection.until)::timestamptz IS NULL OR at < \(selection.until)::timestamptz)
                AND (\(after?.at)::timestamptz IS NULL
                    OR (at, id) \(unescaped: comparison) (\(after?.at)::timestamptz, \(after?.id)::bigint))
            ORDER BY at \(unescaped: order), id \(unescaped: order) LIMIT \(Int64(limit))
            """)
        return try rows.decode((Int64, Date, Int64, String, Int64, String, String?, Int64, String?).self).map { row in
            Entry(
                id: row.0, at: row.1, actorID: row.2, actorRole: row.3, userID: row.4, action: row.5, reason: row.6,
                subjectID: row.7, requestID: row.8)
        }
    }

    /// The number of entries on all pages.
    ///
    /// - Throws: `PostgresError`.
    public static func count(_ selection: Selection, in executor: any PostgresExecutor) async throws -> Int64 {
        let user = selection.userID
        let rows = try await executor.query(
            """
            SELECT count(*) FROM audit_trail
            WHERE (\(user)::bigint IS NULL OR user_id = \(user)::bigint)
                AND (\(selection.since)::timestamptz IS NULL OR at >= \(selection.since)::timestamptz)
                AND (\(selection.until)::timestamptz IS NULL OR at < \(selection.until)::timestamptz)
            """)
        return try rows.decode((Int64).self).first ?? 0
    }
}
