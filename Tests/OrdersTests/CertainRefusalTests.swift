import Events
import FoundationEssentials
import Postgres
import RabbitMQ
import Sagas
import ShopContracts
import ShopHarness
import ShopProtos
import TestSupport
import Testing

/// A refusal is voted only on what is certain.
@Suite(.serialized) struct CertainRefusalTests {
    /// The buyer cancels while the order's own capture is still on its way: the sellers' money is not missing, it has
    /// not come yet.
    @Test func aCancellationWaitsForItsOrdersOwnCapture() async throws {
        var timing = Shop.timing
        timing.firstResend = .seconds(1)
        try await Shop.open(timing: timing) { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            let admin = RabbitMQAdmin(configuration: shop.broker, logger: testLogger)
            let confirm = OrderPlacement.definition.type(.confirm)
            try await admin.unbind(
                queue: "customers.inbox.v2", exchange: Topology.eventsExchange, routingKey: confirm)
            let order = try await shop.buy(7, product)
            #expect(order.state == "confirmed")
            #expect(try await shop.cancel(7, order.id).state == "cancelling")
            try await shop.waitForRetry(of: "customers")
            #expect(try await shop.order(7, order.id).state == "cancelling")
            #expect(
                try await shop.number(
                    "SELECT count(*) FROM saga_branches WHERE saga_name = 'order-cancellation'", shop.customersDB) == 0,
                "nothing is kept of what is not decided")
            try await admin.bind(queue: "customers.inbox.v2", exchange: Topology.eventsExchange, routingKey: confirm)
            await admin.close()
            #expect(try await shop.outcome(7, order.id).state == "cancelled")
            try await shop.checkInvariants()
            #expect(try await shop.balance(7) == (100, 0))
            #expect(try await shop.balance(900) == (0, 0))
            #expect(try await shop.stock(product) == 5)
        }
    }

    /// What a seller has besides is enough: nobody waits for a capture that does not matter.
    @Test func aSellerWithMoneyIsNotWaitedFor() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(900, 100)
            let payload = OrderCancellation.Payload(
                orderID: 1, buyerID: 7, currency: "RUB", total: 100,
                lines: [.init(productID: product, sellerID: 900, quantity: 1, unitPrice: 100)])
            let saga = UUID()
            try await shop.recordSaga(OrderCancellation.definition, saga, payload)
            try await shop.tryBranch(OrderCancellation.definition, saga, payload)
            #expect(try await shop.balance(900) == (0, 100))
        }
    }
}
