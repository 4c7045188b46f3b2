import Events
import FoundationEssentials
import Hosting
import Postgres
import RabbitMQ
import ShopContracts
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@testable import Customers

@Suite(.serialized) struct NotificationTests {
    /// An order of user 7: two cups of seller 900, and a pot and a lid of seller 901.
    static func order(_ id: Int64 = 12, reason: EventReason? = nil) -> OrderEvent {
        OrderEvent(
            orderID: id, userID: 7, total: 1_250, currency: "RUB",
            lines: [
                .init(productID: 1, sellerID: 900, name: "Cup", quantity: 2, unitPrice: 250),
                .init(productID: 2, sellerID: 901, name: "Pot", quantity: 1, unitPrice: 700),
                .init(productID: 3, sellerID: 901, name: "Lid", quantity: 1, unitPrice: 50),
            ], reason: reason)
    }

    @Test func everyoneConcernedIsToldInOneSentence() async throws {
        try await Shop.open { shop in
            let reason = EventReason(code: "out_of_stock", message: "product 1 is sold out")
            let product = ProductEvent(productID: 5, sellerID: 900, name: "Jug")
            var kept = product
            kept.reason = EventReason(code: "product_held", message: "an order holds it")
            let review = ReviewEvent(
                reviewID: 4, productID: 1, productName: "Cup", sellerID: 900, userID: 7, evaluation: 4)
            // One after the other: two replicas keep no order between messages that come together.
            for message in [
                try Shop.message(OrderEvent.confirmed, Self.order()),
                try Shop.message(OrderEvent.rejected, Self.order(13, reason: reason)),
                try Shop.message(OrderEvent.cancellationRefused, Self.order(reason: reason)),
                try Shop.message(OrderEvent.cancelled, Self.order()),
                try Shop.message(ReviewEvent.posted, review),
                try Shop.message(ProductEvent.kept, kept),
                try Shop.message(ProductEvent.deleted, product),
            ] { try await shop.hear(message) }
            let buyers = try await shop.notifications(7)
            #expect(
                buyers.map(\.kind) == ["order_confirmed", "order_rejected", "cancellation_refused", "order_cancelled"])
            #expect(
                buyers.map(\.text) == [
                    "Your order 12 for 12.50 RUB is confirmed.",
                    "Your order 13 was rejected: product 1 is sold out.",
                    "Your order 12 could not be cancelled: product 1 is sold out.",
                    "Your order 12 was cancelled, and 12.50 RUB went back to your balance.",
                ])
            #expect(buyers.map(\.sequence) == [1, 2, 3, 4])
            #expect(buyers.map(\.orderID) == [12, 13, 12, 12])
            let sellers = try await shop.notifications(900)
            #expect(
                sellers.map(\.kind) == [
                    "product_sold", "sale_cancelled", "review_posted", "product_kept", "product_deleted",
                ])
            #expect(
                sellers.map(\.text) == [
                    "You sold 2 × Cup for 5.00 RUB in order 12.",
                    "Order 12 was cancelled, and 5.00 RUB for 2 × Cup went back.",
                    "Your product Cup has a new review with 4 of 5.",
                    "Your product Jug was not deleted: an order holds it.",
                    "Your product Jug was deleted.",
                ])
            #expect(sellers.map(\.productID) == [1, 1, 1, 5, 5])
            let others = try await shop.notifications(901)
            #expect(
                others.map(\.text) == [
                    "You sold 2 products for 7.50 RUB in order 12.",
                    "Order 12 was cancelled, and 7.50 RUB for 2 products went back.",
                ])
            #expect(others.map(\.productID) == [0, 0])
            let first = try #require(buyers.first)
            #expect(first.createdAt.hasPrefix("\(first.date)T\(first.time)"))
        }
    }

    @Test func aMessageThatComesTwiceIsToldOnce() async throws {
        try await Shop.open { shop in
            let message = try Shop.message(OrderEvent.confirmed, Self.order())
            try await shop.fillCart(7, lines: 1)
            try await shop.customersDB.query("UPDATE cart_lines SET product_id = 1, amount = 5")
            let wakes = try await shop.tapping([NotificationEvent.created]) { tap in
                // In one batch, and in one of its own.
                try await shop.hear(message, message)
                try await shop.hear(message)
                func wakes() throws -> Int {
                    try tap.messages.filter { try $0.decode(NotificationEvent.self).userID == 7 }.count
                }
                try await eventually("others are woken") { try wakes() > 0 }
                return try wakes()
            }
            #expect(try await shop.notifications(7).count == 1)
            #expect(try await shop.notifications(900).count == 1)
            #expect(try await shop.number("SELECT coalesce(max(amount), 0) FROM cart_lines", shop.customersDB) == 3)
            #expect(wakes == 1)
        }
    }

    @Test func whatCannotBeReadHoldsNothingUp() async throws {
        try await Shop.open { shop in
            try await shop.hear(
                try Shop.message(OrderEvent.rejected, ["order_id": "twelve"]),
                try Shop.message(OrderEvent.rejected, Self.order(13)))
            #expect(try await shop.notifications(7).map(\.orderID) == [13])
            let admin = RabbitMQAdmin(configuration: shop.broker, logger: testLogger)
            let letter = try await eventuallyValue("a dead letter") {
                try await admin.get(queue: CustomersRole.topology.dead, limit: 1).first
            }
            await admin.close()
            #expect(DeadLetter(letter).errorClass == "undecodable")
        }
    }

    @Test func whatWasBoughtLeavesTheCart() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 9)
            let pot = try await shop.sell(price: 250, amount: 9)
            for product in [cup, pot] { try await shop.addToCart(7, product, 2) }
            try await shop.addToCart(8, cup)
            try await shop.topUp(7, 10_000)
            let rejected = try await shop.buy(7, cup, quantity: 10)
            #expect(rejected.state == "rejected")
            try await eventually("the rejection was told") { try await shop.notifications(7).count == 1 }
            #expect(try await shop.cart(7).lines.map(\.amount) == [2, 2])
            #expect(try await shop.buy(7, cup, quantity: 1).state == "confirmed")
            try await eventually("a unit left") { try await shop.cart(7).lines.map(\.amount) == [1, 2] }
            #expect(try await shop.buy(7, cup, quantity: 4).state == "confirmed")
            try await eventually("the line left") { try await shop.cart(7).productIds == [pot] }
            #expect(try await shop.cart(8).lines.map(\.amount) == [1])
            #expect(
                try await shop.notifications(7).map(\.kind) == ["order_rejected", "order_confirmed", "order_confirmed"])
            #expect(try await shop.notifications(900).map(\.kind) == ["product_sold", "product_sold"])
        }
    }

    @Test func manyAtOnceGetSequencesWithoutAGap() async throws {
        try await Shop.open { shop in
            let transactor = Transactor(database: shop.customersDB, outboxWake: Wake())
            let store = NotificationStore(database: shop.customersDB)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        // Each in another order of users: only locks taken in one order do not meet head on.
                        let users: [Int64] = task.isMultiple(of: 2) ? [7, 8, 9] : [9, 8, 7]
                        for _ in 0..<10 {
                            try await transactor.run { work in
                                let notices = (users + users).map {
                                    Notice(userID: $0, kind: .productDeleted, text: "Gone.")
                                }
                                _ = try await store.write(notices, in: work.transaction)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            for user in [7, 8, 9] as [Int64] {
                #expect(try await shop.notifications(user).map(\.sequence) == Array(1...160))
            }
        }
    }

    @Test func pagesFollowTheSequence() async throws {
        try await Shop.open { shop in
            for id in 1...5 as ClosedRange<Int64> {
                try await shop.hear(try Shop.message(OrderEvent.rejected, Self.order(id)))
            }
            #expect(try await shop.notifications(7, after: 1, pageSize: 2).map(\.orderID) == [2, 3])
            #expect(try await shop.notifications(7, after: 5).isEmpty)
            #expect(
                try await refusal { _ = try await shop.notifications(7, after: -1) } == "invalid_argument invalid_after"
            )
            #expect(
                try await refusal { _ = try await shop.notifications(7, pageSize: 1_001) }
                    == "invalid_argument invalid_page_size")
            let notifications = shop.peers.notifications
            func list(as user: Int64, _ role: ShopRole) async throws {
                _ = try await shop.as(user, role) {
                    try await notifications.getUserNotifications(.with { $0.userID = 7 })
                }
            }
            #expect(try await refusal { try await list(as: 8, .customer) } == "permission_denied not_owner")
            #expect(try await refusal { try await list(as: 1, .admin) } == "ok")
        }
    }

    @Test func whoNamesNoPlaceSeesTheLatest() async throws {
        try await Shop.open { shop in
            _ = try await shop.customersDB.batch([
                "INSERT INTO notification_counters (user_id, last_sequence) VALUES (7, 1001)",
                """
                INSERT INTO notifications (user_id, sequence, kind, text)
                SELECT 7, n, 'order_confirmed', 'x' FROM generate_series(1, 1001) n
                """,
            ])
            #expect(try await shop.notifications(7).map(\.sequence) == Array(2...1001))
            #expect(try await shop.notifications(7, pageSize: 2).map(\.sequence) == [1, 2])
        }
    }

    @Test func oldNotificationsGoAndTheSequenceGoesOn() async throws {
        try await Shop.open { shop in
            for id in 1...3 as ClosedRange<Int64> {
                try await shop.hear(try Shop.message(OrderEvent.rejected, Self.order(id)))
            }
            try await shop.customersDB.query(
                "UPDATE notifications SET created_at = now() - interval '91 days' WHERE sequence <= 2")
            try await shop.customersDB.query(NotificationStore.pruning)
            #expect(try await shop.notifications(7).map(\.sequence) == [3])
            try await shop.customersDB.query("UPDATE notifications SET created_at = now() - interval '91 days'")
            try await shop.customersDB.query(NotificationStore.pruning)
            try await shop.hear(try Shop.message(OrderEvent.rejected, Self.order(4)))
            #expect(try await shop.notifications(7).map(\.sequence) == [4])
        }
    }

    @Test func amountsThatDoNotFitAreNotTold() throws {
        let order = OrderEvent(
            orderID: 1, userID: 7, total: 1, currency: "RUB",
            lines: [.init(productID: 1, sellerID: 900, name: "Cup", quantity: 3, unitPrice: .max)])
        #expect(throws: MessageRejection.self) { try ShopEvent.orderConfirmed(order).notices }
    }
}
