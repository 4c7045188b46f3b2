import FoundationEssentials
import Postgres

extension UserStore {
    /// A page of accounts, in the order of their ids.
    func list(_ selection: UserDirectory.Selection, limit: Int64) async throws -> [UserProfile] {
        let part = selection.emailPart?.lowercased()
        let comparison = selection.isAscending ? ">" : "<"
        let order = selection.isAscending ? "ASC" : "DESC"
        let rows = try await database.query(
            """
            SELECT id, name, email, role, created_at FROM users
            WHERE (\(part)::text IS NULL OR strpos(lower(email COLLATE "C"), \(part)::text) > 0)
                AND (\(selection.since)::timestamptz IS NULL OR created_at >= \(selection.since)::timestamptz)
                AND (\(selection.until)::timestamptz IS NULL OR created_at < \(selection.until)::timestamptz)
                AND (\(selection.afterID)::bigint IS NULL
                    OR id \(unescaped: comparison) \(selection.afterID)::bigint)
            ORDER BY id \(unescaped: order) LIMIT \(limit)
            """)
        return try rows.map(Self.profile)
    }

    /// The number of accounts on all pages.
    func count(_ selection: UserDirectory.Selection) async throws -> Int64 {
        let part = selection.emailPart?.lowercased()
        let rows = try await database.query(
            """
            SELECT count(*) FROM users
            WHERE (\(part)::text IS NULL OR strpos(lower(email COLLATE "C"), \(part)::text) > 0)
                AND (\(selection.since)::timestamptz IS NULL OR created_at >= \(selection.since)::timestamptz)
                AND (\(selection.until)::timestamptz IS NULL OR created_at < \(selection.until)::timestamptz)
            """)
        return try rows.decode((Int64).self).first ?? 0
    }
}
