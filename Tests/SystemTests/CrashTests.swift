import Hosting
import Postgres
import Synchronization
import TestSupport
import Testing

extension SystemTests {
    /// Processes that are killed (`SIGKILL`) in the middle of a saga: it goes on where it stood.
    @Suite(.inTurn, .shop(.fiveProcesses), .serialized) struct CrashTests {
        /// An order that cannot go on: the customers' process is frozen, the products have voted.
        private func halfwayOrder(_ shop: Shop, _ buyer: Int64, _ product: Int64) async throws -> Int64 {
            try shop.process(of: .customers).freeze()
            let placed = try await shop.order(buyer, product)
            let id = try #require(placed.expect(202)["id"].integer, "\(placed)")
            try await eventually("the products have voted") {
                try await shop.number(
                    .orders,
                    """
                    SELECT count(*) FROM saga_participants p JOIN sagas s ON s.id = p.saga_id
                    WHERE s.subject_id = \(id) AND p.participant = 'products' AND p.vote = 'accepted'
                    """) == 1
            }
            #expect(try await shop.number(.orders, "SELECT count(*) FROM sagas WHERE phase = 'trying'") == 1)
            return id
        }

        @Test("Whoever is killed in mid-saga, the order is confirmed", arguments: [Role.orders, .products, .customers])
        func killed(role: Role) async throws {
            let shop = try Shop.current
            let buyer: Int64 = 10
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(buyer, 100)
            let id = try await halfwayOrder(shop, buyer, product)
            try await expectInspection(shop, of: id)
            let process = try shop.process(of: role)
            await process.kill()
            try await process.start()
            try shop.process(of: .customers).thaw()
            #expect(try await shop.outcome(buyer, id)["state"] == "confirmed")
            try await shop.checkInvariants()
            #expect(try await shop.balance(buyer) == [0, 0])
            #expect(try await shop.stock(product) == 4)
        }

        @Test("A process that says it is ready is called at once, by those that have missed it, and no request fails")
        func readyAgain() async throws {
            let shop = try Shop.current
            let products = try shop.process(of: .products)
            for _ in 1...3 {
                await products.kill()
                // Known to be away: this is what others then go by.
                #expect(try await shop.get("/api/products/toys").status == 503)
                try await products.start()
                _ = try await shop.sell(price: 100, amount: 5)
            }
            // And the other way round: a gateway that says it is ready has found its peers.
            let gateway = try shop.process(of: .gateway)
            await gateway.kill()
            try await gateway.start()
            _ = try await shop.sell(price: 100, amount: 5)
        }

        /// An operator sees who keeps the order waiting, and what might help.
        private func expectInspection(_ shop: Shop, of order: Int64) async throws {
            let saga = try await shop.run("saga", "inspect", "\(order)", "-o", "json").expect(0).json
            #expect(saga["saga"]["state"] == "trying")
            #expect(saga["awaited"].list.map { $0["participant"] } == ["customers"])
            #expect(saga["awaited"][0]["answer"] == "vote")
            #expect(saga["next"].list.isEmpty == false)
            let products = saga["participants"].list.first { $0["name"] == "products" }
            #expect(products?["vote"] == "accepted")
            let table = try await shop.run("saga", "inspect", "\(order)").expect(0).output
            #expect(table.contains("next: ") && table.contains("for the vote of customers"), "\(table)")
            let open = try await shop.run("saga", "list", "-o", "json").expect(0).json["sagas"]
            #expect(open.list.map { $0["subject_id"] } == [.integer(order)])
        }

        @Test("Who waits at the command line while orders dies is told the order's number")
        func killedUnderAWaitingCommand() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(12, 100)
            try shop.process(of: .customers).freeze()
            async let waiting = shop.run(
                "order", "place", "--user", "12", "--item", "\(product):1", "--wait=60", "-o", "json")
            // The first look at the order is the command's, which knows its number by then.
            try await eventually("the command waits") {
                try await shop.number(
                    .orders,
                    """
                    SELECT count(*) FROM pg_stat_activity a, orders o
                    WHERE o.user_id = 12 AND a.datname = current_database()
                        -- In two parts, so that this query does not find itself.
                        AND a.query LIKE '%FROM order_lines' || '_WHERE order_id = ANY%' AND a.query_start > o.created_at
                    """) > 0
            }
            let id = try await shop.number(.orders, "SELECT id FROM orders WHERE user_id = 12")
            let orders = try shop.process(of: .orders)
            await orders.kill()
            let told = try await waiting.expect(75)
            #expect(told.json["id"] == .integer(id) && told.json["state"] == "pending")
            #expect(told.error.contains("shopctl saga inspect \(id)"), "\(told.error)")
            try await orders.start()
            try shop.process(of: .customers).thaw()
            #expect(try await shop.outcome(12, id)["state"] == "confirmed")
            try await shop.checkInvariants()
        }

