import FoundationEssentials
import Postgres
import RabbitMQ
import ShopHarness
import ShopProtos
import TestSupport
import Testing

@testable import Events
@testable import Sagas

@Suite(.serialized) struct MessageFaultTests {
    @Test func everyMessageTwiceHasTheEffectOfOnce() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 250)
            // While the sagas run, whatever was published is published again.
            let repeating = Task {
                while !Task.isCancelled {
                    for database in [shop.productsDB, shop.ordersDB, shop.customersDB] {
                        try await database.query("UPDATE outbox SET published_at = NULL")
                    }
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            var states: [String] = []
            for _ in 0..<4 { states.append(try await shop.outcome(7, shop.place(7, product).order.id).state) }
            repeating.cancel()
            _ = await repeating.result
            #expect(states == ["confirmed", "confirmed", "rejected", "rejected"])
            try await shop.settle()
            // And once more, when all is over.
            for database in [shop.productsDB, shop.ordersDB, shop.customersDB] {
                try await database.query("UPDATE outbox SET published_at = NULL")
            }
            try await shop.checkInvariants()
            #expect(try await shop.balance(7) == (50, 0))
            #expect(try await shop.number("SELECT amount FROM products", shop.productsDB) == 3)
            // The same message has the same id, however often it was sent.
            #expect(
                try await shop.number(
                    """
                    SELECT count(*) FROM (
                        SELECT correlation_id, type, body::text FROM outbox GROUP BY 1, 2, 3 HAVING count(DISTINCT message_id) > 1
                    ) repeated
                    """, shop.productsDB) == 0)
        }
    }

    @Test func cancelBeforeTryLeavesATombstone() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 1_000)
            let saga = UUID()
            let definition = OrderPlacement.definition
            try await shop.publish(definition.type(.cancel), saga, DecisionBody(refusal: .deadlineExceeded))
            try await eventually("both tombstones stand") {
                for database in [shop.productsDB, shop.customersDB] {
                    guard
                        try await shop.number("SELECT count(*) FROM saga_branches WHERE state = 'cancelled'", database)
                            == 1
                    else { return false }
                }
                return true
            }
            let payload = OrderPlacement.Payload(
                orderID: 1, buyerID: 7, currency: "RUB", total: 100,
                lines: [.init(productID: product, sellerID: 900, quantity: 1, unitPrice: 100)])
            try await shop.publish(definition.type(.try), saga, TryBody(payload: payload))
            try await eventually("the late try was refused") {
                for database in [shop.productsDB, shop.customersDB] {
                    guard
                        try await shop.number("SELECT count(*) FROM outbox WHERE type LIKE '%.vote'", database) == 1
                    else { return false }
                }
                return true
            }
            #expect(try await shop.number("SELECT count(*) FROM reservations", shop.productsDB) == 0)
            #expect(try await shop.number("SELECT reserved FROM products", shop.productsDB) == 0)
            #expect(
                try await shop.number("SELECT count(*) FROM ledger_transactions WHERE kind = 'hold'", shop.customersDB)
                    == 0)
            #expect(try await shop.balance(7) == (1_000, 0))
        }
    }

    @Test func confirmNeverCreates() async throws {
        try await Shop.open { shop in
            try await shop.publish(OrderPlacement.definition.type(.confirm), UUID(), DecisionBody())
            let letter = try await shop.deadLetter("products.dead.v1")
            #expect(letter.errorClass == "protocol_violation")
            #expect(try await shop.number("SELECT count(*) FROM saga_branches", shop.productsDB) == 0)
        }
    }

    @Test func anUndecodableMessageParksWithItsReason() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 1_000)
            let publisher = RabbitMQPublisher(configuration: shop.broker, logger: testLogger)
            let envelope = Envelope(
                messageID: UUID(), type: OrderPlacement.definition.type(.try), correlationID: UUID(), appID: "test",
                timestamp: Date(), body: Array("no json".utf8))
            let message = WireFormat.message(envelope, exchange: "", routingKey: "products.inbox.v1")
            #expect(try await publisher.publish(message) == .confirmed)
            await publisher.close()
            let letter = try await shop.deadLetter("products.dead.v1")
            #expect(letter.errorClass == "undecodable")
            #expect(letter.reason.contains("not JSON"))
            #expect(letter.service == "products")
            // The queue goes on behind it.
            #expect(try await shop.outcome(7, shop.place(7, product).order.id).state == "confirmed")
            try await shop.checkInvariants()
        }
    }

    @Test func undecidedAtTheDeadlineIsCancelled() async throws {
        var timing = Shop.timing
        timing.deadline = .zero
        try await Shop.open(timing: timing) { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 1_000)
            // Whoever is first, sweeper or votes, there is one decision and everybody follows it.
            for _ in 0..<10 {
                let order = try await shop.outcome(7, shop.place(7, product).order.id)
                #expect(
                    order.state == "confirmed" || order.reason == "deadline_exceeded" || order.reason == "out_of_stock")
            }
            try await shop.checkInvariants()
        }
    }
}
