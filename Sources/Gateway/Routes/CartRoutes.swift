import HTTPTypes
import Hosting
import Hummingbird
import ShopProtos

/// The cart: all of it at `/api/cart/{user_id}`, a product's line at `/api/cart/{user_id}/lines/{product_id}`.
struct CartRoutes: Sendable {
    let customers: any Cart_Customers.ClientProtocol
    let carts: CartCache

    func add(to table: inout RouteTable) {
        table.get("/api/cart/:user_id", .signedIn) { _, context in
            let userID = try context.ownedUserID()
            return try await carts.response(of: userID) { CartBody(try await cart(of: userID), of: userID) }
        }
        table.post("/api/cart", .signedIn) { request, _ in
            try await add(request)
        }
        table.delete("/api/cart/:user_id", .signedIn, checksPreconditions: true) { request, context in
            let userID = try context.ownedUserID()
            let body = try await JSONBody.read(ProductReference.self, from: request)
            return try await drop(body.productID, from: userID, request)
        }
        table.put("/api/cart/:user_id/lines/:product_id", .signedIn, checksPreconditions: true) { request, context in
            try await setAmount(request, of: try context.id("product_id"), in: try context.ownedUserID())
        }
        table.delete("/api/cart/:user_id/lines/:product_id", .signedIn, checksPreconditions: true) { request, context in
            try await drop(try context.id("product_id"), from: try context.ownedUserID(), request)
        }
        table.delete("/api/cart/:user_id/lines", .signedIn, checksPreconditions: true) { request, context in
            var message = Cart_ClearCartRequest()
            message.userID = try context.ownedUserID()
            if let version = try await version(of: message.userID, request) { message.expectedVersion = version }
            // Here and below: also where the outcome is not known.
            defer { carts.cartChanged(message.userID) }
            return .json(StatusBody(status: try await customers.clearCart(message).status))
        }
        table.post("/api/cart/:user_id/merge", .signedIn, checksPreconditions: true) { request, context in
            try await merge(request, into: try context.ownedUserID())
        }
    }

    private func add(_ request: Request) async throws -> Response {
        let body = try await JSONBody.read(NewCartLine.self, from: request)
        var message = Cart_PostToCartRequest()
        message.userID = try Owner.of(body.userID)
        message.productID = body.productID
        message.amount = body.amount
        defer { carts.cartChanged(message.userID) }
        return .json(StatusBody(status: try await customers.postToCart(message).status))
    }

    /// The version that is to be replaced; nil if the request names none. The service compares it again under the cart's
    /// lock.
    private func version(of userID: Int64, _ request: Request) async throws -> String? {
        try await Precondition.seen(
            by: request, shownAs: { (cart: Cart_GetCartResponse) in CartBody(cart, of: userID) }
        ) {
            try await cart(of: userID)
        }?.version
    }

    private func cart(of userID: Int64) async throws -> Cart_GetCartResponse {
        var message = Cart_GetCartRequest()
        message.userID = userID
        return try await customers.getCart(message)
    }

    private func drop(_ productID: Int64, from userID: Int64, _ request: Request) async throws -> Response {
        var message = Cart_DeleteFromCartRequest()
        message.userID = userID
        message.productID = productID
        if let version = try await version(of: userID, request) { message.expectedVersion = version }
        defer { carts.cartChanged(userID) }
        return .json(StatusBody(status: try await customers.deleteFromCart(message).status))
    }

    private func setAmount(_ request: Request, of productID: Int64, in userID: Int64) async throws -> Response {
        var message = Cart_SetCartAmountRequest()
        message.userID = userID
        message.productID = productID
        message.amount = try await JSONBody.read(CartAmount.self, from: request).amount
        if let version = try await version(of: userID, request) { message.expectedVersion = version }
        defer { carts.cartChanged(userID) }
        return .json(StatusBody(status: try await customers.setCartAmount(message).status))
    }

    private func merge(_ request: Request, into userID: Int64) async throws -> Response {
        var message = Cart_MergeCartRequest()
        message.userID = userID
        message.idempotencyKey = try IdempotencyKey.required(in: request.headers)
        message.lines = try await JSONBody.read(GuestCart.self, from: request).lines
        if let version = try await version(of: userID, request) { message.expectedVersion = version }
        defer { carts.cartChanged(userID) }
        let answer = try await customers.mergeCart(message)
        return .json(
            MergedCart(status: answer.status, leftOut: answer.leftOut),
            headers: answer.replayed ? [.idempotencyReplayed: "true"] : [:])
    }
}
