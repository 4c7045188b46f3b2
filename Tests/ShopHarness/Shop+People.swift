public import FoundationEssentials
public import Hosting
public import ShopProtos
import SwiftProtobuf
import ShopContracts
import TestSupport

/// What people do in the shop.
extension Shop {
    /// Runs a call as a user.
    public func `as`<Result: Sendable>(
        _ user: Int64, _ role: ShopRole = .customer, _ body: () async throws -> Result
    ) async throws -> Result {
        let (token, _) = try await issuer.issue(subject: user, role: role, scopes: [], ttl: .seconds(600))
        return try await withIdentity(try await verifier.verify(token), token: token) { try await body() }
    }

    /// Puts a product on sale.
    ///
    /// - Returns: Its id.
    public func sell(
        price: Int64, amount: Int64, seller: Int64 = 900, name: String = "Teapot", category: String = "toys"
    ) async throws -> Int64 {
        try await self.as(seller) {
            try await peers.products.postProduct(
                .with {
                    $0.name = name
                    $0.category = category
                    $0.price = price
                    $0.amount = amount
                    $0.userID = seller
                }
            ).id
        }
    }

    /// Brings money onto a balance.
    public func topUp(_ user: Int64, _ amount: Int64, key: String = UUID().uuidString) async throws {
        _ = try await self.as(1, .admin) {
            try await peers.customers.topUp(
                .with {
                    $0.userID = user
                    $0.amount = amount
                    $0.idempotencyKey = key
                })
        }
    }

    /// Places an order of one product.
    public func place(
        _ user: Int64, _ product: Int64, quantity: Int64 = 1, price: Int64? = nil, key: String = ""
    ) async throws -> Orders_PlaceOrderResponse {
        try await self.as(user) {
            try await peers.orders.placeOrder(
                .with {
                    $0.userID = user
                    $0.idempotencyKey = key
                    $0.items = [
                        .with {
                            $0.productID = product
                            $0.quantity = quantity
                            if let price { $0.expectedPrice = price }
                        }
                    ]
                })
        }
    }

    /// The order as soon as it is decided.
    public func outcome(_ user: Int64, _ order: Int64) async throws -> Orders_Order {
        try await eventuallyValue("order \(order) is decided") {
            let order = try await self.as(user) {
                try await peers.orders.awaitOrder(
                    .with {
                        $0.id = order
                        $0.timeoutMilliseconds = 60_000
                    }
                ).order
            }
            return OrderState(rawValue: order.state)?.isUnderWay == true ? nil : order
        }
    }

    /// Places an order of one product and waits for the outcome.
    public func buy(_ user: Int64, _ product: Int64, quantity: Int64 = 1) async throws -> Orders_Order {
        try await outcome(user, place(user, product, quantity: quantity).order.id)
    }

    /// What a user can spend, and what is held.
    public func balance(_ user: Int64) async throws -> (available: Int64, held: Int64) {
        let reply = try await self.as(user) { try await peers.customers.getUserBalance(.with { $0.userID = user }) }
        return (reply.balance, reply.held)
    }
}
