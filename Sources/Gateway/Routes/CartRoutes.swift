import HTTPTypes
import Hosting
import Hummingbird
import ShopProtos

/// The cart: `GET /api/cart/{user_id}`, `POST /api/cart`, `DELETE /api/cart/{user_id}`.
struct CartRoutes: Sendable {
    private struct NewLine: JSONReadable {
        let productID: Int64
        let amount: Int64
        /// Absent: the caller.
        let userID: Int64?

        init(_ json: JSONObject) throws(Problem) {
            self.productID = try json.integer("product_id")
            self.amount = try json.integer("amount")
            self.userID = try json.optionalInteger("user_id")
            var checks = FieldChecks()
            checks.positive(productID, "product_id")
            checks.positive(amount, "amount")
            try checks.finish()
        }
    }

    private struct DroppedLine: JSONReadable {
        let productID: Int64

        init(_ json: JSONObject) throws(Problem) {
            self.productID = try json.integer("product_id")
            var checks = FieldChecks()
            checks.positive(productID, "product_id")
            try checks.finish()
        }
    }

    private struct Line: Encodable {
        enum CodingKeys: String, CodingKey {
            case amount, product
            case productID = "product_id"
        }

        let productID: Int64
        let amount: Int64
        /// Absent when the product is no longer on sale.
        let product: ProductBody?
    }

    private struct Cart: Encodable {
        enum CodingKeys: String, CodingKey {
            case lines
            case userID = "user_id"
        }

        let userID: Int64
        let lines: [Line]
    }

    let customers: any Cart_Customers.ClientProtocol
    let products: any Products_Products.ClientProtocol

    func add(to table: inout RouteTable) {
        table.get("/api/cart/:user_id", .signedIn) { _, context in
            try await cart(of: try context.ownedUserID())
        }
        table.post("/api/cart", .signedIn) { request, _ in
            try await put(request)
        }
        table.delete("/api/cart/:user_id", .signedIn) { request, context in
            try await drop(request, from: try context.ownedUserID())
        }
    }

    private func cart(of userID: Int64) async throws -> Response {
        var cart = Cart_GetCartRequest()
        cart.userID = userID
        let lines = try await customers.getCart(cart).lines
        var onSale: [Int64: ProductBody] = [:]
        if !lines.isEmpty {
            var wanted = Products_GetSavedProductsRequest()
            wanted.productIds = lines.map(\.productID)
            for product in try await products.getSavedProducts(wanted).products {
                onSale[product.id] = ProductBody(product)
            }
        }
        let body = lines.map { line in
            Line(productID: line.productID, amount: line.amount, product: onSale[line.productID])
        }
        return .json(Cart(userID: userID, lines: body))
    }

    private func put(_ request: Request) async throws -> Response {
        let body = try await JSONBody.read(NewLine.self, from: request)
        var message = Cart_PostToCartRequest()
        message.userID = try Owner.of(body.userID)
        message.productID = body.productID
        message.amount = body.amount
        return .json(StatusBody(status: try await customers.postToCart(message).status))
    }

    private func drop(_ request: Request, from userID: Int64) async throws -> Response {
        let body = try await JSONBody.read(DroppedLine.self, from: request)
        var message = Cart_DeleteFromCartRequest()
        message.userID = userID
        message.productID = body.productID
        return .json(StatusBody(status: try await customers.deleteFromCart(message).status))
    }
}
