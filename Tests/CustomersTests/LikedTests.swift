import Hosting
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Testing

@Suite(.serialized) struct LikedTests {
    @Test func favouritesAreListedTheNewestFirst() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 3)
            let pot = try await shop.sell(price: 250, amount: 3)
            try await shop.like(7, pot)
            try await shop.like(7, cup)
            try await shop.like(7, pot)
            #expect(try await shop.liked(7) == [cup, pot])
            #expect(try await shop.liked(8) == [])
            func unlike() async throws {
                _ = try await shop.as(7) {
                    try await shop.peers.liked.deleteLiked(
                        .with {
                            $0.userID = 7
                            $0.productID = cup
                        })
                }
            }
            try await unlike()
            #expect(try await shop.liked(7) == [pot])
            #expect(try await refusal(unlike) == "not_found not_liked")
        }
    }

    @Test func whatIsMalformedOrAnothersIsRefused() async throws {
        try await Shop.open { shop in
            let liked = shop.peers.liked
            let missing = try await refusal { try await shop.like(7, 4_711) }
            #expect(missing == "not_found product_not_found")
            #expect(try await refusal { try await shop.like(7, 0) } == "invalid_argument invalid_product_id")
            #expect(
                try await refusal { try await shop.as(7) { _ = try await liked.getLiked(.init()) } }
                    == "invalid_argument invalid_user_id")
            for call in [
                { _ = try await liked.getLiked(.with { $0.userID = 7 }) },
                { _ = try await liked.postLiked(.with { $0.userID = 7 }) },
                { _ = try await liked.deleteLiked(.with { $0.userID = 7 }) },
            ] as [@Sendable () async throws -> Void] {
                #expect(
                    try await refusal { try await shop.as(8) { try await call() } } == "permission_denied not_owner")
            }
        }
    }

    @Test func onlyTheShopItselfTakesAProductOutOfAllFavourites() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 3)
            let pot = try await shop.sell(price: 250, amount: 3)
            for user in [7, 8] as [Int64] {
                try await shop.like(user, cup)
                try await shop.like(user, pot)
            }
            func remove(_ role: ShopRole) async throws {
                _ = try await shop.as(900, role) {
                    try await shop.peers.liked.deleteProductLiked(.with { $0.productID = cup })
                }
            }
            #expect(try await refusal { try await remove(.customer) } == "permission_denied role_required")
            #expect(try await shop.liked(7) == [pot, cup])
            try await remove(.service)
            #expect(try await shop.liked(7) == [pot])
            #expect(try await shop.liked(8) == [pot])
            try await remove(.admin)
        }
    }
}
