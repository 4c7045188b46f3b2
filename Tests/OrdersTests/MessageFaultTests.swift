import FoundationEssentials
import Postgres
import RabbitMQ
import ShopContracts
import ShopHarness
import ShopProtos
import TestSupport
import Testing

@testable import Events
@testable import Sagas

@Suite(.serialized) struct MessageFaultTests {
    /// How many participants have refused their part in a saga.
    private static func refusals(_ tap: MessageTap, _ definition: SagaDefinition, _ saga: UUID) throws -> Int {
        let votes = try tap.messages(definition.type(.vote), of: saga).map { try $0.decode(VoteBody.self) }
        return Set(votes.filter { $0.verdict == .refused }.map(\.participant)).count
    }

    @Test func everyMessageTwiceHasTheEffectOfOnce() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 250)
            let states = try await shop.repeatingMessages {
                var states: [String] = []
                for _ in 0..<4 { states.append(try await shop.outcome(7, shop.place(7, product).order.id).state) }
                return states
            }
            #expect(states == ["confirmed", "confirmed", "rejected", "rejected"])
            try await shop.checkInvariants()
            #expect(try await shop.balance(7) == (50, 0))
            #expect(try await shop.number("SELECT amount FROM products", shop.productsDB) == 3)
            try await shop.checkMessageIDs()
        }
    }

    @Test func everyMessageOfACancellationTwiceHasTheEffectOfOnce() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 9)
            try await shop.topUp(7, 300)
            let states = try await shop.repeatingMessages {
                let orders = [try await shop.buy(7, product), try await shop.buy(7, product)]
                var states = [try await shop.callOff(7, orders[0].id).state]
                // The seller spends what is left: the second cancellation is refused.
                let cup = try await shop.sell(price: 100, amount: 1, seller: 901)
                try await eventually("the seller has it") { try await shop.balance(900) == (100, 0) }
                states.append(try await shop.buy(900, cup).state)
                let refused = try await shop.callOff(7, orders[1].id)
                states += [refused.state, refused.cancellationReason]
                return states
            }
            #expect(states == ["cancelled", "confirmed", "confirmed", "seller_funds_missing"])
            try await shop.checkInvariants()
            #expect(try await shop.balance(7) == (200, 0))
            #expect(try await shop.balance(900) == (0, 0))
            #expect(try await shop.stock(product) == 8)
            try await shop.checkMessageIDs()
        }
    }

    @Test func aCancellationsCancelBeforeItsTryLeavesATombstone() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(900, 1_000)
            let saga = UUID()
            let definition = OrderCancellation.definition
            try await shop.publish(definition.type(.cancel), saga, DecisionBody(refusal: .deadlineExceeded))
            for database in [shop.productsDB, shop.customersDB] {
                try await eventually("the tombstone stands") {
                    try await shop.number("SELECT count(*) FROM saga_branches WHERE state = 'cancelled'", database) == 1
                }
            }
            let payload = OrderCancellation.Payload(
                orderID: 1, buyerID: 7, currency: "RUB", total: 100,
                lines: [.init(productID: product, sellerID: 900, quantity: 1, unitPrice: 100)])
            try await shop.tapping { tap in
                try await shop.publish(definition.type(.try), saga, TryBody(payload: payload))
                try await eventually("the late try was refused") { try Self.refusals(tap, definition, saga) == 2 }
            }
            #expect(try await shop.balance(900) == (1_000, 0))
            #expect(try await shop.stock(product) == 5)
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
            try await shop.tapping { tap in
                try await shop.publish(definition.type(.try), saga, TryBody(payload: payload))
                try await eventually("the late try was refused") { try Self.refusals(tap, definition, saga) == 2 }
            }
            #expect(try await shop.number("SELECT count(*) FROM reservations", shop.productsDB) == 0)
            #expect(try await shop.number("SELECT reserved FROM products", shop.productsDB) == 0)
            #expect(
                try await shop.number("SELECT count(*) FROM ledger_transactions WHERE kind = 'hold'", shop.customersDB)
                    == 0)
            #expect(try await shop.balance(7) == (1_000, 0))
        }
    }

    @Test func aMessageForOthersIsLeftToThem() async throws {
        try await Shop.open { shop in
            let saga = UUID()
            try await shop.publish(OrderPlacement.definition.type(.cancel), saga, DecisionBody(to: ["customers"]))
            try await eventually("the tombstone stands") {
                try await shop.number("SELECT count(*) FROM saga_branches", shop.customersDB) == 1
            }
            // What comes behind it is handled.
            try await shop.publish(OrderPlacement.definition.type(.cancel), UUID(), DecisionBody())
            try await eventually("the other tombstone stands") {
                try await shop.number("SELECT count(*) FROM saga_branches", shop.productsDB) == 1
            }
            #expect(
                try await shop.number("SELECT count(*) FROM saga_branches WHERE saga_id = \(saga)", shop.productsDB)
                    == 0)
        }
    }

    @Test func confirmNeverCreates() async throws {
        try await Shop.open { shop in
            try await shop.publish(OrderPlacement.definition.type(.confirm), UUID(), DecisionBody())
            let letter = try await shop.deadLetter("products.dead.v2")
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
            let message = WireFormat.message(envelope, exchange: "", routingKey: "products.inbox.v2")
            #expect(try await publisher.publish(message) == .confirmed)
            await publisher.close()
            let letter = try await shop.deadLetter("products.dead.v2")
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

extension Shop {
    /// While the body runs, whatever was published is published again, and once more when all is over. The same message
    /// has the same id, however often it was sent.
    fileprivate func repeatingMessages<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await tapping { tap in
            let publishAgain = { @Sendable () async throws in
                for database in [productsDB, ordersDB, customersDB] {
                    try await database.query("UPDATE outbox SET published_at = NULL")
                }
                // Past the exchange, so that the tap hears no echo.
                for service in Shop.topology.services {
                    let own = tap.messages.filter { service.bindings.contains($0.type) }
                    let different = Dictionary(own.map { ([Array($0.messageID.uuidString.utf8), $0.body], $0) }) { $1 }
                    if !own.isEmpty { try await announce(Array(different.values), to: service.inbox) }
                }
            }
            let repeating = Task {
                while !Task.isCancelled {
                    try await publishAgain()
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            defer { repeating.cancel() }
            let result = try await body()
            repeating.cancel()
            _ = await repeating.result
            try await settle()
            try await publishAgain()
            try await settle()
            let same = Dictionary(grouping: tap.messages) {
                "\($0.appID) \($0.type) \($0.correlationID?.uuidString ?? "") \(String(decoding: $0.body, as: UTF8.self))"
            }
            #expect(!same.isEmpty)
            for (what, messages) in same { #expect(Set(messages.map(\.messageID)).count == 1, "\(what)") }
            return result
        }
    }

    /// The same message has the same id, however often it was sent.
    fileprivate func checkMessageIDs() async throws {
        for database in [productsDB, ordersDB, customersDB] {
            #expect(
                try await number(
                    """
                    SELECT count(*) FROM (
                        SELECT FROM outbox GROUP BY correlation_id, type, body::text
                        HAVING count(DISTINCT message_id) > 1
                    ) repeated
                    """, database) == 0)
        }
    }
}
