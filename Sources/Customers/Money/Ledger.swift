import Events
import FoundationEssentials
import Postgres

/// All SQL of the money: accounts and the append-only double-entry ledger.
struct Ledger: Sendable {
    /// An account by what it is, in one currency.
    struct Key: Hashable, Sendable {
        let userID: Int64
        let kind: Kind

        static func available(_ userID: Int64) -> Key { Key(userID: userID, kind: .available) }
        static func held(_ userID: Int64) -> Key { Key(userID: userID, kind: .held) }
        /// The account that money comes from when it enters the shop.
        static let external = Key(userID: 0, kind: .external)
    }

    enum Kind: String, Sendable {
        case available
        case held
        case external
    }

    /// Accounts that the present transaction has locked, with their balances in minor units; of the external one only
    /// the id.
    struct LockedAccounts: Sendable {
        fileprivate(set) var ids: [Key: Int64] = [:]
        fileprivate(set) var balances: [Key: Int64] = [:]
    }

    /// One movement of money; the amounts sum to zero.
    struct Posting: Sendable {
        enum Kind: String, Sendable {
            case topUp = "top_up"
            case hold, capture, release
            case refundHold = "refund_hold"
            case refund
            case refundRelease = "refund_release"
        }

        let kind: Kind
        let sagaID: UUID?
        let orderID: Int64?
        /// The gain of each account, in minor units.
        let entries: [(account: Key, amount: Int64)]
    }

    let database: PostgresClient

    /// The amounts that a user can spend and that are held, in minor units.
    func balance(of userID: Int64, currency: String) async throws -> (available: Int64, held: Int64) {
        let rows = try await database.query(
            "SELECT kind, balance FROM accounts WHERE user_id = \(userID) AND currency = \(currency)")
        let balances = Dictionary(uniqueKeysWithValues: try rows.decode((String, Int64).self))
        return (balances[Kind.available.rawValue] ?? 0, balances[Kind.held.rawValue] ?? 0)
    }

    /// Opens the accounts that are not there yet and locks all of them, in order of id; but not the external one, which
    /// may be below zero: it is locked only when it is written, last, so that one top-up holds up no other before.
    func lock(
        _ keys: Set<Key>, currency: String, in transaction: PostgresTransaction
    ) async throws -> LockedAccounts {
        let ordered = keys.sorted { ($0.userID, $0.kind.rawValue) < ($1.userID, $1.kind.rawValue) }
        let users = ordered.map(\.userID)
        let kinds = ordered.map(\.kind.rawValue)
        var statements: [PostgresQuery] = [
            """
            INSERT INTO accounts (user_id, kind, currency)
            SELECT user_id, kind, \(currency)
            FROM unnest(\(users)::bigint[], \(kinds)::text[]) AS k (user_id, kind)
            WHERE NOT EXISTS (
                SELECT FROM accounts a
                WHERE a.user_id = k.user_id AND a.kind = k.kind AND a.currency = \(currency))
            ORDER BY user_id, kind
            ON CONFLICT DO NOTHING
            """,
            """
            SELECT a.id, a.user_id, a.kind, a.balance
            FROM accounts a
            JOIN unnest(\(users)::bigint[], \(kinds)::text[]) AS k (user_id, kind)
                ON a.user_id = k.user_id AND a.kind = k.kind
            WHERE a.currency = \(currency) AND a.kind <> 'external'
            ORDER BY a.id
            FOR UPDATE OF a
            """,
        ]
        if keys.contains(.external) {
            statements.append(
                "SELECT id FROM accounts WHERE user_id = 0 AND kind = 'external' AND currency = \(currency)")
        }
        let results = try await transaction.batch(statements)
        var locked = LockedAccounts()
        if keys.contains(.external) { locked.ids[.external] = try results[2].decode((Int64).self).first }
        for (id, userID, kind, balance) in try results[1].decode((Int64, Int64, String, Int64).self) {
            guard let kind = Kind(rawValue: kind) else { continue }
            let key = Key(userID: userID, kind: kind)
            locked.ids[key] = id
            locked.balances[key] = balance
        }
        return locked
    }

    /// Those of the orders whose money has been captured to the sellers.
    func capturedOrders(_ orderIDs: [Int64], in transaction: PostgresTransaction) async throws -> Set<Int64> {
        let rows = try await transaction.query(
            """
            SELECT order_id FROM ledger_transactions
            WHERE kind = 'capture' AND order_id = ANY(\(orderIDs)::bigint[])
            """)
        return Set(try rows.decode((Int64).self))
    }

    /// Books movements between locked accounts: ledger and balances, in three statements whatever their number.
    ///
    /// - Parameter accounts: The accounts, whose balances follow.
    /// - Returns: The ledger transactions' ids, in the postings' order.
    @discardableResult
    func post(
        _ postings: [Posting], accounts: inout LockedAccounts, in transaction: PostgresTransaction
    ) async throws -> [Int64] {
        guard !postings.isEmpty else { return [] }
        let rows = try await transaction.query(
            """
            INSERT INTO ledger_transactions (kind, saga_id, order_id)
            SELECT kind, saga_id, order_id
            FROM unnest(
                \(postings.map(\.kind.rawValue))::text[], \(postings.map(\.sagaID))::uuid[],
                \(postings.map(\.orderID))::bigint[]
            ) WITH ORDINALITY AS p (kind, saga_id, order_id, position)
            ORDER BY position
            RETURNING id
            """)
        let ids = try rows.decode((Int64).self)
        var entryTransactions: [Int64] = []
        var entryAccounts: [Int64] = []
        var amounts: [Int64] = []
        for (id, posting) in zip(ids, postings) {
            for (key, amount) in posting.entries {
                guard let account = accounts.ids[key] else {
                    preconditionFailure("an account is posted to that was not locked")
                }
                entryTransactions.append(id)
                entryAccounts.append(account)
                amounts.append(amount)
            }
        }
        try transaction.enqueue([
            """
            INSERT INTO ledger_entries (transaction_id, account_id, amount)
            SELECT * FROM unnest(\(entryTransactions)::bigint[], \(entryAccounts)::bigint[], \(amounts)::bigint[])
            """,
            """
            UPDATE accounts SET balance = balance + e.amount
            FROM (
                SELECT account_id, sum(amount)::bigint AS amount
                FROM unnest(\(entryAccounts)::bigint[], \(amounts)::bigint[]) AS e (account_id, amount)
                GROUP BY account_id
            ) e
            WHERE id = e.account_id
            """,
        ])
        for (key, amount) in postings.flatMap(\.entries) { accounts.balances[key, default: 0] += amount }
        return ids
    }
}
