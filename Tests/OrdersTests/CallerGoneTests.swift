import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

/// What nobody waits for any more stops while that is safe: its statements end, and nothing of it is committed.
@Suite(.serialized) struct CallerGoneTests {
    /// A call of each kind, what it waits for, and what must not have changed when its caller has gone meanwhile.
    struct Call: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let database: @Sendable (Shop) -> PostgresClient
        /// Takes what the call needs.
        let lock: PostgresQuery
        let make: @Sendable (Shop, _ product: Int64, _ order: Int64) async throws -> Void
        /// Counts what it would have left.
        let traces: PostgresQuery

        static let all: [Call] = [
            Call(
                testDescription: "an order", database: { $0.ordersDB }, lock: "LOCK TABLE orders IN EXCLUSIVE MODE",
                make: { shop, product, _ in _ = try await shop.place(7, product, key: "gone") },
                traces: "SELECT (SELECT count(*) FROM orders) - 1 + (SELECT count(*) FROM idempotency_keys)"),
            Call(
                testDescription: "a cancellation", database: { $0.ordersDB }, lock: "SELECT FROM orders FOR UPDATE",
                make: { shop, _, order in
                    try await shop.as(7) { _ = try await shop.peers.orders.cancelOrder(.with { $0.id = order }) }
                },
                traces: "SELECT count(*) FROM sagas WHERE name = 'order-cancellation'"),
            Call(
                testDescription: "the deletion of a product", database: { $0.productsDB },
                lock: "SELECT FROM products FOR UPDATE",
                make: { shop, product, _ in
                    try await shop.as(900) {
                        _ = try await shop.peers.products.deleteProduct(.with { $0.id = product })
                    }
                },
                traces: "SELECT count(*) FROM sagas"),
            Call(
                testDescription: "a deposit", database: { $0.customersDB },
                lock: "LOCK TABLE ledger_entries IN EXCLUSIVE MODE",
                make: { shop, _, _ in try await shop.topUp(7, 1, key: "gone") },
                traces: "SELECT count(*) FROM idempotency_keys WHERE key = 'gone'"),
            Call(
                testDescription: "a search", database: { $0.productsDB },
                lock: "LOCK TABLE products IN ACCESS EXCLUSIVE MODE",
                make: { shop, _, _ in
                    _ = try await shop.peers.products.searchProducts(.with { $0.text = "tea" })
                },
                traces: "SELECT 0::bigint"),
        ]
    }

    @Test(arguments: Call.all) func whatNobodyWaitsForStops(_ call: Call) async throws {
        // The server ends no statement by itself while this waits.
        try await Shop.open(.init { $0.statementTime = .seconds(3600) }) { shop in
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 1_000)
            let order = try await shop.buy(7, product).id
            try await shop.settle()
            let database = call.database(shop)
            try await goAway(shop, database, call.lock) { try await call.make(shop, product, order) }
            // Whoever has gone does not wait for a key to be free again.
            try await eventually("nothing is left of it") { try await shop.number(call.traces, database) == 0 }
            try await call.make(shop, product, order)
            try await shop.checkInvariants()
        }
    }

    @Test func readsThatRedisWouldAnswerStopWithoutIt() async throws {
        let options = Shop.Options {
            $0.statementTime = .seconds(3600)
            $0.hasRedis = false
            $0.isOnNetwork = true
        }
        try await Shop.open(options) { shop in
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.overNetwork { network in
                try await goAway(shop, shop.productsDB, "LOCK TABLE products IN ACCESS EXCLUSIVE MODE") {
                    _ = try await network.products.getOneProduct(.with { $0.id = product })
                }
                try await goAway(shop, shop.reviewsDB, "LOCK TABLE ratings IN ACCESS EXCLUSIVE MODE") {
                    _ = try await network.reviews.getAverageEvaluation(.with { $0.productID = product })
                }
            }
        }
    }

    /// Makes a call that waits for a lock, gives it up, and passes if it then waits no more.
    private func goAway(
        _ shop: Shop, _ database: PostgresClient, _ lock: PostgresQuery,
        _ call: @escaping @Sendable () async throws -> Void
    ) async throws {
        let waiting: PostgresQuery = """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
            """
        try await database.transaction { blocking in
            try await blocking.query(lock)
            let calling = Task { try await call() }
            try await eventually("it waits for the lock") { try await shop.number(waiting, database) == 1 }
            calling.cancel()
            // The lock is still held: whoever goes on waits for it.
            try await eventually("it has stopped waiting") { try await shop.number(waiting, database) == 0 }
            await #expect(throws: (any Error).self) { try await calling.value }
        }
    }
}
