import GRPCCore
import Hosting
import TestSupport
import Testing

extension SystemTests {
    /// Every method and field of the original system's gRPC contract, by numbers alone.
    @Suite(.inTurn, .serialized) struct WireContractTests {
        @Test func aClientOfTheOriginalSystemFindsEverything() async throws {
            try await withShop(.oneProcess) { shop in
                let seller: Int64 = 900
                let buyer: Int64 = 7
                let product = try await products(shop, seller: seller)
                try await cartAndLiked(shop, buyer: buyer, product: product)
                try await orders(shop, buyer: buyer, product: product, seller: seller)
                try await reviews(shop, buyer: buyer, product: product)
                try await deletion(shop, seller: seller, product: product)
                try await shop.checkInvariants()
            }
        }

        private func products(_ shop: Shop, seller: Int64) async throws -> Int64 {
            try await WireClient.with(port: try shop.port(of: .products)) { anyone in
                let client = anyone.by(try await shop.token(seller))
                let posted = try await client.call(
                    "products.Products/PostProduct",
                    WireMessage().string(1, "Samovar").int(2, 10).int(3, 125_000).string(4, "electronics")
                        .string(5, "Boils.").int(6, seller))
                let id = posted.int(1)
                #expect(id > 0)
                func check(_ product: WireFields?) throws {
                    let product = try #require(product)
                    #expect(product.int(1) == id)
                    #expect(product.string(2) == "Samovar")
                    #expect(product.int(3) == 10)
                    #expect(product.int(4) == 125_000)
                    #expect(product.string(5) == "electronics")
                    #expect(product.string(6) == "Boils.")
                    #expect(product.int(7) == seller)
                }
                let one = try await anyone.call("products.Products/GetOneProduct", WireMessage().int(1, id))
                try check(one.messages(1).first)
                try await check(
                    anyone.call("products.Products/GetProducts", WireMessage().string(1, "electronics"))
                        .messages(1).first)
                try await check(
                    anyone.call("products.Products/GetSavedProducts", WireMessage().ints(1, [id, 999_999]))
                        .messages(1).first)
                try await check(
                    anyone.call("products.Products/GetUserProducts", WireMessage().int(1, seller)).messages(1).first)
                // A missing or zero required field.
                #expect(
                    try await anyone.refusal("products.Products/GetOneProduct", WireMessage()) == .invalidArgument)
                #expect(
                    try await anyone.refusal("products.Products/GetUserProducts", WireMessage()) == .invalidArgument)
                #expect(
                    try await client.refusal("products.Products/PostProduct", WireMessage().int(6, seller))
                        == .invalidArgument)
                #expect(
                    try await client.refusal("products.Products/DeleteProduct", WireMessage()) == .invalidArgument)
                // Without a token.
                #expect(
                    try await anyone.refusal("products.Products/DeleteProduct", WireMessage().int(1, id))
                        == .unauthenticated)
                return id
            }
        }

        private func cartAndLiked(_ shop: Shop, buyer: Int64, product: Int64) async throws {
            try await WireClient.with(port: try shop.port(of: .customers)) { anyone in
                let client = anyone.by(try await shop.token(buyer))
                let user = WireMessage().int(1, buyer)
                let pair = user.int(2, product)
                #expect(
                    try await client.call("cart.Customers/PostToCart", pair.int(3, 2)).string(1) == "ok")
                #expect(try await client.call("cart.Customers/GetCart", user).ints(1) == [product])
                #expect(try await client.call("cart.Customers/DeleteFromCart", pair).string(1) == "ok")
                #expect(try await client.call("cart.Customers/GetCart", user).ints(1) == [])
                #expect(try await client.call("cart.Customers/GetUserBalance", user).int(1) == 0)
                #expect(try await client.call("liked.Liked/PostLiked", pair).string(1) == "ok")
                #expect(try await client.call("liked.Liked/GetLiked", user).ints(1) == [product])
                #expect(try await client.call("liked.Liked/DeleteLiked", pair).string(1) == "ok")
                #expect(try await client.call("liked.Liked/GetLiked", user).ints(1) == [])
                _ = try await client.call("liked.Liked/PostLiked", pair)
                let admin = anyone.by(try await shop.token(1, .admin))
                #expect(
                    try await client.refusal("liked.Liked/DeleteProductLiked", WireMessage().int(1, product))
                        == .permissionDenied)
                #expect(
                    try await admin.call("liked.Liked/DeleteProductLiked", WireMessage().int(1, product)).string(1)
                        == "ok")
                #expect(try await client.call("liked.Liked/GetLiked", user).ints(1) == [])
                for method in [
                    "cart.Customers/GetCart", "cart.Customers/PostToCart", "cart.Customers/DeleteFromCart",
                    "cart.Customers/GetUserBalance", "liked.Liked/GetLiked", "liked.Liked/PostLiked",
                    "liked.Liked/DeleteLiked", "notifications.Notifications/GetUserNotifications",
                ] {
                    #expect(try await client.refusal(method, WireMessage()) == .invalidArgument, "\(method)")
                    #expect(try await anyone.refusal(method, pair.int(3, 1)) == .unauthenticated, "\(method)")
                    let another = WireMessage().int(1, buyer + 1).int(2, product).int(3, 1)
                    #expect(try await client.refusal(method, another) == .permissionDenied, "\(method)")
                }
            }
        }

        private func orders(_ shop: Shop, buyer: Int64, product: Int64, seller: Int64) async throws {
            try await shop.topUp(buyer, 250_000)
            let order = try await shop.order(buyer, product, quantity: 2, wait: 20).expect(200)
            try #require(order["state"] == "confirmed")
            try await WireClient.with(port: try shop.port(of: .orders)) { anyone in
                let client = anyone.by(try await shop.token(buyer))
                let orders = try await client.call("orders.Orders/GetOrders", WireMessage().int(1, buyer)).messages(1)
                let first = try #require(orders.first)
                #expect(first.int(1) == order["id"].integer)
                #expect(first.int(2) == buyer)
                #expect(first.int(3) == 250_000)
                let line = try #require(try first.messages(4).first)
                #expect(line.int(1) == product)
                #expect(line.int(2) == 125_000)
                #expect(try await client.refusal("orders.Orders/GetOrders", WireMessage()) == .invalidArgument)
            }
            try await WireClient.with(port: try shop.port(of: .customers)) { anyone in
                let client = anyone.by(try await shop.token(seller))
                let user = WireMessage().int(1, seller)
                let told = try await eventuallyValue("the seller is told") {
                    try await client.call("notifications.Notifications/GetUserNotifications", user).messages(1).first
                }
                #expect(told.int(1) == seller)
                #expect(told.string(2).contains("Samovar"))
                #expect(told.string(3).split(separator: "-").count == 3)
                #expect(told.string(4).split(separator: ":").count == 3)
                #expect(
                    try await client.call("cart.Customers/GetUserBalance", user).int(1) == 250_000)
            }
        }

        private func reviews(_ shop: Shop, buyer: Int64, product: Int64) async throws {
            try await WireClient.with(port: try shop.port(of: .reviews)) { anyone in
                let client = anyone.by(try await shop.token(buyer))
                let of = WireMessage().int(1, product)
                let posted = try await client.call(
                    "reviews.Reviews/PostReview",
                    WireMessage().string(1, "Pours well.").int(2, 4).int(3, product).int(4, buyer))
                let review = try #require(
                    try await anyone.call("reviews.Reviews/GetProductReviews", of).messages(1).first)
                #expect(review.int(1) == posted.int(1))
                #expect(review.string(2) == "Pours well.")
                #expect(review.int(3) == 4)
                #expect(review.int(4) == product)
                #expect(review.int(5) == buyer)
                #expect(try await anyone.call("reviews.Reviews/GetAverageEvaluation", of).float(1) == 4)
                #expect(
                    try await client.call("reviews.Reviews/DeleteReview", WireMessage().int(1, posted.int(1)))
                        .string(1) == "ok")
                #expect(try await anyone.call("reviews.Reviews/GetProductReviews", of).messages(1).isEmpty)
                for method in ["GetProductReviews", "PostReview", "DeleteReview", "GetAverageEvaluation"] {
                    #expect(
                        try await client.refusal("reviews.Reviews/\(method)", WireMessage()) == .invalidArgument,
                        "\(method)")
                }
            }
        }

        private func deletion(_ shop: Shop, seller: Int64, product: Int64) async throws {
            try await WireClient.with(port: try shop.port(of: .products)) { anyone in
                let client = anyone.by(try await shop.token(seller))
                let id = WireMessage().int(1, product)
                #expect(try await client.call("products.Products/DeleteProduct", id).string(1) == "ok")
                #expect(try await anyone.refusal("products.Products/GetOneProduct", id) == .notFound)
            }
        }
    }
}
