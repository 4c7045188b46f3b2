import Events
import FoundationEssentials
import Hosting
import Redis
import ShopContracts
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@testable import Customers
@testable import Sagas

/// What gateways hear of by Redis that keep copies of carts.
@Suite(.serialized) struct CartVersionTests {
    @Test func everyChangeIsNotedBeforeItIsAnswered() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 9)
            let customers = shop.peers.customers
            var expected: Int64 = 0
            func notes(_ what: String, _ change: () async throws -> Void) async throws {
                try await change()
                expected += 1
                #expect(try await shop.cartVersion(7) == expected, "\(what)")
            }
            try await notes("add") { try await shop.addToCart(7, cup) }
            try await notes("set") { try await shop.setInCart(7, cup, 4) }
            try await notes("set to none") { try await shop.setInCart(7, cup, 0) }
            func merge() async throws -> Bool {
                try await shop.as(7) {
                    try await customers.mergeCart(
                        .with {
                            $0.userID = 7
                            $0.idempotencyKey = "guest"
                            $0.lines = [.with { ($0.productID, $0.amount) = (cup, 2) }]
                        }
                    ).replayed
                }
            }
            try await notes("merge") { _ = try await merge() }
            #expect(try await merge())
            #expect(try await shop.cartVersion(7) == expected, "an answer that is given again")
            try await notes("remove") {
                _ = try await shop.as(7) {
                    try await customers.deleteFromCart(.with { ($0.userID, $0.productID) = (7, cup) })
                }
            }
            try await notes("clear") {
                _ = try await shop.as(7) { try await customers.clearCart(.with { $0.userID = 7 }) }
            }
            #expect(try await shop.cartVersion(8) == 0)
            #expect(try await shop.cartVersion(0) == 0)
        }
    }

    @Test func purchasedLinesAreNotedForThoseWhoHadThem() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 9)
            try await shop.addToCart(7, cup, 5)
            try await shop.addToCart(9, cup, 5)
            let before = try await [shop.cartVersion(7), shop.cartVersion(9)]
            func bought(_ user: Int64, _ quantity: Int64) throws -> Envelope {
                let line = OrderEvent.Line(
                    productID: cup, sellerID: 900, name: "Cup", quantity: quantity, unitPrice: 250)
                return try Shop.message(
                    OrderEvent.confirmed,
                    OrderEvent(orderID: 12, userID: user, total: 250 * quantity, currency: "RUB", lines: [line]))
            }
            // User 8 had none of them.
            try await shop.hear(try bought(8, 1))
            // One has a line left, the other has not.
            try await shop.hear(try bought(7, 2), try bought(9, 5))
            try await eventually("both are noted") {
                let now = try await [shop.cartVersion(7), shop.cartVersion(9)]
                return now == before.map { $0 + 1 }
            }
            #expect(try await shop.cartVersion(8) == 0)
        }
    }

    @Test func hiddenProductsAreNotedForEveryCart() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 9)
            let saga = UUID()
            func hear(_ kind: SagaMessageKind, _ body: some Encodable, _ count: Int64) async throws {
                try await shop.hear(try Shop.message(ProductDeletion.definition.type(kind), body, saga: saga))
                try await eventually("it is noted") { try await shop.cartVersion(0) == count }
            }
            try await hear(
                .try, TryBody(payload: ProductDeletion.Payload(productID: cup, sellerID: 900, name: "Cup")), 1)
            try await hear(.cancel, DecisionBody(refusal: .deadlineExceeded), 2)
        }
    }
}

extension Shop {
    /// How often a user's cart was noted as changed; 0 for the user: every cart.
    fileprivate func cartVersion(_ user: Int64) async throws -> Int64 {
        guard let bytes = await redis.get("\(CachePrefix.carts)\(user):version") else { return 0 }
        return try #require(Int64(String(decoding: bytes, as: UTF8.self)))
    }
}
