import FoundationEssentials
import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@testable import Customers

/// A shop whose orders, ledger and notifications are in tables by month (`examples/partitions`): the services' code
/// is the same.
@Suite(.serialized) struct PartitionTests {
    @Test("A running shop is partitioned and goes on across the months, then is put together again")
    func months() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 20)
            try await shop.topUp(7, 1_000)
            let kept = try await shop.outcome(7, shop.place(7, product, key: "first").order.id)
            let returned = try await shop.buy(7, product)
            #expect(try await shop.buy(8, product).reason == "insufficient_funds")
            #expect(kept.state == "confirmed" && returned.state == "confirmed")
            try await shop.settle()
            try await shop.told(7, 2)
            // A month and more passes, but for who had no money.
            try await shop.age(upTo: returned.id)
            let aged = try await shop.order(7, kept.id)

            try await shop.runPartitionScripts("up")
            #expect(try await shop.order(7, kept.id) == aged)
            // The same request again is the same order, and both cancellations find theirs.
            #expect(try await shop.place(7, product, key: "first").order.id == kept.id)
            let bought = try await shop.buy(7, product)
            #expect(bought.state == "confirmed")
            #expect(try await shop.callOff(7, returned.id).state == "cancelled")
            #expect(try await shop.callOff(7, bought.id).state == "cancelled")
            #expect(try await shop.buy(8, product).reason == "insufficient_funds")
            try await shop.checkInvariants()
            try await shop.told(7, 5)
            try await shop.expectBooks(of: 7, orders: [bought.id, returned.id, kept.id])
            for (database, table) in shop.partitionedTables {
                let parts = try await shop.number(
                    "SELECT count(DISTINCT tableoid) FROM \(unescaped: table)", database)
                #expect(parts >= 2, "\(table)")
                #expect(try await shop.number("SELECT count(*) FROM \(unescaped: table)_default", database) == 0)
            }

            // What is too old goes, and nothing that has the same place in another month.
            try await shop.customersDB.query(
                "UPDATE notifications SET created_at = now() - interval '91 days' WHERE user_id = 7 AND sequence = 1")
            try await shop.customersDB.query(NotificationStore.pruning)
            #expect(try await shop.sequences(7) == Array(2...5))

            try await shop.runPartitionScripts("down")
            #expect(try await shop.order(7, kept.id) == aged)
            #expect(try await shop.sequences(7) == Array(2...5))
            try await shop.expectBooks(of: 7, orders: [bought.id, returned.id, kept.id])
            let last = try await shop.buy(7, product)
            #expect(last.state == "confirmed" && last.id > bought.id)
            try await shop.checkInvariants()
        }
    }
}

extension Shop {
    /// The tables with their databases.
    fileprivate var partitionedTables: [(database: PostgresClient, table: String)] {
        [
            (ordersDB, "orders"), (ordersDB, "order_lines"), (customersDB, "ledger_transactions"),
            (customersDB, "ledger_entries"), (customersDB, "notifications"),
        ]
    }

    fileprivate func runPartitionScripts(_ direction: String) async throws {
        for (role, database) in [("orders", ordersDB), ("customers", customersDB)] {
            let script = try partitionScript("\(role).\(direction)")
            try await database.transaction { try await $0.execute(script: script) }
        }
    }

    /// Has what orders up to one have left happen a month and more ago.
    fileprivate func age(upTo order: Int64) async throws {
        try await ordersDB.query(
            """
            UPDATE orders SET created_at = created_at - interval '40 days', decided_at = decided_at - interval '40 days'
            WHERE id <= \(order)
            """)
        try await customersDB.transaction { transaction in
            try await transaction.query("ALTER TABLE ledger_transactions DISABLE TRIGGER USER")
            try await transaction.query(
                """
                UPDATE ledger_transactions SET created_at = created_at - interval '40 days'
                WHERE order_id <= \(order) OR order_id IS NULL
                """)
            try await transaction.query("ALTER TABLE ledger_transactions ENABLE TRIGGER USER")
            try await transaction.query(
                "UPDATE notifications SET created_at = created_at - interval '40 days' WHERE order_id <= \(order)")
        }
    }

    fileprivate func sequences(_ user: Int64) async throws -> [Int64] {
        try await self.as(user) {
            try await peers.notifications.getUserNotifications(.with { $0.userID = user }).notifications.map(\.sequence)
        }
    }

    /// Waits until a user has been told so much.
    fileprivate func told(_ user: Int64, _ count: Int64) async throws {
        try await eventually("user \(user) has \(count) notifications") {
            try await sequences(user) == Array(1...count)
        }
    }

    /// Expects what a buyer sees who has bought three things for 100 each and given back the last two.
    fileprivate func expectBooks(of user: Int64, orders: [Int64]) async throws {
        try await self.as(user) {
            var seen: [Int64] = []
            var cursor = ""
            repeat {
                let page = try await peers.orders.listOrders(
                    .with {
                        $0.userID = user
                        $0.pageSize = 2
                        $0.cursor = cursor
                    })
                seen += page.orders.map(\.id)
                #expect(page.orders.allSatisfy { $0.products.count == 1 })
                cursor = page.nextCursor
            } while !cursor.isEmpty
            #expect(seen == orders)
            let entries = try await peers.customers.getStatement(.with { $0.userID = user }).entries
            #expect(entries.map(\.kind) == ["refund", "refund", "hold", "hold", "hold", "top_up"])
            #expect(entries.map(\.balance) == [900, 800, 700, 800, 900, 1_000])
        }
        #expect(try await balance(user) == (900, 0))
    }
}
