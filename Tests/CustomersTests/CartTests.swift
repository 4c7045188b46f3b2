import Hosting
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Testing

@Suite struct CartTests {
    @Test func whatIsAddedTwiceStandsInOneLine() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            try await shop.as(7) {
                for amount in [1, 2] as [Int64] {
                    _ = try await shop.peers.customers.postToCart(
                        .with {
                            $0.userID = 7
                            $0.productID = product
                            $0.amount = amount
                        })
                }
                let cart = try await shop.peers.customers.getCart(.with { $0.userID = 7 })
                #expect(cart.productIds == [product])
                #expect(cart.lines.map(\.amount) == [3])
            }
        }
    }
}
