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

@testable import Events
@testable import Products
@testable import Sagas

/// The rules that make a saga correct, where no other test would notice their absence.
@Suite(.serialized) struct SagaRuleTests {
    /// Effect, branch state and messages are one transaction; and an error that is no business refusal is no vote.
    @Test func aFailureHasNoEffectAndIsNoRefusal() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            // Customers cannot record their part, products cannot write a reservation.
            try await shop.customersDB.query(
                "ALTER TABLE saga_branches ADD CONSTRAINT broken CHECK (state = 'claimed')")
            try await shop.productsDB.query("ALTER TABLE reservations ADD CONSTRAINT broken CHECK (quantity < 0)")
            let order = try await shop.place(7, product).order
            for service in ["customers", "products"] { try await shop.waitForRetry(of: service) }
            #expect(try await shop.balance(7) == (100, 0), "nothing is held without its record")
            for database in [shop.customersDB, shop.productsDB] {
                #expect(try await shop.number("SELECT count(*) FROM saga_branches", database) == 0)
            }
            #expect(try await shop.order(7, order.id).state == "pending")
            try await shop.customersDB.query("ALTER TABLE saga_branches DROP CONSTRAINT broken")
            try await shop.productsDB.query("ALTER TABLE reservations DROP CONSTRAINT broken")
            #expect(try await shop.outcome(7, order.id).state == "confirmed")
            try await shop.checkInvariants()
        }
    }

    /// Who must vote is what was stored with the saga, not who happens to take part.
    @Test func everyoneWhoIsExpectedMustVote() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            let order = try await shop.productsDB.transaction { blocking in
                try await blocking.query("SELECT FROM products FOR UPDATE")
                let order = try await shop.place(7, product).order
                try await shop.ordersDB.query(
                    "INSERT INTO saga_participants (saga_id, participant) SELECT id, 'auditors' FROM sagas")
                return order
            }
            try await eventually("the usual participants have voted") {
                try await shop.number("SELECT count(*) FROM saga_participants WHERE vote = 'accepted'", shop.ordersDB)
                    == 2
            }
            #expect(try await shop.order(7, order.id).state == "pending")
            let saga = try #require(UUID(uuidString: order.sagaID))
            let definition = OrderPlacement.definition
            try await shop.publish(definition.type(.vote), saga, VoteBody(participant: "auditors", vote: .accepted))
            #expect(try await shop.outcome(7, order.id).state == "confirmed")
            try await shop.publish(definition.type(.done), saga, DoneBody(participant: "auditors", decision: .confirm))
            try await shop.settle()
            #expect(try await shop.number("SELECT count(*) FROM sagas WHERE phase = 'confirmed'", shop.ordersDB) == 1)
        }
    }

    /// Who has voted yes waits for the decision, however long it takes.
    @Test func aParticipantNeverLetsGoByItself() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 200)
            let payload = OrderPlacement.Payload(
                orderID: 1_000_000, buyerID: 7, currency: "RUB", total: 100,
                lines: [.init(productID: product, sellerID: 900, quantity: 1, unitPrice: 100)])
            let saga = UUID()
            try await shop.recordSaga(OrderPlacement.definition, saga, payload)
            try await shop.tryBranch(OrderPlacement.definition, saga, payload)
            // A year passes, and others come and go.
            for database in [shop.productsDB, shop.customersDB] {
                try await database.query(
                    """
                    UPDATE saga_branches
                    SET created_at = created_at - interval '1 year', updated_at = updated_at - interval '1 year'
                    """)
            }
            try await shop.productsDB.query("UPDATE reservations SET created_at = created_at - interval '1 year'")
            #expect(try await shop.buy(7, product).state == "confirmed")
            #expect(try await shop.buy(7, product).reason == "insufficient_funds")
            try await eventually("all others are over") {
                try await shop.number(
                    "SELECT count(*) FROM sagas WHERE finished_at IS NULL AND id <> \(saga)", shop.ordersDB) == 0
            }
            #expect(try await shop.balance(7) == (0, 100))
            #expect(try await shop.number("SELECT reserved FROM products", shop.productsDB) == 1)
            // The late decision finds everything as it was promised.
            try await shop.publish(OrderPlacement.definition.type(.confirm), saga, DecisionBody())
            try await eventually("it is carried out") {
                let stock = try await shop.stock(product)
                return try await shop.balance(900) == (200, 0) && stock == 3
            }
            #expect(try await shop.balance(7) == (0, 0))
        }
    }

    /// The deadline is the database's: its clock jumps, and nobody else's.
    @Test func theTimeIsTheDatabases() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            let order = try await shop.productsDB.transaction { blocking in
                try await blocking.query("SELECT FROM products FOR UPDATE")
                let order = try await shop.place(7, product).order
                try await shop.jumpAhead(shop.ordersDB)
                return try await shop.outcome(7, order.id)
            }
            #expect(order.state == "rejected" && order.reason == "deadline_exceeded")
            try await shop.checkInvariants()
        }
    }

    /// Rows are locked in the order of their ids, whatever order they are named in.
    @Test func locksAreTakenInOrderOfID() async throws {
        try await Shop.open { shop in
            var products: [Int64] = []
            for seller in Int64(901)...905 {
                products.append(try await shop.sell(price: 10, amount: 5, seller: seller))
                try await shop.topUp(seller, 10)
                _ = try await shop.buy(seller, products[0])
            }
            try await shop.settle()
            let payload = OrderPlacement.Payload(
                orderID: 1, buyerID: 905, currency: "RUB", total: 50,
                lines: zip(products, Int64(901)...905).reversed().map {
                    .init(productID: $0, sellerID: $1, quantity: 1, unitPrice: 10)
                })
            for (database, table, type, service) in [
                (shop.productsDB, "products", OrderPlacement.definition.type(.try), "products"),
                (shop.customersDB, "accounts", OrderCancellation.definition.type(.try), "customers"),
            ] {
                try await database.transaction { first in
                    // Accounts of the buyer and the sellers only: the external one is not touched.
                    let scope = table == "accounts" ? "WHERE user_id > 900" : ""
                    try await first.query(
                        """
                        SELECT FROM \(unescaped: table)
                        WHERE id = (SELECT min(id) FROM \(unescaped: table) \(unescaped: scope)) FOR UPDATE
                        """)
                    try await shop.publish(type, UUID(), TryBody(payload: payload), to: "\(service).inbox.v2")
                    try await shop.waiters(1, in: database)
                    // It waits for the first and holds none of those behind it.
                    let rest = try await first.query(
                        """
                        SELECT id FROM \(unescaped: table) \(unescaped: scope)
                        ORDER BY id FOR UPDATE SKIP LOCKED
                        """)
                    let all = try await first.query(
                        "SELECT id FROM \(unescaped: table) \(unescaped: scope) ORDER BY id")
                    #expect(rest.count == all.count, "\(table)")
                }
            }
        }
    }

    /// A product that is named twice is one line, and stock is asked once for the sum.
    @Test func quantitiesOfAProductAreSummedFirst() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 3)
            try await shop.topUp(7, 1_000)
            let first = try await shop.outcome(7, shop.place(7, products: [product, product]).id)
            #expect(first.state == "confirmed" && first.products.map(\.quantity) == [2])
            let second = try await shop.outcome(7, shop.place(7, products: [product, product]).id)
            #expect(second.reason == "out_of_stock")
            try await shop.checkInvariants()
            #expect(try await shop.stock(product) == 1)
        }
    }

    /// Lost connections in the midst of it change nothing.
    @Test func lostConnectionsAreNoRefusals() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 30)
            try await shop.topUp(7, 2_000)
            var orders: [Int64] = []
            try await shop.customersDB.transaction { blocking in
                try await blocking.query("SELECT FROM accounts FOR UPDATE")
                // The first waits alone, the others behind it.
                orders.append(try await shop.place(7, product).order.id)
                try await shop.waiters(1, in: shop.customersDB)
                for _ in 0..<19 { orders.append(try await shop.place(7, product).order.id) }
                // More often than a transaction is run again by the driver.
                for _ in 0..<8 {
                    try await shop.waiters(1, in: shop.customersDB)
                    try await shop.customersDB.query(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = current_database() AND wait_event_type = 'Lock'
                        """)
                }
            }
            for order in orders { #expect(try await shop.outcome(7, order).state == "confirmed") }
            try await shop.checkInvariants()
            // Nothing was given up on.
            let admin = RabbitMQAdmin(configuration: shop.broker, logger: testLogger)
            for service in Shop.topology.services {
                #expect(try await admin.checkQueue(service.dead).messages == 0, "\(service.dead)")
            }
            await admin.close()
            #expect(try await shop.stock(product) == 10)
        }
    }

    /// A COMMIT whose answer was lost is looked up: the order is there once, and its buyer hears of it.
    @Test func anUnknownCommitIsLookedUp() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 1_000)
            for statement: PostgresQuery in [
                """
                CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql
                AS $$ BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END $$
                """,
                """
                CREATE CONSTRAINT TRIGGER wait_at_commit AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION wait_at_commit()
                """,
            ] { try await shop.ordersDB.query(statement) }
            let placing = try await shop.ordersDB.transaction { blocking in
                try await blocking.query("SELECT pg_advisory_xact_lock(4711)")
                let placing = Task { try await shop.place(7, product).order }
                try await shop.waiters(1, in: shop.ordersDB)
                try await blocking.query(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event = 'advisory'
                    """)
                return placing
            }
            let order = try await placing.value
            #expect(try await shop.outcome(7, order.id).state == "confirmed")
            try await shop.checkInvariants()
            #expect(try await shop.number("SELECT count(*) FROM orders", shop.ordersDB) == 1)
        }
    }

    /// Quantities of one product are summed over a whole batch, not only within an order.
    @Test func whatABatchReturnsIsSummed() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 10, amount: 1)
            let branches = (Int64(1)...3).map { order in
                SagaBranch(
                    sagaID: UUID(),
                    payload: OrderCancellation.Payload(
                        orderID: order, buyerID: 7, currency: "RUB", total: 10 * order,
                        lines: [.init(productID: product, sellerID: 900, quantity: order, unitPrice: 10)]))
            }
            try await Transactor(database: shop.productsDB, outboxWake: Wake()).run { work in
                try await OrderCancellationParticipant(observers: Observers()).confirmAll(branches, in: work)
            }
            #expect(try await shop.stock(product) == 7)
        }
    }

    /// Stock is what stands in the locked row: nobody else was told of the change.
    @Test func stockIsDecidedOnItsRow() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 1_000)
            for _ in 0..<2 { _ = try await shop.peers.products.getOneProduct(.with { $0.id = product }) }
            #expect(try await shop.buy(7, product).state == "confirmed")
            try await shop.settle()
            try await shop.productsDB.query("UPDATE products SET amount = 0")
            #expect(try await shop.buy(7, product).reason == "out_of_stock")
            try await shop.productsDB.query("UPDATE products SET amount = 1")
            #expect(try await shop.buy(7, product).state == "confirmed")
            try await shop.checkInvariants()
        }
    }
}
