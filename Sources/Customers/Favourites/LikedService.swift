import Events
import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// The RPCs of `liked.Liked`: validate, authorise, call the store.
struct LikedService: Liked_Liked.SimpleServiceProtocol {
    let store: LikedStore
    let transactor: Transactor
    let observers: Observers<FavouritesChanged>
    let products: any Products_Products.ClientProtocol

    func getLiked(request: Liked_GetLikedRequest, context: ServerContext) async throws -> Liked_GetLikedResponse {
        try RequestChecks.owner(request.userID)
        let products = try await store.products(of: request.userID)
        return .with {
            $0.productIds = products
            $0.version = LikedStore.version(of: products)
        }
    }

    func postLiked(request: Liked_PostLikedRequest, context: ServerContext) async throws -> Liked_PostLikedResponse {
        try RequestChecks.owner(request.userID)
        try RequestChecks.positive(request.productID, "product_id")
        _ = try await products.getOneProduct(
            .with {
                $0.id = request.productID
                $0.fresh = true
            })
        try await transactor.run { work in
            guard try await store.add(request.productID, to: request.userID, in: work.transaction) else { return }
            try await observers.notify(
                FavouritesChanged(change: .add, userID: request.userID, productID: request.productID), in: work)
        }
        return .with { $0.status = "ok" }
    }

    func deleteLiked(
        request: Liked_DeleteLikedRequest, context: ServerContext
    ) async throws -> Liked_DeleteLikedResponse {
        try RequestChecks.owner(request.userID)
        try RequestChecks.positive(request.productID, "product_id")
        let version = request.hasExpectedVersion ? request.expectedVersion : nil
        try await transactor.run { work in
            try await store.require(version, of: request.userID, in: work.transaction)
            guard try await store.remove(request.productID, from: request.userID, in: work.transaction) else {
                throw ServiceError.notFound("not_liked", "product \(request.productID) is not among the favourites")
            }
            try await observers.notify(
                FavouritesChanged(change: .remove, userID: request.userID, productID: request.productID), in: work)
        }
        return .with { $0.status = "ok" }
    }

    func deleteProductLiked(
        request: Liked_DeleteProductLikedRequest, context: ServerContext
    ) async throws -> Liked_DeleteProductLikedResponse {
        try Identity.required().require(anyOf: .admin, .service)
        try RequestChecks.positive(request.productID, "product_id")
        try await transactor.run { work in
            try await store.removeEverywhere(request.productID, in: work.transaction)
            try await observers.notify(
                FavouritesChanged(change: .remove, userID: 0, productID: request.productID), in: work)
        }
        return .with { $0.status = "ok" }
    }
}
