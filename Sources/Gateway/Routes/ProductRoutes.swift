import HTTPTypes
import Hosting
import Hummingbird
import ShopProtos

/// The catalogue: `GET /api/products/{category}`, `GET /api/products/{id}`, `POST /api/products`.
struct ProductRoutes: Sendable {
    private struct NewProduct: JSONReadable {
        let name: String
        let amount: Int64
        let price: Int64
        let category: String
        let description: String

        init(_ json: JSONObject) throws(Problem) {
            self.name = try json.string("name")
            self.amount = try json.integer("amount")
            self.price = try json.integer("price")
            self.category = try json.string("category")
            self.description = try json.optionalString("description") ?? ""
            var checks = FieldChecks()
            checks.text(name, "name", length: 1...200)
            checks.require(amount >= 0, "amount", "must not be negative")
            checks.positive(price, "price")
            checks.text(category, "category", length: 1...100)
            checks.text(description, "description", length: 0...10_000, multiline: true)
            try checks.finish()
        }
    }

    private struct List: Encodable {
        let products: [ProductBody]
    }

    let products: any Products_Products.ClientProtocol

    func add(to table: inout RouteTable) {
        table.get("/api/products/:product", .everyone) { _, context in
            switch try ProductSelector(context.parameters.get("product") ?? "") {
            case .id(let id): try await one(id)
            case .category(let category): try await list(category)
            }
        }
        table.post("/api/products", .signedIn) { request, _ in
            try await create(request)
        }
    }

    private func one(_ id: Int64) async throws -> Response {
        var message = Products_GetOneProductRequest()
        message.id = id
        return .json(ProductBody(try await products.getOneProduct(message).product))
    }

    private func list(_ category: String) async throws -> Response {
        var message = Products_GetProductsRequest()
        message.category = category
        return .json(List(products: try await products.getProducts(message).products.map(ProductBody.init)))
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
        message.userID = try Identity.required().subject
        return .json(CreatedBody(id: try await products.postProduct(message).id))
    }
}

/// A product as clients see it. The price is in minor units of `currency`.
struct ProductBody: Encodable, Sendable {
    enum CodingKeys: String, CodingKey {
        case id, name, amount, price, currency, category, description
        case userID = "user_id"
    }

    let id: Int64
    let name: String
    /// Units that can be bought now.
    let amount: Int64
    let price: Int64
    let currency: String
    let category: String
    let description: String
    /// The seller.
    let userID: Int64

    init(_ product: Products_Product) {
        self.id = product.id
        self.name = product.name
        self.amount = product.amount
        self.price = product.price
        self.currency = product.currency
        self.category = product.category
        self.description = product.description_p
        self.userID = product.userID
    }
}
