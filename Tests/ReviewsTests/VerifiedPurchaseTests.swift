import Events
import FoundationEssentials
import Postgres
import ShopContracts
import ShopHarness
import ShopProtos
import TestSupport
import Testing

@Suite(.serialized) struct VerifiedPurchaseTests {
    @Test func aPurchaseMarksReviewsWrittenBeforeAndAfter() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            let other = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 1_000)
            try await shop.review(7, product, 4)
            try await shop.review(7, other, 4)
            try await shop.review(8, product, 4)
            #expect(try await shop.verified(product).isEmpty)
            #expect(try await shop.buy(7, product).state == "confirmed")
            try await eventually("the mark") { try await shop.verified(product) == [7] }
            #expect(try await shop.verified(other).isEmpty)
            try await shop.topUp(9, 1_000)
            #expect(try await shop.buy(9, product).state == "confirmed")
            try await shop.settle()
            try await shop.review(9, product, 5)
            try await eventually("the second mark") { try await shop.verified(product) == [9, 7] }
            #expect(try await shop.page(product).reviews.filter(\.verifiedPurchase).map(\.userID) == [9, 7])
        }
    }

    @Test func whoBuysTheirOwnProductHasVerifiedNothing() async throws {
        try await Shop.open { shop in
            let own = try await shop.sell(price: 100, amount: 5, seller: 7)
            let other = try await shop.sell(price: 100, amount: 5)
            for user in [7, 8] as [Int64] { try await shop.topUp(user, 1_000) }
            for (user, product) in [(7, own), (7, other), (8, own)] as [(Int64, Int64)] {
                try await shop.review(user, product, 5)
                #expect(try await shop.buy(user, product).state == "confirmed")
            }
            try await eventually("the others' purchases are known") {
                let ofOther = try await shop.verified(other)
                return try await shop.verified(own) == [8] && ofOther == [7]
            }
            #expect(try await shop.number("SELECT count(*) FROM purchases", shop.reviewsDB) == 2)
        }
    }

    @Test func aRejectedOrderIsNoPurchase() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.review(7, product, 4)
            #expect(try await shop.buy(7, product).state == "rejected")
            try await shop.settle()
            #expect(try await shop.verified(product).isEmpty)
        }
    }

    @Test func oneOfTwoOrdersCancelledKeepsTheMark() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.review(7, product, 4)
            try await shop.hear(OrderEvent.confirmed, order: 1, of: product, by: 7)
            try await shop.hear(OrderEvent.confirmed, order: 2, of: product, by: 7)
            #expect(try await shop.verified(product) == [7])
            try await shop.hear(OrderEvent.cancelled, order: 1, of: product, by: 7)
            #expect(try await shop.verified(product) == [7])
            try await shop.hear(OrderEvent.cancelled, order: 2, of: product, by: 7)
            #expect(try await shop.verified(product).isEmpty)
        }
    }

    @Test func messagesTwiceAndLateHaveTheEffectOfOnceAndInTime() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.review(7, product, 4)
            // Each message twice, and the confirmation once more as another message.
            let (confirmation, cancellation) = (UUID(), UUID())
            for _ in 0..<2 { try await shop.hear(OrderEvent.confirmed, confirmation, order: 1, of: product, by: 7) }
            try await shop.hear(OrderEvent.confirmed, order: 1, of: product, by: 7)
            #expect(try await shop.number("SELECT count(*) FROM purchases", shop.reviewsDB) == 1)
            #expect(try await shop.verified(product) == [7])
            for _ in 0..<2 { try await shop.hear(OrderEvent.cancelled, cancellation, order: 1, of: product, by: 7) }
            #expect(try await shop.verified(product).isEmpty)
            try await shop.hear(OrderEvent.confirmed, confirmation, order: 1, of: product, by: 7)
            try await shop.hear(OrderEvent.confirmed, order: 1, of: product, by: 7)
            #expect(try await shop.verified(product).isEmpty)
            // A cancellation that overtakes its confirmation.
            try await shop.hear(OrderEvent.cancelled, order: 2, of: product, by: 7)
            try await shop.hear(OrderEvent.confirmed, order: 2, of: product, by: 7)
            #expect(try await shop.verified(product).isEmpty)
            #expect(
                try await shop.number("SELECT count(*) FROM inbox WHERE consumer = 'reviews.purchases'", shop.reviewsDB)
                    == 6)
        }
    }

    @Test func aMessageIsHandledOnceWhateverItSaysTheSecondTime() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            let id = UUID()
            try await shop.hear(OrderEvent.confirmed, id, order: 1, of: product, by: 7)
            try await shop.hear(OrderEvent.confirmed, id, order: 2, of: product, by: 8)
            try await shop.hear(OrderEvent.cancelled, id, order: 1, of: product, by: 7)
            #expect(try await shop.number("SELECT count(*) FROM purchases", shop.reviewsDB) == 1)
            #expect(try await shop.number("SELECT count(*) FROM cancelled_orders", shop.reviewsDB) == 0)
        }
    }

    @Test func anEventThatCannotBeReadIsParked() async throws {
        try await Shop.open { shop in
            try await shop.publish(OrderEvent.confirmed, UUID(), ["order_id": "one"])
            let letter = try await shop.deadLetter("reviews.dead.v2")
            #expect(letter.errorClass == "undecodable")
            #expect(try await shop.number("SELECT count(*) FROM inbox", shop.reviewsDB) == 0)
        }
    }
}

extension Shop {
    /// The authors of a product's reviews that have the mark, the latest first.
    fileprivate func verified(_ product: Int64) async throws -> [Int64] {
        try await reviews(product).filter(\.verifiedPurchase).map(\.userID)
    }

    /// Publishes what becomes of an order, and waits until it has been handled.
    fileprivate func hear(
        _ type: String, _ messageID: UUID = UUID(), order: Int64, of product: Int64, by user: Int64
    ) async throws {
        // A line for each of two units: one purchase.
        let line = OrderEvent.Line(productID: product, sellerID: 900, name: "Teapot", quantity: 1, unitPrice: 100)
        let event = OrderEvent(orderID: order, userID: user, total: 200, currency: "RUB", lines: [line, line])
        try await publish(type, UUID(), messageID: messageID, event)
        let markers = (0..<2 * replicas.count).map { _ in UUID() }
        // The broker deals to the replicas in turn: another order's event behind it, at each of them, is handled after it.
        for marker in markers {
            try await publish(
                OrderEvent.confirmed, UUID(), messageID: marker,
                OrderEvent(orderID: .max, userID: .max, total: 0, currency: "RUB", lines: []))
        }
        try await eventually("the event was handled") {
            try await number("SELECT count(*) FROM inbox WHERE message_id = ANY(\(markers)::uuid[])", reviewsDB)
                == Int64(markers.count)
        }
        try await reviewsDB.query("DELETE FROM inbox WHERE message_id = ANY(\(markers)::uuid[])")
    }
}
