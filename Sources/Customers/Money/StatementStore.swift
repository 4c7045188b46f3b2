import FoundationEssentials
import Postgres
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// The SQL that reads the ledger for its owners.
struct StatementStore: Sendable {
    /// The most open holds that are shown.
    private static let holdLimit: Int64 = 1000

    /// A movement of what a user can spend.
    struct Entry: Sendable, Equatable {
        let id: Int64
        let kind: String
        /// Minor units.
        let amount: Int64
        /// The amount that could be spent after it.
        let balance: Int64
        let orderID: Int64
        let createdAt: Date

        var message: Cart_StatementEntry {
            .with {
                $0.id = id
                $0.kind = kind
                $0.amount = amount
                $0.balance = balance
                $0.orderID = orderID
                $0.createdAt = createdAt.rfc3339
            }
        }
    }

    /// Money that is set aside for an order.
    struct Hold: Sendable, Equatable {
        let orderID: Int64
        /// Minor units.
        let amount: Int64
        let createdAt: Date
    }

    let database: PostgresClient

    /// Entries that moved a user's spendable balance, the latest first.
    ///
    /// Entries are written under the account's lock, so their ids are the order in which they took effect.
    /// - Parameter before: Only entries below this one.
    func entries(of userID: Int64, currency: String, before: Int64?, limit: Int64) async throws -> [Entry] {
        let rows = try await database.query(
            """
            WITH account AS (
                SELECT id, balance FROM accounts
                WHERE user_id = \(userID) AND kind = 'available' AND currency = \(currency)
            ), page AS (
                SELECT e.id, e.transaction_id, e.amount
                FROM account a JOIN ledger_entries e ON e.account_id = a.id
                WHERE \(before)::bigint IS NULL OR e.id < \(before)
                ORDER BY e.id DESC
                LIMIT \(limit)
            ), later AS (
                SELECT coalesce(sum(e.amount), 0) AS amount
                FROM account a JOIN ledger_entries e ON e.account_id = a.id
                WHERE e.id > (SELECT max(id) FROM page)
            )
            SELECT
                p.id, t.kind, p.amount,
                (a.balance - l.amount - coalesce(
                    sum(p.amount) OVER (ORDER BY p.id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
                )::bigint,
                coalesce(t.order_id, 0), t.created_at
            FROM page p
            JOIN ledger_transactions t ON t.id = p.transaction_id
            CROSS JOIN account a
            CROSS JOIN later l
            ORDER BY p.id DESC
            """)
        return try rows.decode((Int64, String, Int64, Int64, Int64, Date).self).map {
            id, kind, amount, balance, orderID, createdAt in
            Entry(
                id: id, kind: Self.kind(kind, amount: amount), amount: amount, balance: balance, orderID: orderID,
                createdAt: createdAt)
        }
    }

    /// Amounts set aside for orders that are not settled, the latest first: what an order has brought onto the held
    /// account and has not taken away.
    func holds(of userID: Int64, currency: String) async throws -> [Hold] {
        let rows = try await database.query(
            """
            SELECT t.order_id, sum(e.amount)::bigint, max(t.created_at) FILTER (WHERE e.amount > 0)
            FROM accounts a
            JOIN ledger_entries e ON e.account_id = a.id
            JOIN ledger_transactions t ON t.id = e.transaction_id
            WHERE a.user_id = \(userID) AND a.kind = 'held' AND a.currency = \(currency) AND a.balance > 0
            GROUP BY t.order_id
            HAVING sum(e.amount) > 0
            ORDER BY t.order_id DESC
            LIMIT \(Self.holdLimit)
            """)
        return try rows.decode((Int64, Int64, Date).self).map { Hold(orderID: $0, amount: $1, createdAt: $2) }
    }

    /// The kind of an entry to the account's owner: `top_up`; `hold` and `release` of an order's money; `sale`, a
    /// capture that came in; `refund` to the buyer; `refund_hold` and `refund_release` of a seller's proceeds while an
    /// order is being cancelled; `refunded`, a refund that went out of what could be spent.
    static func kind(_ ledgerKind: String, amount: Int64) -> String {
        switch ledgerKind {
        case "capture": "sale"
        case "refund": amount > 0 ? "refund" : "refunded"
        default: ledgerKind
        }
    }
}
