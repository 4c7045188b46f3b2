import Hosting
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Testing

@Suite struct ProductPostingTests {
    @Test func aProductIsOnSaleAsItWasPosted() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 250, amount: 3)
            let product = try await shop.peers.products.getOneProduct(.with { $0.id = id }).product
            #expect(product.name == "Teapot")
            #expect(product.price == 250)
            #expect(product.amount == 3)
            #expect(product.userID == 900)
        }
    }
}
