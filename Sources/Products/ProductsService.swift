import Events
import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

/// The RPCs of `products.Products`: validate, authorise, call the store.
struct ProductsService: Products_Products.SimpleServiceProtocol {
    /// The most products one look-up may name.
    static let lookupLimit = 1000

    let store: ProductStore
    let transactor: Transactor
    let observers: Observers<ProductPosted>
    /// Currency of new products' prices.
    let currency: String

    func getProducts(
        request: Products_GetProductsRequest, context: ServerContext
    ) async throws -> Products_GetProductsResponse {
        guard try await store.hasCategory(request.category) else {
            throw ServiceError.notFound("category_not_found", "there is no category \(request.category.prefix(50))")
        }
        let products = try await store.products(inCategory: request.category)
        return .with { $0.products = products.map(\.message) }
    }

    func getOneProduct(
        request: Products_GetOneProductRequest, context: ServerContext
    ) async throws -> Products_GetOneProductResponse {
        guard request.id > 0 else { throw ServiceError.invalidArgument("invalid_id", "id must be more than zero") }
        guard let product = try await store.products(ids: [request.id]).first else {
            throw ServiceError.notFound("product_not_found", "there is no product \(request.id)")
        }
        return .with { $0.product = product.message }
    }

    func postProduct(
        request: Products_PostProductRequest, context: ServerContext
    ) async throws -> Products_PostProductResponse {
        let identity = try Identity.required()
        try identity.requireOwner(of: request.userID)
        let draft = try ProductDraft(request, currency: currency)
        let id = try await transactor.run { work in
            let id = try await store.insert(draft, in: work.transaction)
            try await observers.notify(ProductPosted(id: id, draft: draft), in: work)
            return id
        }
        return .with { $0.id = id }
    }

    func getSavedProducts(
        request: Products_GetSavedProductsRequest, context: ServerContext
    ) async throws -> Products_GetSavedProductsResponse {
        guard request.productIds.count <= Self.lookupLimit else {
            throw ServiceError.invalidArgument("too_many_ids", "at most \(Self.lookupLimit) products at once")
        }
        guard request.productIds.allSatisfy({ $0 > 0 }) else {
            throw ServiceError.invalidArgument("invalid_id", "every product id must be more than zero")
        }
        let products = try await store.products(ids: request.productIds)
        return .with { $0.products = products.map(\.message) }
    }
}
