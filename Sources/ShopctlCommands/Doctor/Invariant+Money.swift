import Hosting
import Postgres

/// Money and stock within their databases.
extension Invariant {
    static let ledgerSums = Invariant(name: "ledger_sums", roles: [.customers]) { databases in
        let rows = try await databases.query(
            .customers,
            """
            SELECT t.id, t.kind, a.currency, sum(e.amount)::bigint
            FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id
            JOIN accounts a ON a.id = e.account_id
            GROUP BY t.id, t.kind, a.currency HAVING sum(e.amount) <> 0 ORDER BY t.id LIMIT 1000
            """)
        let evidence = try rows.decode((Int64, String, String, Int64).self).map { id, kind, currency, sum in
            "ledger transaction \(id) (\(kind)) sums to \(sum) \(currency)"
        }
        return DoctorFinding.shown(
            "ledger_unbalanced", .customers, evidence, next: "shopctl audit list --since 24h"
        ) {
            "\($0) \($0 == 1 ? "transaction of the ledger does" : "transactions of the ledger do") not sum to zero: money has come from nowhere, or gone there"
        }
    }

    static let ledgerBalances = Invariant(name: "ledger_balances", roles: [.customers]) { databases in
        // One statement: balance and entries of one moment.
        let rows = try await databases.query(
            .customers,
            """
            SELECT a.user_id, a.kind, a.balance, coalesce(sum(e.amount), 0)::bigint
            FROM accounts a LEFT JOIN ledger_entries e ON e.account_id = a.id
            GROUP BY a.id HAVING a.balance <> coalesce(sum(e.amount), 0) ORDER BY a.id LIMIT 1000
            """)
        let wrong = try rows.decode((Int64, String, Int64, Int64).self)
        return DoctorFinding.shown(
            "balance_wrong", .customers,
            wrong.map { user, kind, balance, sum in
                "user \(user) (\(kind)): the balance is \(balance), the ledger's entries sum to \(sum)"
            }, next: "shopctl audit list --user \(wrong.first?.0 ?? 0)"
        ) { "\($0) \($0 == 1 ? "balance is not the sum of its" : "balances are not the sums of their") ledger entries" }
    }

    static let stock = Invariant(name: "stock", roles: [.products]) { databases in
        let rows = try await databases.query(
            .products,
            """
            SELECT s.product_id, s.amount, s.reserved, coalesce(sum(r.quantity), 0)::bigint
            FROM stock s LEFT JOIN reservations r ON r.product_id = s.product_id AND r.state = 'reserved'
            GROUP BY s.product_id HAVING s.reserved <> coalesce(sum(r.quantity), 0) OR s.amount < 0
            ORDER BY s.product_id LIMIT 1000
            """)
        let evidence = try rows.decode((Int64, Int64, Int64, Int64).self).map { id, amount, reserved, sum in
            "product \(id): \(reserved) of \(amount) are reserved, live reservations sum to \(sum)"
        }
        return DoctorFinding.shown(
            "stock_wrong", .products, evidence, next: "shopctl saga list --state open"
        ) { "\($0) \($0 == 1 ? "product has" : "products have") another number reserved than reservations say" }
    }
}
