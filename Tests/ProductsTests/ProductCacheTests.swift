import Hosting
import Postgres
import Redis
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@Suite struct ProductCacheTests {
    @Test func aProductIsReadFromTheCache() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 250, amount: 3)
            let before = try await shop.product(id)
            // Nobody tells the cache of this.
            try await shop.productsDB.query("UPDATE products SET price = 1 WHERE id = \(id)")
            #expect(try await shop.product(id) == before)
            let saved = try await shop.peers.products.getSavedProducts(.with { $0.productIds = [id, id, id + 1] })
            #expect(saved.products == [before])
            // What cannot be read counts as missing.
            await shop.redis.set("product:\(id)", [1, 0xFF], ttl: .seconds(60))
            #expect(try await shop.product(id).price == 1)
        }
    }

    @Test func thatThereIsNoProductIsForgottenWhenItIsPosted() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 250, amount: 3)
            await refusal(.notFound, "product_not_found") { _ = try await shop.product(id + 1) }
            #expect(try await shop.sell(price: 100, amount: 1) == id + 1)
            #expect(try await shop.product(id + 1).price == 100)
        }
    }

    @Test func whatOrdersReserveTakeAndReleaseIsSeen() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            #expect(try await shop.product(id).amount == 5)
            let (first, second) = try await shop.freezingCustomers {
                let first = try await shop.place(7, id).order.id
                try await eventually("one is reserved") { try await shop.product(id).amount == 4 }
                let second = try await shop.place(7, id, quantity: 2).order.id
                try await eventually("three are reserved") { try await shop.product(id).amount == 2 }
                return (first, second)
            }
            #expect(try await shop.outcome(7, first).state == "confirmed")
            #expect(try await shop.outcome(7, second).reason == "insufficient_funds")
            try await shop.settle()
            // The two of the second order were released.
            try await eventually("the release is seen") { try await shop.product(id).amount == 4 }
            // And the cache is what the database is, the time of the change included.
            let shown = try await shop.product(id)
            let listed = try await shop.peers.products.getProducts(.with { $0.category = "toys" }).products
            #expect(listed == [shown])
        }
    }

    @Test func noDecisionAboutStockReadsTheCache() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 1_000)
            #expect(try await shop.product(id).amount == 5)
            // The cache goes on saying five.
            try await shop.productsDB.query("UPDATE products SET amount = 1 WHERE id = \(id)")
            #expect(try await shop.buy(7, id, quantity: 2).reason == "out_of_stock")
            try await shop.checkInvariants()
        }
    }

    @Test func anOrderOfWhatIsNotOnSaleIsRefusedUnderTheLock() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 1_000)
            // It is quoted while it is still on sale for all others.
            let order = try await shop.productsDB.transaction { deleting in
                try await deleting.query(
                    "UPDATE products SET state = 'deleting', deletion_saga_id = gen_random_uuid() WHERE id = \(id)")
                return try await shop.place(7, id).order.id
            }
            #expect(try await shop.outcome(7, order).reason == "product_unavailable")
            try await shop.checkInvariants()
            #expect(try await shop.balance(7) == (1_000, 0))
        }
    }

    @Test func lookUpsAreChecked() async throws {
        try await Shop.open { shop in
            await refusal(.invalidArgument, "invalid_id") {
                _ = try await shop.peers.products.getSavedProducts(.with { $0.productIds = [1, 0] })
            }
            await refusal(.invalidArgument, "too_many_ids") {
                _ = try await shop.peers.products.getSavedProducts(.with { $0.productIds = Array(1...1001) })
            }
            await refusal(.invalidArgument, "invalid_id") { _ = try await shop.product(0) }
            let none = try await shop.peers.products.getSavedProducts(.init()).products
            #expect(none.isEmpty)
        }
    }
}
