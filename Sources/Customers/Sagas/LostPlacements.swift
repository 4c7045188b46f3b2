import FoundationEssentials
public import Logging
public import Postgres
public import Sagas
import ShopContracts

/// Parts of the customers in sagas whose records are lost.
public enum CustomerSagas {
    /// The recovery of those that place orders: the held money proves them.
    public static func lostPlacements(database: PostgresClient, logger: Logger) -> any LostPartRecovery {
        ParticipantHandler(OrderPlacementParticipant(ledger: Ledger(database: database)), logger: logger)
    }
}

extension OrderPlacementParticipant: ProvableParticipant {
    func holds(_ branch: Branch, in database: any PostgresExecutor) async throws -> Bool {
        let order = branch.payload
        let postings = try await ledger.held(
            by: .held(order.buyerID), currency: order.currency, for: branch.sagaID, in: database)
        return postings.count == 1 && postings[0].kind == Ledger.Posting.Kind.hold.rawValue
            && postings[0].amount == order.total
    }
}

extension Ledger {
    /// The movements of money of a saga, each by its kind and what an account has gained by it, in minor units.
    fileprivate func held(
        by key: Key, currency: String, for saga: UUID, in database: any PostgresExecutor
    ) async throws -> [(kind: String, amount: Int64)] {
        let rows = try await database.query(
            """
            SELECT t.kind, coalesce(sum(e.amount) FILTER (
                WHERE a.user_id = \(key.userID) AND a.kind = \(key.kind.rawValue) AND a.currency = \(currency)
            ), 0)::bigint
            FROM ledger_transactions t LEFT JOIN ledger_entries e ON e.transaction_id = t.id
                LEFT JOIN accounts a ON a.id = e.account_id
            WHERE t.saga_id = \(saga) GROUP BY t.id, t.kind
            """)
        return try rows.decode((String, Int64).self).map { (kind: $0.0, amount: $0.1) }
    }
}
