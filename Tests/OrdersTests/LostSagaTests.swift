import Events
import FoundationEssentials
import Hosting
import Postgres
import RabbitMQ
import ShopContracts
import ShopHarness
import ShopProtos
import TestSupport
import Testing

@testable import Sagas

/// A coordinator that has lost a saga's row, or never had it, does not leave its participants waiting.
@Suite(.serialized) struct LostSagaTests {
    private static func payload(_ product: Int64) -> OrderPlacement.Payload {
        .init(
            orderID: 1_000_000, buyerID: 7, currency: "RUB", total: 100,
            lines: [.init(productID: product, sellerID: 900, quantity: 1, unitPrice: 100)])
    }

    @Test func aVoteForAnUnknownSagaIsAnsweredWithCancel() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            let saga = UUID()
            let definition = OrderPlacement.definition
            try await shop.publish(definition.type(.try), saga, TryBody(payload: Self.payload(product)))
            for database in [shop.productsDB, shop.customersDB] {
                try await eventually("the branch was taken back") {
                    try await shop.number(
                        "SELECT count(*) FROM saga_branches WHERE saga_id = \(saga) AND state = 'cancelled'", database)
                        == 1
                }
            }
            #expect(try await shop.balance(7) == (100, 0))
            #expect(try await shop.number("SELECT reserved FROM products", shop.productsDB) == 0)
            // What the participants report of it is dropped, as is what anybody else does.
            try await shop.publish(definition.type(.done), UUID(), DoneBody(participant: "products", decision: .cancel))
            #expect(try await shop.buy(7, product).state == "confirmed")
            let admin = RabbitMQAdmin(configuration: shop.broker, logger: testLogger)
            for service in ["orders", "products", "customers"] {
                try await eventually("nothing waits for \(service)") {
                    try await admin.checkQueue("\(service).inbox.v2").messages == 0
                }
                #expect(try await admin.checkQueue("\(service).dead.v2").messages == 0, "\(service)")
            }
            await admin.close()
            #expect(try await shop.number("SELECT count(*) FROM sagas", shop.ordersDB) == 1)
        }
    }

    /// The others of the batch are decided all the same.
    @Test func aSagaThatIsKnownIsDecidedBesideOneThatIsNot() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            let definition = OrderPlacement.definition
            let (known, unknown) = (UUID(), UUID())
            try await shop.recordSaga(definition, known, Self.payload(product))
            let coordinator = SagaCoordinator(
                definition, timing: SagaTiming(ShopConfiguration.standard), handler: Nobody(), logger: testLogger)
            let votes = try [known, unknown, unknown].map {
                try Shop.message(definition.type(.vote), VoteBody(participant: "products", vote: .accepted), saga: $0)
            }
            try await Transactor(database: shop.ordersDB, outboxWake: Wake()).run { work in
                try await coordinator.handle(votes, in: work)
            }
            #expect(
                try await shop.number(
                    "SELECT count(*) FROM saga_participants WHERE saga_id = \(known) AND vote = 'accepted'",
                    shop.ordersDB) == 1)
            #expect(
                try await shop.number(
                    "SELECT count(*) FROM outbox WHERE type = \(definition.type(.cancel)) AND correlation_id = \(unknown)",
                    shop.ordersDB) == 1)
        }
    }

    /// A try that comes again when its tombstone is forgotten has an effect anew; the coordinator has it taken back.
    @Test func whoDoesItsPartAgainAfterTheEndIsToldToTakeItBack() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            let order = try await shop.buy(7, product, quantity: 2)
            #expect(order.reason == "insufficient_funds")
            try await shop.settle()
            let saga = try #require(UUID(uuidString: order.sagaID))
            try await shop.productsDB.query("DELETE FROM saga_branches")
            try await shop.productsDB.query("DELETE FROM reservations")
            var payload = Self.payload(product)
            payload.orderID = order.id
            try await shop.publish(
                OrderPlacement.definition.type(.try), saga, TryBody(payload: payload), to: "products.inbox.v2")
            try await eventually("it was taken back") {
                try await shop.number(
                    "SELECT count(*) FROM saga_branches WHERE saga_id = \(saga) AND state = 'cancelled'",
                    shop.productsDB) == 1
            }
            #expect(try await shop.number("SELECT reserved FROM products", shop.productsDB) == 0)
            try await shop.checkInvariants()
        }
    }
}

/// Turns nothing.
struct Nobody: SagaDecisionHandler {
    func decided(_ outcomes: [SagaOutcome], in work: UnitOfWork) async throws {}
}
