import Events
import FoundationEssentials
public import Logging
public import Postgres
public import Sagas
import ShopContracts

extension ProductSagas {
    /// The recovery of the products' parts in placing orders whose records are lost: the reservations prove them. How
    /// many of a product are to be had does not change by it.
    public static func lostPlacements(database: PostgresClient, logger: Logger) -> any LostPartRecovery {
        ParticipantHandler(OrderPlacementParticipant(observers: Observers(afterCommit: [])), logger: logger)
    }
}

extension OrderPlacementParticipant: ProvableParticipant {
    func proof(of branch: Branch, in database: any PostgresExecutor) async throws -> LostPartProof? {
        let rows = try await database.query(
            "SELECT product_id, quantity, state, created_at FROM reservations WHERE saga_id = \(branch.sagaID)")
        let reserved = try rows.decode((Int64, Int64, String, Date).self)
        let ordered = branch.payload.lines.map { [$0.productID, $0.quantity] }
        guard let triedAt = reserved.map(\.3).min(), Set(reserved.map { [$0.0, $0.1] }) == Set(ordered) else {
            return nil
        }
        let states = Set(reserved.map(\.2))
        // When stock was taken its row does not tell.
        return states == ["reserved"] || states == ["committed"]
            ? LostPartProof(triedAt: triedAt, isFinal: states == ["committed"]) : nil
    }
}
