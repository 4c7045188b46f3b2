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

    /// A page of the entries. The balances are sums over the whole account, so this costs as much as that is long.
    func entries(_ selection: Selection, limit: Int64) async throws -> [Entry] {
        let comparison = selection.isAscending ? ">" : "<"
        let order = selection.isAscending ? "ASC" : "DESC"
        let (period, after) = (selection.period, selection.after)
        let rows = try await database.query(
            """
            WITH entries AS (
                SELECT e.id, e.transaction_id, e.amount, (sum(e.amount) OVER (ORDER BY e.id))::bigint AS balance
                FROM accounts a JOIN ledger_entries e ON e.account_id = a.id
                WHERE a.user_id = \(selection.userID) AND a.kind = 'available' AND a.currency = \(selection.currency)
            )
            SELECT e.id, t.kind, e.amount, e.balance, coalesce(t.order_id, 0), t.created_at
            FROM entries e JOIN ledger_transactions t ON t.id = e.transaction_id
            WHERE (\(period.since)::timestamptz IS NULL OR t.created_at >= \(period.since)::timestamptz)
                AND (\(period.until)::timestamptz IS NULL OR t.created_at < \(period.until)::timestamptz)
                AND (\(after)::bigint IS NULL OR e.id \(unescaped: comparison) \(after)::bigint)
            ORDER BY e.id \(unescaped: order) LIMIT \(limit)
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
