import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@Suite(.serialized) struct CartMergeTests {
    @Test func aGuestsCartIsAddedOnceAndWhatIsGoneIsNamed() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 9)
            let pot = try await shop.sell(price: 100, amount: 9)
            try await shop.addToCart(7, cup, 2)
            let first = try await shop.merge([(pot, 1), (cup, 3), (999_999, 4), (pot, 1)], key: "guest-1")
            #expect(first.status == "ok")
            #expect(first.leftOut == [999_999])
            #expect(!first.replayed)
            // The lines' order makes no other request of it.
            let second = try await shop.merge([(cup, 3), (pot, 2), (999_999, 4)], key: "guest-1")
            #expect(second.replayed)
            #expect(second.leftOut == [999_999])
            #expect(try await shop.cart(7).lines.map(\.productID) == [cup, pot])
            #expect(try await shop.cart(7).lines.map(\.amount) == [5, 2])
            #expect(
                try await refusal { _ = try await shop.merge([(cup, 4)], key: "guest-1") }
                    == "failed_precondition idempotency_key_reused")
            _ = try await shop.merge([(cup, 1)], key: "guest-2")
            #expect(try await shop.cart(7).lines.map(\.amount) == [6, 2])
        }
    }

    @Test func twinsAddOnce() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 9)
            let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await refusal { _ = try await shop.merge([(cup, 3)], key: "twins") } }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(outcomes.isSubset(of: ["ok", "aborted idempotency_key_in_use"]))
            #expect(outcomes.contains("ok"))
            #expect(try await shop.cart(7).lines.map(\.amount) == [3])
        }
    }

    @Test func whoCannotLookAKeyUpHasMergedNothingAndSaysSo() async throws {
        try await Shop.openThroughProxy { shop, proxy in
            let cup = try await shop.sell(price: 250, amount: 9)
            let outcome = try await shop.customersDB.transaction { blocking in
                try await blocking.query("LOCK TABLE idempotency_keys IN ACCESS EXCLUSIVE MODE")
                async let outcome = refusal { _ = try await shop.merge([(cup, 3)], key: "k") }
                try await eventually("it looks its key up") {
                    try await shop.number(
                        """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE datname = current_database() AND wait_event_type = 'Lock'
                        """, shop.customersDB) > 0
                }
                // The answer of what counts as a write, since it locks a row, is lost.
                proxy.cut()
                return try await outcome
            }
            #expect(outcome == "unavailable nothing_merged")
            #expect(try await !shop.merge([(cup, 3)], key: "k").replayed)
            #expect(try await shop.cart(7).lines.map(\.amount) == [3])
        }
    }

    @Test func aMergeThatIsRefusedChangesNothingAndLeavesItsKey() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 9)
            let pot = try await shop.sell(price: 250, amount: 9)
            try await shop.fillCart(7, lines: 199)
            #expect(
                try await refusal { _ = try await shop.merge([(cup, 1), (pot, 1)], key: "k") }
                    == "failed_precondition cart_full")
            #expect(try await shop.cart(7).lines.count == 199)
            try await shop.customersDB.query("DELETE FROM cart_lines WHERE product_id = 1000001")
            #expect(try await !shop.merge([(cup, 1), (pot, 1)], key: "k").replayed)
            #expect(
                try await refusal { _ = try await shop.merge([(cup, 1_000_000)], key: "l") }
                    == "failed_precondition cart_line_full")
            #expect(try await refusal { _ = try await shop.merge([], key: "m") } == "invalid_argument invalid_lines")
            #expect(
                try await refusal {
                    _ = try await shop.merge((1...201).map { (Int64($0), Int64(1)) }, key: "m")
                } == "invalid_argument invalid_lines")
            #expect(
                try await refusal { _ = try await shop.merge([(cup, 0)], key: "m") }
                    == "invalid_argument invalid_amount")
            #expect(
                try await refusal { _ = try await shop.merge([(0, 1)], key: "m") }
                    == "invalid_argument invalid_product_id")
            #expect(
                try await refusal { _ = try await shop.merge([(cup, 1)], key: "") }
                    == "invalid_argument idempotency_key_required")
        }
    }
}

extension Shop {
    fileprivate func merge(_ lines: [(Int64, Int64)], key: String) async throws -> Cart_MergeCartResponse {
        try await self.as(7) {
            try await peers.customers.mergeCart(
                .with {
                    $0.userID = 7
                    $0.idempotencyKey = key
                    $0.lines = lines.map { product, amount in
                        .with {
                            $0.productID = product
                            $0.amount = amount
                        }
                    }
                })
        }
    }
}
