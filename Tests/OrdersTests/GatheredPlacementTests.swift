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
            try await withThrowingTaskGroup(of: Int64.self) { group in
                try await shop.ordersDB.transaction { blocking in
                    try await blocking.query("LOCK TABLE orders IN EXCLUSIVE MODE")
                    for buyer in 1...count {
                        group.addTask { try await shop.place(Int64(buyer), product, key: "\(buyer)").order.id }
                    }
                    try await eventually("all have claimed their keys") {
                        try await shop.number("SELECT count(*) FROM idempotency_keys", shop.ordersDB) == Int64(count)
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
                    for buyer in [Int64](1...6) {
                        group.addTask {
                            switch buyer {
                            case 5:
                                let refused = try await refusal { _ = try await shop.place(5, product + 1, key: "5") }
                                #expect(refused.reason == "product_not_found")
                            case 6:
                                let refused = try await refusal { _ = try await shop.place(6, product, key: "6") }
                                #expect(refused.reason == "idempotency_key_in_use", "its claim has passed on")
                            default: #expect(try await !shop.place(buyer, product, key: "\(buyer)").replayed)
                            }
                        }
                    }
                    try await eventually("all have claimed their keys") {
                        try await shop.number("SELECT count(*) FROM idempotency_keys", shop.ordersDB) >= 5
                    }
                    try await eventually("the sixth has, too") {
                        try await shop.ordersDB.query(
                            "UPDATE idempotency_keys SET claim = gen_random_uuid() WHERE key = '6'"
                        ).affectedRows == 1
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
