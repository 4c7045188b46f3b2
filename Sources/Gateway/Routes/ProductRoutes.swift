import HTTPTypes
import Hosting
import Hummingbird
import ShopProtos

/// The catalogue: listing and searching, one product, and what its seller does with it.
struct ProductRoutes: Sendable {
    private struct List: JSONWritable {
        let products: [ProductBody]

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("products", products)
            }
        }
    }

    private struct SearchPage: JSONWritable {
        let products: [ProductBody]
        let nextCursor: NextCursor

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("next_cursor", nextCursor)
                json.member("products", products)
            }
        }
    }

    private struct Categories: JSONWritable {
        let categories: [String]

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("categories", categories)
            }
        }
    }

    private struct Deletion: JSONWritable {
        let status: String
        /// The saga that deletes it everywhere.
        let sagaID: String

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("saga_id", sagaID)
                json.member("status", status)
            }
        }
    }

    let products: any Products_Products.ClientProtocol
    let caches: GatewayCaches

    func add(to table: inout RouteTable) {
        table.get("/api/products", .everyone) { request, _ in
            try await search(try ProductSearch.message(QueryParameters(request), seller: nil))
        }
        table.get("/api/sellers/:seller_id/products", .everyone) { request, context in
            try await search(
                try ProductSearch.message(QueryParameters(request), seller: try context.id("seller_id")))
        }
        table.get("/api/categories", .everyone) { _, _ in
            try await caches.catalogue.response(.categories) {
                Categories(categories: try await products.getCategories(.init()).categories)
            }
        }
        table.get("/api/products/:product", .everyone) { _, context in
            switch try ProductSelector(context.parameters.get("product") ?? "") {
            case .id(let id): try await one(id)
            case .category(let category): try await list(category)
            }
        }
        table.post("/api/products", .signedIn) { request, _ in
            try await create(request)
        }
        // Whose it is, the products service knows; it checks that against the token.
        table.patch("/api/products/:product", .signedIn, checksPreconditions: true) { request, context in
            try await change(try context.id("product"), request)
        }
        table.delete("/api/products/:product", .signedIn, checksPreconditions: true) { request, context in
            try await delete(try context.id("product"), request)
        }
    }

    private func search(_ message: Products_SearchProductsRequest) async throws -> Response {
        guard CatalogueCache.keeps(message) else { return .json(try await page(message)) }
        return try await caches.catalogue.response(.search(message)) { try await page(message) }
    }

    private func page(_ message: Products_SearchProductsRequest) async throws -> SearchPage {
        let page = try await products.searchProducts(message)
        return SearchPage(products: page.products.map(ProductBody.init), nextCursor: NextCursor(page.nextCursor))
    }

    private func one(_ id: Int64) async throws -> Response {
        try await caches.catalogue.response(.product(id)) {
            var message = Products_GetOneProductRequest()
            message.id = id
            return ProductBody(try await products.getOneProduct(message).product)
        }
    }

    private func list(_ category: String) async throws -> Response {
        try await caches.catalogue.response(.category(category)) {
            var message = Products_GetProductsRequest()
            message.category = category
            return List(products: try await products.getProducts(message).products.map(ProductBody.init))
        }
    }

    /// The seller is whoever calls.
    private func create(_ request: Request) async throws -> Response {
        let body = try await JSONBody.read(NewProduct.self, from: request)
        var message = Products_PostProductRequest()
        message.name = body.name
        message.amount = body.amount
        message.price = body.price
        message.category = body.category
        message.description_p = body.description
        message.photoURL = body.photoURL
        message.userID = try Identity.required().subject
        // Also where the outcome is not known.
        defer { caches.productChanged(nil) }
        return .json(CreatedBody(id: try await products.postProduct(message).id))
    }

    private func change(_ id: Int64, _ request: Request) async throws -> Response {
        let body = try await JSONBody.read(ProductChange.self, from: request)
        var message = Products_UpdateProductRequest()
        message.id = id
        if let name = body.name { message.name = name }
        if let description = body.description { message.description_p = description }
        if let category = body.category { message.category = category }
        if let price = body.price { message.price = price }
        if let amount = body.amount { message.amount = amount }
        if let change = body.change { message.amountChange = change }
        if let photoURL = body.photoURL { message.photoURL = photoURL }
        if let version = try await expectedVersion(of: id, request) { message.expectedVersion = version }
        defer { caches.productChanged(id) }
        return .json(ProductBody(try await products.updateProduct(message).product))
    }

    /// The version that is to be replaced, as the service knows it; nil if the request names none.
    ///
    /// The service compares it again under the row's lock, so that nothing sold in between is lost.
    private func expectedVersion(of id: Int64, _ request: Request) async throws -> Int64? {
        try await Precondition.seen(by: request, shownAs: ProductBody.init) {
            var message = Products_GetOneProductRequest()
            message.id = id
            message.fresh = true
            return try await products.getOneProduct(message).product
        }?.version
    }

    private func delete(_ id: Int64, _ request: Request) async throws -> Response {
        var message = Products_DeleteProductRequest()
        message.id = id
        if let version = try await expectedVersion(of: id, request) { message.expectedVersion = version }
        defer { caches.productChanged(id) }
        let answer = try await products.deleteProduct(message)
        return .json(Deletion(status: answer.status, sagaID: answer.sagaID))
    }
}
