import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

/// The RPCs of `cart.Customers`: validate, authorise, call the stores.
struct CustomersService: Cart_Customers.SimpleServiceProtocol {
    let carts: CartStore
    let ledger: Ledger
    let topUps: TopUps
    let products: any Products_Products.ClientProtocol
    let currency: String

    func getCart(request: Cart_GetCartRequest, context: ServerContext) async throws -> Cart_GetCartResponse {
        try authorise(request.userID)
        let lines = try await carts.lines(of: request.userID)
        return .with {
            $0.productIds = lines.map(\.productID)
            $0.lines = lines.map { line in
                .with {
                    $0.productID = line.productID
                    $0.amount = line.amount
                }
            }
        }
    }

    func postToCart(
        request: Cart_PostToCartRequest, context: ServerContext
    ) async throws -> Cart_PostToCartResponse {
        try authorise(request.userID)
        try Self.requirePositive(request.productID, "product_id")
        guard (1...CartStore.amountLimit).contains(request.amount) else {
            throw ServiceError.invalidArgument("invalid_amount", "amount must be 1 to \(CartStore.amountLimit)")
        }
        _ = try await products.getOneProduct(.with { $0.id = request.productID })
        try await carts.add(request.productID, amount: request.amount, to: request.userID)
        return .with { $0.status = "ok" }
    }

    func deleteFromCart(
        request: Cart_DeleteFromCartRequest, context: ServerContext
    ) async throws -> Cart_DeleteFromCartResponse {
        try authorise(request.userID)
        try Self.requirePositive(request.productID, "product_id")
        guard try await carts.remove(request.productID, from: request.userID) else {
            throw ServiceError.notFound("not_in_cart", "product \(request.productID) is not in the cart")
        }
        return .with { $0.status = "ok" }
    }

    func getUserBalance(
        request: Cart_GetUserBalanceRequest, context: ServerContext
    ) async throws -> Cart_GetUserBalanceResponse {
        try authorise(request.userID)
        let balance = try await ledger.balance(of: request.userID, currency: currency)
        return .with {
            $0.balance = balance.available
            $0.held = balance.held
            $0.currency = currency
        }
    }

    func topUp(request: Cart_TopUpRequest, context: ServerContext) async throws -> Cart_TopUpResponse {
        let identity = try Identity.required()
        try identity.require(anyOf: .admin, .service)
        try Self.requirePositive(request.userID, "user_id")
        guard (1...TopUps.amountLimit).contains(request.amount) else {
            throw ServiceError.invalidArgument(
                "invalid_amount", "amount must be 1 to \(TopUps.amountLimit) minor units")
        }
        guard (1...255).contains(request.idempotencyKey.utf8.count) else {
            throw ServiceError.invalidArgument(
                "idempotency_key_required", "a top-up needs an idempotency key of 1 to 255 bytes")
        }
        return try await topUps.book(request, by: identity.subject)
    }

    private func authorise(_ userID: Int64) throws {
        let identity = try Identity.required()
        try Self.requirePositive(userID, "user_id")
        try identity.requireOwner(of: userID)
    }

    private static func requirePositive(_ value: Int64, _ field: String) throws(ServiceError) {
        guard value > 0 else { throw .invalidArgument("invalid_\(field)", "\(field) must be more than zero") }
    }
}
