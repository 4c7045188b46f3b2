import FoundationEssentials
import Hosting
import Postgres

/// The SQL by which operators read the ledger: any part of a statement, in either order.
extension StatementStore {
    /// A part of a user's statement.
    struct Selection: Sendable {
        let userID: Int64
        let currency: String
        let period: Period
        /// The entry behind which the page begins; nil for the first page.
        let after: Int64?
        /// Whether the oldest come first.
        let isAscending: Bool
    }

    /// A page of the entries. The balance before them follows from those on one side of the page, that where the listing
    /// begins, by the index of accounts: the first pages of a long account are cheap in either order.
    func entries(_ selection: Selection, limit: Int64) async throws -> [Entry] {
        let isAscending = selection.isAscending
        let opening =
            isAscending ? "coalesce(sum(e.amount), 0)" : "max(a.balance) - coalesce(sum(e.amount), 0)"
        let (period, after) = (selection.period, selection.after)
        let rows = try await database.query(
            """
            WITH account AS (
                SELECT id, balance FROM accounts
                WHERE user_id = \(selection.userID) AND kind = 'available' AND currency = \(selection.currency)
            ), page AS (
                SELECT e.id, t.kind, coalesce(t.order_id, 0) AS order_id, t.created_at
                FROM account a
                JOIN ledger_entries e ON e.account_id = a.id
                JOIN ledger_transactions t ON t.id = e.transaction_id
                WHERE (\(period.since)::timestamptz IS NULL OR t.created_at >= \(period.since)::timestamptz)
                    AND (\(period.until)::timestamptz IS NULL OR t.created_at < \(period.until)::timestamptz)
                    AND (\(after)::bigint IS NULL OR e.id \(unescaped: isAscending ? ">" : "<") \(after)::bigint)
                ORDER BY e.id \(unescaped: isAscending ? "ASC" : "DESC")
                LIMIT \(limit)
            ), opening AS (
                SELECT \(unescaped: opening) AS balance
                FROM account a JOIN ledger_entries e ON e.account_id = a.id
                WHERE e.id \(unescaped: isAscending ? "<" : ">=") (SELECT min(id) FROM page)
            ), span AS (
                SELECT e.id, e.amount, o.balance + sum(e.amount) OVER (ORDER BY e.id) AS balance
                FROM account a JOIN ledger_entries e ON e.account_id = a.id CROSS JOIN opening o
                WHERE e.id BETWEEN (SELECT min(id) FROM page) AND (SELECT max(id) FROM page)
            )
            SELECT p.id, p.kind, s.amount, s.balance::bigint, p.order_id, p.created_at
            FROM page p JOIN span s ON s.id = p.id
            ORDER BY p.id \(unescaped: isAscending ? "ASC" : "DESC")
            """)
        return try rows.decode((Int64, String, Int64, Int64, Int64, Date).self).map {
            id, kind, amount, balance, orderID, createdAt in
            Entry(
                id: id, kind: Self.kind(kind, amount: amount), amount: amount, balance: balance, orderID: orderID,
                createdAt: createdAt)
        }
    }

    /// The number of entries on all pages.
    func count(_ selection: Selection) async throws -> Int64 {
        let period = selection.period
        return try await database.query(
            """
            SELECT count(*)
            FROM accounts a
            JOIN ledger_entries e ON e.account_id = a.id
            JOIN ledger_transactions t ON t.id = e.transaction_id
            WHERE a.user_id = \(selection.userID) AND a.kind = 'available' AND a.currency = \(selection.currency)
                AND (\(period.since)::timestamptz IS NULL OR t.created_at >= \(period.since)::timestamptz)
                AND (\(period.until)::timestamptz IS NULL OR t.created_at < \(period.until)::timestamptz)
            """
        ).decode((Int64).self)[0]
    }
}
