import Events
import FoundationEssentials
import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// The RPCs of `products.Products`: validate, authorise, call the store.
struct ProductsService: Products_Products.SimpleServiceProtocol {
    /// The most products one look-up may name.
    static let lookupLimit = 1000

    let store: ProductStore
    let cache: ProductCache
    let transactor: Transactor
    let deletion: ProductDeletionCoordinator
    let imports: ProductImports
    let categories: CategoryChanges
    let posted: Observers<ProductPosted>
    let updated: Observers<ProductUpdated>
    /// Currency of new products' prices.
    let currency: String

    func getProducts(
        request: Products_GetProductsRequest, context: ServerContext
    ) async throws -> Products_GetProductsResponse {
        let category = try ProductFields.category(request.category)
        guard try await store.hasCategory(category) else {
            throw ServiceError.notFound("category_not_found", "there is no category \(category.prefix(50))")
        }
        let products = try await store.products(inCategory: category)
        return .with { $0.products = products.map(\.message) }
    }

    func getOneProduct(
        request: Products_GetOneProductRequest, context: ServerContext
    ) async throws -> Products_GetOneProductResponse {
        let product = try await one(request)
        return .with { $0.product = product }
    }

    /// The answer of ``getOneProduct(request:context:)`` in its form on the wire, in which a product is kept.
    func keptProduct(_ request: Products_GetOneProductRequest) async throws -> EncodedMessage {
        try RequestChecks.positive(request.id, "id")
        guard let product = try await cache.encodedProduct(request.id) else {
            throw ServiceError.productNotFound(request.id)
        }
        return EncodedMessage(field: 1, holding: product)
    }

    /// The same for a request that is past the cache.
    func freshProduct(_ request: Products_GetOneProductRequest) async throws -> EncodedMessage {
        let product = try await one(request)
        return try EncodedMessage(Products_GetOneProductResponse.with { $0.product = product })
    }

    private func one(_ request: Products_GetOneProductRequest) async throws -> Products_Product {
        try RequestChecks.positive(request.id, "id")
        guard let product = try await products([request.id], fresh: request.fresh).first else {
            throw ServiceError.productNotFound(request.id)
        }
        return product
    }

    func postProduct(
        request: Products_PostProductRequest, context: ServerContext
    ) async throws -> Products_PostProductResponse {
        let identity = try Identity.required()
        try RequestChecks.positive(request.userID, "user_id")
        try identity.requireOwner(of: request.userID)
        let draft = try ProductDraft(request, currency: currency)
        let id = try await transactor.run { work in
            let id = try await store.insert(draft, in: work.transaction)
            try await AuditTrail.note("product.post", userID: draft.sellerID, subjectID: id, in: work.transaction)
            try await posted.notify(ProductPosted(id: id, draft: draft), in: work)
            return id
        }
        return .with { $0.id = id }
    }

    func updateProduct(
        request: Products_UpdateProductRequest, context: ServerContext
    ) async throws -> Products_UpdateProductResponse {
        try await update(request, asRehearsal: false)
    }

    func checkUpdateProduct(
        request: Products_UpdateProductRequest, context: ServerContext
    ) async throws -> Products_UpdateProductResponse {
        try await update(request, asRehearsal: true)
    }

    private func update(
        _ request: Products_UpdateProductRequest, asRehearsal isRehearsal: Bool
    ) async throws -> Products_UpdateProductResponse {
        let identity = try Identity.required()
        try RequestChecks.positive(request.id, "id")
        let changes = try ProductChanges(request)
        let reason = try AuditTrail.reason(request.reason)
        let product = try await transactor.run(asRehearsal: isRehearsal) { work in
            guard let found = try await store.lock(request.id, in: work.transaction) else {
                throw ServiceError.productNotFound(request.id)
            }
            let seller = found.sellerID
            try identity.requireOwner(of: seller)
            try changes.check(against: found)
            let product = try await store.update(request.id, changes, in: work.transaction)
            try await AuditTrail.note(
                "product.update", because: reason, userID: seller, subjectID: request.id, in: work.transaction)
            try await updated.notify(ProductUpdated(product: product), in: work)
            return product
        }
        return .with { $0.product = product.message }
    }

    func deleteProduct(
        request: Products_DeleteProductRequest, context: ServerContext
    ) async throws -> Products_DeleteProductResponse {
        let saga = try await delete(request, asRehearsal: false)
        return .with {
            $0.status = "ok"
            $0.sagaID = saga.uuidString.lowercased()
        }
    }

    func checkDeleteProduct(
        request: Products_DeleteProductRequest, context: ServerContext
    ) async throws -> Products_DeleteProductResponse {
        _ = try await delete(request, asRehearsal: true)
        return .with { $0.status = "ok" }
    }

    private func delete(
        _ request: Products_DeleteProductRequest, asRehearsal isRehearsal: Bool
    ) async throws -> UUID {
        let identity = try Identity.required()
        try RequestChecks.positive(request.id, "id")
        return try await deletion.delete(
            request.id, expectedVersion: request.hasExpectedVersion ? request.expectedVersion : nil,
            because: request.reason, asRehearsal: isRehearsal, by: identity)
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
        let products = try await products(request.productIds, fresh: request.fresh)
        return .with { $0.products = products }
    }

    /// Those of the products that are on sale.
    ///
    /// - Parameter fresh: Read from the store: whoever decides by the answer must not be told what once was.
    private func products(_ ids: [Int64], fresh: Bool) async throws -> [Products_Product] {
        fresh ? try await store.products(ids: ids).map(\.message) : try await cache.products(ids)
    }

    func getUserProducts(
        request: Products_GetUserProductsRequest, context: ServerContext
    ) async throws -> Products_GetUserProductsResponse {
        try RequestChecks.positive(request.userID, "user_id")
        let products = try await store.products(ofSeller: request.userID)
        return .with { $0.products = products.map(\.message) }
    }

    func searchProducts(
        request: Products_SearchProductsRequest, context: ServerContext
    ) async throws -> Products_SearchProductsResponse {
        let search = try ProductSearch(request)
        if let category = search.category, try await !store.hasCategory(category) {
            throw ServiceError.unknownCategory(category)
        }
        let (products, cursor) = try await store.search(search)
        let total = search.isCounted ? try await store.count(search) : 0
        return .with {
            $0.products = products.map(\.message)
            $0.nextCursor = cursor
            $0.total = total
        }
    }

    func getCategories(
        request: Products_GetCategoriesRequest, context: ServerContext
    ) async throws -> Products_GetCategoriesResponse {
        let categories = try await store.categories()
        return .with { $0.categories = categories }
    }
}

extension ServiceError {
    /// There is no such product on sale.
    static func productNotFound(_ id: Int64) -> ServiceError {
        .notFound("product_not_found", "there is no product \(id)")
    }
}
