import Events
import FoundationEssentials
import Hosting
import Postgres
import ShopContracts
import ShopHarness
import ShopProtos
import TestSupport
import Testing

@testable import Products
@testable import Sagas

/// Tables that only grow are pruned, and what is forgotten cannot happen again.
@Suite(.serialized) struct RetentionTests {
    private static let age: Duration = .seconds(30 * 86_400)

    @Test func whatIsOverAndOldGoesAndWhatIsNotStays() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 9)
            try await shop.topUp(7, 300)
            for _ in 0..<2 { #expect(try await shop.buy(7, product).state == "confirmed") }
            let payload = OrderPlacement.Payload(
                orderID: 1_000_000, buyerID: 7, currency: "RUB", total: 100,
                lines: [.init(productID: product, sellerID: 900, quantity: 1, unitPrice: 100)])
            try await shop.settle()
            let open = UUID()
            try await shop.recordSaga(OrderPlacement.definition, open, payload)
            try await shop.tryBranch(OrderPlacement.definition, open, payload)
            // A month passes, but for the second order.
            let young = try await shop.ordersDB.query("SELECT saga_id FROM orders ORDER BY id DESC LIMIT 1")
                .decode((UUID).self)[0]
            try await shop.ordersDB.query(
                """
                UPDATE sagas SET started_at = started_at - interval '31 days',
                    finished_at = finished_at - interval '31 days' WHERE id <> \(young)
                """)
            for database in [shop.productsDB, shop.customersDB] {
                try await database.query(
                    """
                    UPDATE saga_branches SET created_at = created_at - interval '31 days',
                        updated_at = updated_at - interval '31 days' WHERE saga_id <> \(young)
                    """)
            }
            try await shop.productsDB.query("UPDATE reservations SET created_at = created_at - interval '31 days'")
            try await shop.ordersDB.query(SagaRetention.coordinatorPruning(keeping: Self.age))
            #expect(try await shop.number("SELECT count(*) FROM sagas", shop.ordersDB) == 2)
            #expect(try await shop.number("SELECT count(*) FROM saga_participants", shop.ordersDB) == 5)
            #expect(try await shop.number("SELECT count(*) FROM orders", shop.ordersDB) == 2)
            for database in [shop.productsDB, shop.customersDB] {
                try await database.query(SagaRetention.participantPruning(keeping: Self.age))
                let left = try await database.query("SELECT saga_id FROM saga_branches").decode((UUID).self)
                #expect(Set(left) == [open, young])
            }
            try await shop.productsDB.query(ReservationStore.pruning(keeping: Self.age))
            let left = try await shop.productsDB.query("SELECT saga_id FROM reservations").decode((UUID).self)
            #expect(Set(left) == [open, young], "a reservation outlives its branch")
            #expect(try await shop.order(7, 1).state == "confirmed")
        }
    }

    /// A branch that still hears of its saga is kept, however long ago it began.
    @Test func aBranchThatIsStillAskedIsKept() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 9)
            try await shop.topUp(7, 300)
            _ = try await shop.buy(7, product)
            try await shop.settle()
            try await shop.productsDB.query(
                "UPDATE saga_branches SET created_at = created_at - interval '31 days'")
            try await shop.productsDB.query(SagaRetention.participantPruning(keeping: Self.age))
            #expect(try await shop.number("SELECT count(*) FROM saga_branches", shop.productsDB) == 1)
        }
    }

    @Test func aTryThatIsOlderThanMemoryBeginsNothing() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 9)
            try await shop.topUp(7, 300)
            let payload = OrderPlacement.Payload(
                orderID: 1, buyerID: 7, currency: "RUB", total: 100,
                lines: [.init(productID: product, sellerID: 900, quantity: 1, unitPrice: 100)])
            var message = try Shop.message(
                OrderPlacement.definition.type(.try), TryBody(payload: payload), saga: UUID())
            message.timestamp = Date() - 46 * 86_400
            try await shop.announce([message])
            for service in ["products", "customers"] {
                let letter = try await shop.deadLetter("\(service).dead.v2")
                #expect(letter.errorClass == "protocol_violation" && letter.reason.contains("46 days old"))
            }
            #expect(try await shop.balance(7) == (300, 0))
            #expect(try await shop.number("SELECT count(*) FROM saga_branches", shop.productsDB) == 0)
        }
    }

    @Test func theAuditTrailHasAnEnd() async throws {
        try await withFixture { fixture in
            let database = PostgresClient(
                configuration: try PostgresConfiguration(url: try await Shop.database(.reviews, fixture)),
                logger: testLogger)
            fixture.atEnd { await database.close() }
            try await database.query(
                """
                INSERT INTO audit_trail (at, actor_id, actor_role, user_id, action, subject_id)
                SELECT now() - make_interval(days => d), 1, 'admin', 7, 'review.delete', d FROM unnest(ARRAY[29, 31]) d
                """)
            try await database.query(AuditTrail.pruning(keeping: Self.age))
            let left = try await database.query("SELECT subject_id FROM audit_trail").decode((Int64).self)
            #expect(left == [29])
        }
    }
}
