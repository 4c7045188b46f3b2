import FoundationEssentials
import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// The RPC of `products.Products` that tells what came of a deletion.
extension ProductsService {
    func getProductDeletion(
        request: Products_GetProductDeletionRequest, context: ServerContext
    ) async throws -> Products_GetProductDeletionResponse {
        let identity = try Identity.required()
        guard let saga = UUID(uuidString: request.sagaID) else {
            throw ServiceError.invalidArgument("invalid_saga_id", "saga_id must be a UUID")
        }
        guard let standing = try await store.deletion(saga) else {
            throw ServiceError.notFound("deletion_not_found", "there is no deletion \(request.sagaID.prefix(36))")
        }
        try identity.requireOwner(of: standing.sellerID)
        return .with {
            $0.productID = standing.productID
            $0.state = standing.state.rawValue
            $0.reason = standing.reason ?? ""
            $0.reasonDetail = standing.reasonDetail ?? ""
        }
    }
}
