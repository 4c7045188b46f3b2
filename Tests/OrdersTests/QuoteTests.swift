import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Testing

/// Prices are quoted from the store, whatever the cache remembers.
@Suite(.serialized) struct QuoteTests {
    @Test func aRememberedPriceRejectsNoOrder() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 500)
            for _ in 0..<2 {
                #expect(try await shop.peers.products.getOneProduct(.with { $0.id = product }).product.price == 100)
            }
            // The cache does not hear of it, as if Redis had been away.
            try await shop.productsDB.query("UPDATE products SET price = 120")
            #expect(try await shop.peers.products.getOneProduct(.with { $0.id = product }).product.price == 100)
            let order = try await shop.buy(7, product)
            #expect(order.state == "confirmed" && order.price == 120)
            try await shop.checkInvariants()
        }
    }

    @Test func aRememberedAbsenceRejectsNoOrder() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 500)
            try await shop.productsDB.query(
                "UPDATE products SET state = 'deleting', deletion_saga_id = gen_random_uuid()")
            for _ in 0..<2 {
                let gone = try await refusal {
                    _ = try await shop.peers.products.getOneProduct(.with { $0.id = product })
                }
                #expect(gone.reason == "product_not_found")
            }
            try await shop.productsDB.query("UPDATE products SET state = 'on_sale', deletion_saga_id = NULL")
            #expect(try await shop.buy(7, product).state == "confirmed")
        }
    }
}
