import GRPCCore
import Hosting
import Postgres
import Redis
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@Suite struct KeptProductsTests {
    @Test func otherProcessesAreSentTheProductAsItIsKept() async throws {
        try await withNetwork { shop, network in
            let id = try await shop.sell(price: 250, amount: 3)
            let first = try await one(id, network)
            #expect(first.id == id && first.price == 250 && first.amount == 3)
            // Nobody tells the cache of this.
            try await shop.productsDB.query("UPDATE products SET price = 1 WHERE id = \(id)")
            #expect(try await one(id, network) == first)
            #expect(try await shop.product(id) == first)
            #expect(try await one(id, network, fresh: true).price == 1)
            // What cannot be read counts as missing.
            await shop.redis.set("product:\(id)", [1, 0xFF], ttl: .seconds(60))
            #expect(try await one(id, network).price == 1)
        }
    }

    @Test func aChangeIsSeenAtOnceAndNothingOldAfterIt() async throws {
        try await withNetwork { shop, network in
            let id = try await shop.sell(price: 250, amount: 3)
            var version: Int64 = 0
            for price in Int64(300)..<310 {
                try await shop.update(id) { $0.price = price }
                // From the store, and then as it is kept.
                for _ in 0..<2 {
                    let seen = try await one(id, network)
                    #expect(seen.price == price && seen.version >= version)
                    version = seen.version
                }
            }
            try await shop.delete(id)
            await refusal(.notFound, "product_not_found") { _ = try await one(id, network) }
        }
    }

    @Test func fieldsThatNobodyHereKnowsArePassedOn() async throws {
        try await withNetwork { shop, network in
            let id = try await shop.sell(price: 250, amount: 3)
            let known: [UInt8] = try await one(id, network).serializedBytes()
            // Field 200, a number, as a later version may store it.
            let stored = known + [0xC0, 0x0C, 0x05]
            await shop.redis.set("product:\(id)", [1] + stored, ttl: .seconds(60))
            let sent: [UInt8] = try await one(id, network).serializedBytes()
            #expect(sent == stored)
        }
    }

    @Test func thatThereIsNoProductIsForgottenAndAnErrorIsNotKept() async throws {
        try await withNetwork { shop, network in
            let id = try await shop.sell(price: 250, amount: 3)
            for _ in 0..<2 {
                await refusal(.notFound, "product_not_found") { _ = try await one(id + 1, network) }
            }
            #expect(try await shop.sell(price: 100, amount: 1) == id + 1)
            #expect(try await one(id + 1, network).price == 100)
            await refusal(.invalidArgument, "invalid_id") { _ = try await one(0, network) }
            try await shop.productsDB.query("ALTER TABLE stock RENAME TO elsewhere")
            await refusal(.internal, ServiceError.internalReason) { _ = try await one(id, network) }
            try await shop.productsDB.query("ALTER TABLE elsewhere RENAME TO stock")
            #expect(try await one(id, network).price == 250)
        }
    }

    private func withNetwork(_ body: (Shop, Peers) async throws -> Void) async throws {
        try await Shop.open(Shop.Options { $0.isOnNetwork = true }) { shop in
            try await shop.overNetwork { network in try await body(shop, network) }
        }
    }

    private func one(_ id: Int64, _ network: Peers, fresh: Bool = false) async throws -> Products_Product {
        try await network.products.getOneProduct(
            .with {
                $0.id = id
                $0.fresh = fresh
            }
        ).product
    }
}
