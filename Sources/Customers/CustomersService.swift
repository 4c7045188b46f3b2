import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// The RPCs of `cart.Customers`: validate, authorise, call the stores. Here the cart's; the money's have their file.
struct CustomersService: Cart_Customers.SimpleServiceProtocol {
    let carts: Carts
    let merge: CartMerge
    let view: CartView
    let ledger: Ledger
    let statements: StatementStore
    let topUps: TopUps
    let currency: String

    func getCart(request: Cart_GetCartRequest, context: ServerContext) async throws -> Cart_GetCartResponse {
        try RequestChecks.owner(request.userID)
        return try await view.cart(of: request.userID)
    }

    func postToCart(
        request: Cart_PostToCartRequest, context: ServerContext
    ) async throws -> Cart_PostToCartResponse {
        try RequestChecks.owner(request.userID)
        try RequestChecks.positive(request.productID, "product_id")
        guard (1...CartStore.amountLimit).contains(request.amount) else {
            throw ServiceError.invalidArgument("invalid_amount", "amount must be 1 to \(CartStore.amountLimit)")
        }
        try await carts.add(
            CartStore.Line(productID: request.productID, amount: request.amount), to: request.userID)
        return .with { $0.status = "ok" }
    }

    func setCartAmount(
        request: Cart_SetCartAmountRequest, context: ServerContext
    ) async throws -> Cart_SetCartAmountResponse {
        try RequestChecks.owner(request.userID)
        try RequestChecks.positive(request.productID, "product_id")
        guard (0...CartStore.amountLimit).contains(request.amount) else {
            throw ServiceError.invalidArgument(
                "invalid_amount", "amount must be 1 to \(CartStore.amountLimit), or 0 to remove the product")
        }
        try await carts.set(
            CartStore.Line(productID: request.productID, amount: request.amount), of: request.userID,
            version: request.hasExpectedVersion ? request.expectedVersion : nil)
        return .with { $0.status = "ok" }
    }

    func deleteFromCart(
        request: Cart_DeleteFromCartRequest, context: ServerContext
    ) async throws -> Cart_DeleteFromCartResponse {
        try RequestChecks.owner(request.userID)
        try RequestChecks.positive(request.productID, "product_id")
        try await carts.remove(
            request.productID, from: request.userID,
            version: request.hasExpectedVersion ? request.expectedVersion : nil)
        return .with { $0.status = "ok" }
    }

    func clearCart(
        request: Cart_ClearCartRequest, context: ServerContext
    ) async throws -> Cart_ClearCartResponse {
        try RequestChecks.owner(request.userID)
        try await carts.clear(request.userID, version: request.hasExpectedVersion ? request.expectedVersion : nil)
        return .with { $0.status = "ok" }
    }

    func mergeCart(
        request: Cart_MergeCartRequest, context: ServerContext
    ) async throws -> Cart_MergeCartResponse {
        try RequestChecks.owner(request.userID)
        try RequestChecks.idempotencyKey(request.idempotencyKey, of: "a merge")
        return try await merge.merge(request)
    }
}
