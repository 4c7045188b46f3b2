import Events
import Hosting
import Postgres
import ShopProtos
import SwiftProtobuf

/// Changes carts: asks the catalogue whether a product is on sale, writes, and tells the observers. What names a version
/// is refused (`precondition_failed`) if the cart has another.
struct Carts: Sendable {
    let store: CartStore
    let transactor: Transactor
    let observers: Observers<CartChanged>
    let products: any Products_Products.ClientProtocol

    /// - Throws: ``ServiceError`` if the product is not on sale, or the cart or the line is full.
    func add(_ line: CartStore.Line, to userID: Int64) async throws {
        try await requireOnSale(line.productID)
        // Adding twice is not as good as once, so a lost connection's outcome is looked up.
        try await transactor.run { work in
            try await store.add([line], to: userID, in: work.transaction)
            try await observers.notify(CartChanged(.add, of: userID, subjectID: line.productID), in: work)
        }
    }

    /// - Parameter line: Amount 0 removes it.
    /// - Throws: ``ServiceError`` if the product is not on sale, or the cart is full.
    func set(_ line: CartStore.Line, of userID: Int64, version: String? = nil) async throws {
        if line.amount > 0 { try await requireOnSale(line.productID) }
        try await transactor.run { work in
            try await store.require(version, of: userID, in: work.transaction)
            if line.amount > 0 {
                try await store.set(line, of: userID, in: work.transaction)
            } else {
                try await store.remove(line.productID, from: userID, in: work.transaction)
            }
            try await observers.notify(CartChanged(.set, of: userID, subjectID: line.productID), in: work)
        }
    }

    /// - Throws: ``ServiceError`` if the product is not in the cart.
    func remove(_ productID: Int64, from userID: Int64, version: String? = nil) async throws {
        try await transactor.run { work in
            try await store.require(version, of: userID, in: work.transaction)
            guard try await store.remove(productID, from: userID, in: work.transaction) else {
                throw ServiceError.notFound("not_in_cart", "product \(productID) is not in the cart")
            }
            try await observers.notify(CartChanged(.remove, of: userID, subjectID: productID), in: work)
        }
    }

    func clear(_ userID: Int64, version: String? = nil) async throws {
        try await transactor.run { work in
            try await store.require(version, of: userID, in: work.transaction)
            try await store.clear(userID, in: work.transaction)
            try await observers.notify(CartChanged(.clear, of: userID, subjectID: userID), in: work)
        }
    }

    private func requireOnSale(_ productID: Int64) async throws {
        _ = try await products.getOneProduct(
            .with {
                $0.id = productID
                $0.fresh = true
            })
    }
}
