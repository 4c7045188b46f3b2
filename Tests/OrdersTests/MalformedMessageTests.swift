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

/// Messages that no service of the shop sends: each goes to the dead letters at once, and the queue goes on behind it.
@Suite(.serialized) struct MalformedMessageTests {
    private static func payload(
        buyer: Int64 = 7, quantity: Int64 = 1, price: Int64 = 100, total: Int64 = 100, lines: Int = 1
    ) -> OrderPlacement.Payload {
        let line = OrderPlacement.Line(productID: 1, sellerID: 900, quantity: quantity, unitPrice: price)
        return OrderPlacement.Payload(
            orderID: 1_000_000, buyerID: buyer, currency: "RUB", total: total,
            lines: [OrderPlacement.Line](repeating: line, count: lines))
    }

    @Test func numbersThatNoOrderHasAreParked() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 1_000)
            let payloads = [
                Self.payload(quantity: .max, price: 5, total: 5), Self.payload(quantity: .min, price: 1, total: .min),
                Self.payload(quantity: -1, total: -100), Self.payload(price: -100, total: -100),
                Self.payload(quantity: 0, total: 0), Self.payload(total: 99), Self.payload(buyer: 0),
                Self.payload(total: 200, lines: 2), Self.payload(total: 0, lines: 0),
            ]
            for definition in [OrderPlacement.definition, OrderCancellation.definition] {
                for payload in payloads {
                    try await shop.publish(definition.type(.try), UUID(), TryBody(payload: payload))
                }
            }
            let admin = RabbitMQAdmin(configuration: shop.broker, logger: testLogger)
            for service in ["products", "customers"] {
                try await eventually("all lie in the dead letters of \(service)") {
                    try await admin.checkQueue("\(service).dead.v2").messages >= 2 * payloads.count
                }
                #expect(try await shop.deadLetter("\(service).dead.v2").errorClass == "undecodable")
            }
            await admin.close()
            #expect(try await shop.buy(7, product).state == "confirmed")
            try await shop.checkInvariants()
        }
    }

    @Test func aVersionThatThereHasNeverBeenIsParkedUnread() async throws {
        try await Shop.open { shop in
            try await shop.publish(OrderPlacement.definition.type(.vote), UUID(), ["schema_version": 0])
            let letter = try await shop.deadLetter("orders.dead.v2")
            #expect(letter.errorClass == "undecodable")
            #expect(letter.reason.contains("schema_version is 0"))
        }
    }

    @Test func aVersionThatComesLaterWaitsForItsProgram() async throws {
        try await Shop.open { shop in
            try await shop.publish(OrderPlacement.definition.type(.vote), UUID(), ["schema_version": 2])
            try await shop.waitForRetry(of: "orders")
        }
    }

    @Test func aTextThatNoDatabaseHoldsIsParkedAtOnce() async throws {
        try await Shop.open { shop in
            let line = OrderEvent.Line(productID: 1, sellerID: 900, name: "a\0b", quantity: 1, unitPrice: 100)
            let event = OrderEvent(orderID: 1, userID: 7, total: 100, currency: "RUB", lines: [line])
            try await shop.publish(OrderEvent.confirmed, UUID(), event)
            let letter = try await shop.deadLetter("customers.dead.v2")
            #expect(letter.errorClass == "undecodable")
        }
    }

    @Test func aCountOfAttemptsThatNobodyReachesIsTheLast() async throws {
        try await Shop.open { shop in
            // The customers cannot record their part.
            try await shop.customersDB.query(
                "ALTER TABLE saga_branches ADD CONSTRAINT broken CHECK (state = 'claimed')")
            var envelope = try Shop.message(
                OrderPlacement.definition.type(.try), TryBody(payload: Self.payload()), saga: UUID())
            envelope.attempt = .max
            try await shop.announce([envelope], to: "customers.inbox.v2")
            let letter = try await shop.deadLetter("customers.dead.v2")
            #expect(letter.errorClass == "exhausted")
        }
    }
}