        @Test("Who places an order at the command line while orders dies is told it may be there, and how to repeat it")
        func killedUnderAPlacingCommand() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(13, 200)
            let orders = try shop.process(of: .orders)
            let database = try #require(shop.databases[.orders])
            let told = try await database.transaction { lock in
                _ = try await lock.query("LOCK TABLE orders IN EXCLUSIVE MODE")
                async let placing = shop.run("order", "place", "--user", "13", "--item", "\(product):1")
                try await eventually("the order waits for the lock") {
                    try await shop.number(
                        .orders,
                        """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE datname = current_database() AND wait_event_type = 'Lock'
                        """) > 0
                }
                await orders.kill()
                // Nothing invites to run the same line again: it would be another order.
                return try await placing.expect(1)
            }
            #expect(told.error.contains("may have been placed"), "\(told.error)")
            let key = try #require(told.error.split(separator: "--idempotency-key ").last?.split(separator: ",").first)
            try await orders.start()
            for replayed in [false, true] {
                let placed = try await shop.run(
                    "order", "place", "--user", "13", "--item", "\(product):1", "--idempotency-key", "\(key)", "-o",
                    "json"
                ).expect(0).json
                #expect(placed["replayed"] == .bool(replayed), "\(placed)")
            }
            #expect(try await shop.number(.orders, "SELECT count(*) FROM orders WHERE user_id = 13") == 1)
        }

        @Test("A coordinator killed after the decision has it carried out")
        func killedAfterDecision() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(11, 50)
            let id = try await halfwayOrder(shop, 11, product)
            // The products cannot hear of the decision, which is to cancel.
            try shop.process(of: .products).freeze()
            try shop.process(of: .customers).thaw()
            try await eventually("it is decided") {
                try await shop.number(.orders, "SELECT count(*) FROM sagas WHERE phase = 'cancelling'") == 1
            }
            let orders = try shop.process(of: .orders)
            await orders.kill()
            try shop.process(of: .products).thaw()
            try await orders.start()
            let order = try await shop.outcome(11, id)
            #expect(order["state"] == "rejected")
            #expect(order["reason"] == "insufficient_funds")
            try await shop.checkInvariants()
            #expect(try await shop.balance(11) == [50, 0])
            #expect(try await shop.stock(product) == 5)
        }

        @Test("Every process of the saga is killed while orders stream in: none is lost, none counts twice")
        func underLoad() async throws {
            let shop = try Shop.current
            let buyer: Int64 = 20
            let product = try await shop.sell(price: 10, amount: 1_000_000)
            try await shop.topUp(buyer, 10_000_000)
            let isOver = Flag()
            let placed = try await withThrowingTaskGroup(of: Int64.self) { group in
                for worker in 1...4 {
                    group.addTask {
                        var count: Int64 = 0
                        while !isOver.isSet {
                            try await place(shop, buyer, product, key: "load-\(worker)-\(count)")
                            count += 1
                        }
                        return count
                    }
                }
                for role in [Role.orders, .products, .customers, .orders] {
                    let before = try await shop.number(.orders, "SELECT count(*) FROM orders WHERE user_id = \(buyer)")
                    try await eventually("orders stream in") {
                        try await shop.number(.orders, "SELECT count(*) FROM orders WHERE user_id = \(buyer)")
                            >= before + 10
                    }
                    let process = try shop.process(of: role)
                    await process.kill()
                    try await process.start()
                }
                isOver.set()
                return try await group.reduce(0, +)
            }
            try await shop.checkInvariants()
            #expect(
                try await shop.number(
                    .orders, "SELECT count(*) FROM orders WHERE user_id = \(buyer) AND state = 'confirmed'") == placed)
            #expect(try await shop.number(.orders, "SELECT count(*) FROM orders WHERE user_id = \(buyer)") == placed)
            #expect(try await shop.stock(product) == 1_000_000 - placed)
            #expect(try await shop.balance(buyer) == [10_000_000 - 10 * placed, 0])
        }

        /// Places an order as a stubborn client does: the same request again until it is answered.
        private func place(_ shop: Shop, _ buyer: Int64, _ product: Int64, key: String) async throws {
            try await eventually("an order is taken", timeout: .seconds(90), interval: .milliseconds(50)) {
                let reply = try await shop.order(buyer, product, key: key)
                if reply.status == 202 { return true }
                // Away, or gone in the middle: whoever tries again finds out. Nothing else may come.
                #expect([503, 504, 409].contains(reply.status), "\(reply)")
                return false
            }
        }
    }
}

/// Something that tasks tell each other once.
private final class Flag: Sendable {
    private let value = Mutex(false)

    var isSet: Bool { value.withLock { $0 } }

    func set() { value.withLock { $0 = true } }
}
