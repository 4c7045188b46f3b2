import FoundationEssentials
import Hosting
import Postgres
import RabbitMQ
import ShopContracts
import ShopHarness
import ShopProtos
import TestSupport
import Testing

@testable import Events
@testable import Products
@testable import Sagas

/// The times that an operator is told of a participant's deeds.
@Suite struct DeedTimeTests {
    /// A decision that is heard again does not move the time of the deed.
    @Test func aDeedKeepsItsTime() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 200)
            let payload = OrderPlacement.Payload(
                orderID: 1_000_000, buyerID: 7, currency: "RUB", total: 100,
                lines: [.init(productID: product, sellerID: 900, quantity: 1, unitPrice: 100)])
            let saga = UUID()
            try await shop.recordSaga(OrderPlacement.definition, saga, payload)
            try await shop.tryBranch(OrderPlacement.definition, saga, payload)
            func deed() async throws -> Date? {
                let branch = try await SagaReader.branch(of: saga, participant: "products", in: shop.productsDB)
                return branch?.state == .confirmed ? branch?.updatedAt : nil
            }
            let confirm = OrderPlacement.definition.type(.confirm)
            try await shop.publish(confirm, saga, DecisionBody())
            let first = try await eventuallyValue("it is carried out") { try await deed() }
            try await shop.productsDB.query("UPDATE saga_branches SET updated_at = updated_at - interval '1 year'")
            try await shop.publish(confirm, saga, DecisionBody())
            try await eventually("it is heard again") {
                try await shop.number(
                    "SELECT count(*) FROM saga_branches WHERE updated_at > now() - interval '1 day'", shop.productsDB)
                    == 1
            }
            #expect(try await deed() == first)
        }
    }
}
