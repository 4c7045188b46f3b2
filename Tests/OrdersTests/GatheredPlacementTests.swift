import Hosting
import Postgres
import ShopHarness
import ShopProtos
import TestSupport
import Testing

/// Orders that come while others are written are written together, and each is answered for itself.
@Suite(.serialized) struct GatheredPlacementTests {
    @Test func manyOrdersAreFewTransactions() async throws {
        try await Shop.open(.init { $0.statementTime = .seconds(3600) }) { shop in
            let product = try await shop.sell(price: 100, amount: 100)
            let count = 40
            for buyer in 1...count { try await shop.topUp(Int64(buyer), 100) }
            // Claims of the version before whose leases are over: whoever looks at one locks it, and that can be seen.
            try await shop.ordersDB.query(
                """
                INSERT INTO idempotency_keys (user_id, operation, key, request_hash, claim, claimed_at)
                SELECT n, 'orders.place', n::text, sha256(convert_to(n || '|' || \(product)::text || ':1:-', 'UTF8')),
                    gen_random_uuid(), now() - interval '1 minute'
                FROM generate_series(1, \(count)) n
                """)
            try await withThrowingTaskGroup(of: Int64.self) { group in
                try await shop.ordersDB.transaction { blocking in
                    try await blocking.query("LOCK TABLE orders IN EXCLUSIVE MODE")
                    for buyer in 1...count {
                        group.addTask { try await shop.place(Int64(buyer), product, key: "\(buyer)").order.id }
                    }
                    try await eventually("all have looked at their keys") {
                        try await shop.number(
                            "SELECT count(*) FROM idempotency_keys WHERE xmax::text <> '0'", shop.ordersDB)
                            == Int64(count)
                    }
                }
                var ids: Set<Int64> = []
                for try await id in group { ids.insert(id) }
                #expect(ids.count == count)
                for id in ids {
                    let buyer = try await shop.number("SELECT user_id FROM orders WHERE id = \(id)", shop.ordersDB)
                    let order = try await shop.outcome(buyer, id)
                    #expect(order.state == "confirmed" && order.products.count == 1)
                    #expect(try await shop.place(buyer, product, key: "\(buyer)").order.id == id)
                }
            }
            // Lines are never updated: each has the number of the transaction that wrote it.
            let transactions = try await shop.number(
                "SELECT count(DISTINCT xmin::text) FROM order_lines", shop.ordersDB)
            #expect(transactions < count / 2, "\(transactions) transactions")
            try await shop.settle()
            try await shop.checkInvariants()
        }
    }

    @Test func whatIsWrongWithOneIsNotTheOthers() async throws {
        try await Shop.open(.init { $0.statementTime = .seconds(3600) }) { shop in
            let product = try await shop.sell(price: 100, amount: 100)
            for buyer in 1...6 { try await shop.topUp(Int64(buyer), 100) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await shop.ordersDB.transaction { blocking in
                    try await blocking.query("LOCK TABLE orders IN EXCLUSIVE MODE")
                    group.addTask {
                        let refused = try await refusal { _ = try await shop.place(6, product, key: "6") }
                        #expect(refused.reason == "idempotency_key_in_use", "another has claimed it meanwhile")
                    }
                    try await shop.waiters(1, in: shop.ordersDB)
                    // A process of the version before, which knows no locks on keys.
                    try await shop.ordersDB.query(
                        """
                        INSERT INTO idempotency_keys (user_id, operation, key, request_hash, claim)
                        VALUES (6, 'orders.place', '6', '\\x01', gen_random_uuid())
                        """)
                    for buyer in [Int64](1...5) {
                        group.addTask {
                            guard buyer < 5 else {
                                let refused = try await refusal { _ = try await shop.place(5, product + 1, key: "5") }
                                #expect(refused.reason == "product_not_found")
                                return
                            }
                            #expect(try await !shop.place(buyer, product, key: "\(buyer)").replayed)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await shop.number("SELECT count(*) FROM orders", shop.ordersDB) == 4)
            try await shop.settle()
            try await shop.checkInvariants()
        }
    }
}
