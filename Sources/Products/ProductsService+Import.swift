import GRPCCore
import Hosting
import ShopProtos

/// The RPCs of `products.Products` that post many products at once.
extension ProductsService {
    func postProducts(
        request: Products_PostProductsRequest, context: ServerContext
    ) async throws -> Products_PostProductsResponse {
        try await imports.post(request, by: try Identity.required(), asRehearsal: false)
    }

    func checkPostProducts(
        request: Products_PostProductsRequest, context: ServerContext
    ) async throws -> Products_PostProductsResponse {
        try await imports.post(request, by: try Identity.required(), asRehearsal: true)
    }
}
