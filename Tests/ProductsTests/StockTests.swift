import FoundationEssentials
import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

/// The narrow row that stock is kept in.
@Suite struct StockTests {
    @Test("Whatever moves stock writes no row of the catalogue, and counts as a change of the product")
    func aMovementIsNarrow() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 200)
            let before = try await shop.catalogueRow(id)
            let posted = try await shop.product(id)
            #expect(try await shop.buy(7, id).state == "confirmed")
            // Who has no money gets nothing: what may have been reserved is released.
            #expect(try await shop.buy(8, id).state == "rejected")
            let order = try await shop.buy(7, id)
            #expect(order.state == "confirmed")
            try await shop.settle()
            _ = try await shop.as(7) { try await shop.peers.orders.cancelOrder(.with { $0.id = order.id }) }
            #expect(try await shop.outcome(7, order.id).state == "cancelled")
            try await shop.checkInvariants()
            let sold = try await shop.product(id)
            // Two were reserved and committed, one of them brought back; the third perhaps was never reserved.
            #expect(sold.amount == 4 && sold.version >= posted.version + 5)
            let counted = try await shop.update(id) { $0.amountChange = 1 }
            #expect(counted.amount == 5 && counted.version == sold.version + 1)
            #expect(counted.updatedAt > posted.updatedAt)
            #expect(try await shop.catalogueRow(id) == before)
        }
    }

    @Test("What is no matter of stock writes no row of it")
    func aDescriptionIsNoStock() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            let posted = try await shop.product(id)
            let changed = try await shop.update(id) { $0.price = 120 }
            #expect(changed.version == posted.version + 1)
            #expect(try await shop.number("SELECT version FROM stock", shop.productsDB) == 0)
        }
    }

    @Test("An order and a deletion by a process of the version before never both win")
    func versionBefore() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            let order = try await shop.productsDB.transaction { before in
                try await before.query("SELECT state, reserved FROM products WHERE id = \(id) FOR UPDATE")
                let order = try await shop.place(7, id).order.id
                try await shop.awaitWaiting()
                try await before.query(
                    """
                    UPDATE products SET state = 'deleting', deletion_saga_id = gen_random_uuid(), updated_at = now()
                    WHERE id = \(id)
                    """)
                return order
            }
            #expect(try await shop.outcome(7, order).reason == "product_unavailable")
            try await shop.settle()
            try await shop.productsDB.query("UPDATE products SET state = 'on_sale', deletion_saga_id = NULL")

            // The other way round: it sees what was reserved while it waited.
            let deletion = try await shop.productsDB.transaction { transaction in
                try await transaction.query("SELECT FROM stock WHERE product_id = \(id) FOR UPDATE")
                let deletion = Task {
                    try await shop.productsDB.query("SELECT reserved FROM products WHERE id = \(id) FOR UPDATE")
                        .decode((Int64).self)
                }
                try await shop.awaitWaiting()
                try await transaction.query("UPDATE stock SET reserved = 1 WHERE product_id = \(id)")
                return deletion
            }
            #expect(try await deletion.value == [1])
            try await shop.productsDB.query("UPDATE stock SET reserved = 0")
            try await shop.checkInvariants()
        }
    }
}

extension Shop {
    /// The place and the transactions of a product's row in the catalogue: another one if anybody wrote or locked it.
    fileprivate func catalogueRow(_ id: Int64) async throws -> [String] {
        try await productsDB.query("SELECT concat_ws(' ', ctid, xmin, xmax) FROM catalogue WHERE id = \(id)")
            .decode((String).self)
    }

    /// Waits until one of the products' transactions waits for a lock.
    fileprivate func awaitWaiting() async throws {
        try await eventually("one waits for a lock") {
            try await number(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
                """, productsDB) >= 1
        }
    }
}
