import GRPCCore
import Hosting
import ShopProtos

extension ProductsService {
    func deleteProduct(
        request: Products_DeleteProductRequest, context: ServerContext
    ) async throws -> Products_DeleteProductResponse {
        throw RPCError(code: .unimplemented, message: "DeleteProduct")
    }

    func getUserProducts(
        request: Products_GetUserProductsRequest, context: ServerContext
    ) async throws -> Products_GetUserProductsResponse {
        throw RPCError(code: .unimplemented, message: "GetUserProducts")
    }

    func searchProducts(
        request: Products_SearchProductsRequest, context: ServerContext
    ) async throws -> Products_SearchProductsResponse {
        throw RPCError(code: .unimplemented, message: "SearchProducts")
    }

    func updateProduct(
        request: Products_UpdateProductRequest, context: ServerContext
    ) async throws -> Products_UpdateProductResponse {
        throw RPCError(code: .unimplemented, message: "UpdateProduct")
    }

    func getCategories(
        request: Products_GetCategoriesRequest, context: ServerContext
    ) async throws -> Products_GetCategoriesResponse {
        throw RPCError(code: .unimplemented, message: "GetCategories")
    }
}
