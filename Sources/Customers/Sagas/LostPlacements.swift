import FoundationEssentials
public import Logging
public import Postgres
public import Sagas
import ShopContracts

/// Parts of the customers in sagas whose records are lost.
public enum CustomerSagas {
    /// The recovery of those that place orders: the ledger proves them.
    public static func lostPlacements(database: PostgresClient, logger: Logger) -> any LostPartRecovery {
        ParticipantHandler(OrderPlacementParticipant(ledger: Ledger(database: database)), logger: logger)
    }
}

extension OrderPlacementParticipant: ProvableParticipant {
    func proof(of branch: Branch, in database: any PostgresExecutor) async throws -> LostPartProof? {
        let order = branch.payload
        let postings = try await ledger.held(
            by: .held(order.buyerID), currency: order.currency, for: branch.sagaID, in: database)
        func posting(_ kind: Ledger.Posting.Kind, of amount: Int64) -> Date? {
            postings.first { $0.kind == kind.rawValue && $0.amount == amount }?.at
        }
        guard let triedAt = posting(.hold, of: order.total) else { return nil }
        switch postings.count {
        case 1: return LostPartProof(triedAt: triedAt, isFinal: false)
        case 2:
            return posting(.capture, of: -order.total).map {
                LostPartProof(triedAt: triedAt, isFinal: true, finalAt: $0)
            }
        default: return nil
        }
    }
}

extension Ledger {
    /// The movements of money of a saga, each by its kind, what an account has gained by it, in minor units, and its time.
    fileprivate func held(
        by key: Key, currency: String, for saga: UUID, in database: any PostgresExecutor
    ) async throws -> [(kind: String, amount: Int64, at: Date)] {
        let rows = try await database.query(
            """
            SELECT t.kind, coalesce(sum(e.amount) FILTER (
                WHERE a.user_id = \(key.userID) AND a.kind = \(key.kind.rawValue) AND a.currency = \(currency)
            ), 0)::bigint, t.created_at
            FROM ledger_transactions t LEFT JOIN ledger_entries e ON e.transaction_id = t.id
                LEFT JOIN accounts a ON a.id = e.account_id
            WHERE t.saga_id = \(saga) GROUP BY t.id, t.kind, t.created_at
            """)
        return try rows.decode((String, Int64, Date).self).map { (kind: $0.0, amount: $0.1, at: $0.2) }
    }
}
