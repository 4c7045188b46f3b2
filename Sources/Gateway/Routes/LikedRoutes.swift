import HTTPTypes
import Hosting
import Hummingbird
import ShopProtos

/// Favourites: `GET /api/liked/{user_id}`, `POST /api/liked`, `DELETE /api/liked/{user_id}`.
struct LikedRoutes: Sendable {
    private struct NewFavourite: JSONReadable {
        static let members = ["product_id", "user_id"]

        let productID: Int64
        /// Absent: the caller.
        let userID: Int64?

        init(_ json: JSONObject) throws(Problem) {
            self.productID = try ProductReference(json).productID
            self.userID = try json.optionalInteger("user_id")
        }
    }

    private struct Favourites: JSONWritable {
        let userID: Int64
        /// The newest first.
        let productIDs: [Int64]

        init(_ favourites: Liked_GetLikedResponse, of userID: Int64) {
            self.userID = userID
            self.productIDs = favourites.productIds
        }

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("product_ids", productIDs)
                json.member("user_id", userID)
            }
        }
    }

    let liked: any Liked_Liked.ClientProtocol

    func add(to table: inout RouteTable) {
        table.get("/api/liked/:user_id", .signedIn) { _, context in
            let userID = try context.ownedUserID()
            return .json(Favourites(try await favourites(of: userID), of: userID))
        }
        table.post("/api/liked", .signedIn) { request, _ in
            let body = try await JSONBody.read(NewFavourite.self, from: request)
            var message = Liked_PostLikedRequest()
            message.userID = try Owner.of(body.userID)
            message.productID = body.productID
            return .json(StatusBody(status: try await liked.postLiked(message).status))
        }
        table.delete("/api/liked/:user_id", .signedIn, checksPreconditions: true) { request, context in
            var message = Liked_DeleteLikedRequest()
            message.userID = try context.ownedUserID()
            message.productID = try await JSONBody.read(ProductReference.self, from: request).productID
            // The service compares it again under the lock of what is there.
            let userID = message.userID
            let seen = try await Precondition.seen(
                by: request, shownAs: { (seen: Liked_GetLikedResponse) in Favourites(seen, of: userID) }
            ) {
                try await favourites(of: userID)
            }
            if let seen { message.expectedVersion = seen.version }
            return .json(StatusBody(status: try await liked.deleteLiked(message).status))
        }
    }

    private func favourites(of userID: Int64) async throws -> Liked_GetLikedResponse {
        var message = Liked_GetLikedRequest()
        message.userID = userID
        return try await liked.getLiked(message)
    }
}
