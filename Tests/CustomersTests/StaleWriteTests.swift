import FoundationEssentials
import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@testable import Customers

/// A write that names the version it has seen replaces that and nothing newer.
@Suite(.serialized) struct StaleWriteTests {
    private enum Write: CaseIterable { case set, remove, clear, merge }

    /// Writes the cart of customer 7 as it was in a version: one line of a product, or none.
    private func write(_ write: Write, _ product: Int64, _ version: String, _ shop: Shop) async throws -> String {
        let customers = shop.peers.customers
        return try await refusal {
            try await shop.as(7) {
                switch write {
                case .set:
                    _ = try await customers.setCartAmount(
                        .with {
                            ($0.userID, $0.productID, $0.amount) = (7, product, 3)
                            $0.expectedVersion = version
                        })
                case .remove:
                    _ = try await customers.deleteFromCart(
                        .with {
                            ($0.userID, $0.productID) = (7, product)
                            $0.expectedVersion = version
                        })
                case .clear:
                    _ = try await customers.clearCart(
                        .with {
                            $0.userID = 7
                            $0.expectedVersion = version
                        })
                case .merge:
                    _ = try await customers.mergeCart(
                        .with {
                            $0.userID = 7
                            $0.idempotencyKey = UUID().uuidString
                            $0.lines = [.with { ($0.productID, $0.amount) = (product, 1) }]
                            $0.expectedVersion = version
                        })
                }
            }
        }
    }

    @Test func aCartThatHasChangedIsNotWritten() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 9)
            for kind in Write.allCases {
                try await shop.setInCart(7, cup, 1)
                let seen = try await shop.cart(7).version
                try await shop.setInCart(7, cup, 2)
                #expect(try await write(kind, cup, seen, shop) == "aborted precondition_failed")
                #expect(try await shop.cart(7).lines.map(\.amount) == [2])
                #expect(try await write(kind, cup, try await shop.cart(7).version, shop) == "ok")
            }
        }
    }

    @Test func aChangeBetweenTheLookAndTheWriteIsSeen() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 9)
            let changes: [PostgresQuery] = [
                "UPDATE cart_lines SET amount = 5 WHERE user_id = 7",
                "INSERT INTO cart_lines (user_id, product_id, amount) VALUES (7, 1000000, 1)",
                "DELETE FROM cart_lines WHERE user_id = 7",
            ]
            for (kind, change) in Write.allCases.flatMap({ kind in changes.map { (kind, $0) } }) {
                _ = try await shop.as(7) { try await shop.peers.customers.clearCart(.with { $0.userID = 7 }) }
                try await shop.setInCart(7, cup, 1)
                let seen = try await shop.cart(7).version
                let writing = try await shop.customersDB.transaction { other in
                    try await other.query("UPDATE carts SET changed_at = now() WHERE user_id = 7")
                    try await other.query(change)
                    let writing = Task { try await write(kind, cup, seen, shop) }
                    try await shop.awaitLockWaiter(in: shop.customersDB)
                    return writing
                }
                let changed = try await shop.cart(7)
                #expect(try await writing.value == "aborted precondition_failed", "\(kind)")
                #expect(try await shop.cart(7) == changed, "\(kind)")
            }
        }
    }

    /// What does not name a version, such as a sale, takes a line's lock alone.
    @Test func aSaleBetweenIsSeen() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 9)
            for kind in Write.allCases {
                try await shop.setInCart(7, cup, 4)
                let seen = try await shop.cart(7).version
                let writing = try await shop.customersDB.transaction { other in
                    _ = try await CartStore(database: shop.customersDB).take(
                        [.init(userID: 7, productID: cup, quantity: 3)], in: other)
                    let writing = Task { try await write(kind, cup, seen, shop) }
                    try await shop.awaitLockWaiter(in: shop.customersDB)
                    return writing
                }
                #expect(try await writing.value == "aborted precondition_failed", "\(kind)")
                #expect(try await shop.cart(7).lines.map(\.amount) == [1], "\(kind)")
            }
        }
    }

    @Test func favouritesThatHaveChangedAreNotWritten() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 9)
            let pot = try await shop.sell(price: 250, amount: 9)
            @Sendable func version() async throws -> String {
                try await shop.as(7) { try await shop.peers.liked.getLiked(.with { $0.userID = 7 }).version }
            }
            @Sendable func unlike(_ version: String) async throws -> String {
                try await refusal {
                    try await shop.as(7) {
                        _ = try await shop.peers.liked.deleteLiked(
                            .with {
                                ($0.userID, $0.productID) = (7, cup)
                                $0.expectedVersion = version
                            })
                    }
                }
            }
            try await shop.like(7, cup)
            let first = try await version()
            try await shop.like(7, pot)
            #expect(try await unlike(first) == "aborted precondition_failed")
            let seen = try await version()
            let writing = try await shop.customersDB.transaction { other in
                try await other.query("DELETE FROM favourites WHERE user_id = 7 AND product_id = \(pot)")
                let writing = Task { try await unlike(seen) }
                try await shop.awaitLockWaiter(in: shop.customersDB)
                return writing
            }
            #expect(try await writing.value == "aborted precondition_failed")
            #expect(try await shop.liked(7) == [cup])
            #expect(try await unlike(try await version()) == "ok")
            #expect(try await shop.liked(7) == [])
        }
    }
}

extension Shop {
    /// Returns when somebody waits for a lock.
    fileprivate func awaitLockWaiter(in database: PostgresClient) async throws {
        try await eventually("a session waits for a lock") {
            try await number(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock' AND backend_type = 'client backend'
                """, database) > 0
        }
    }
}
