import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Testing

@Suite(.serialized) struct AuditTests {
    @Test func whatAnAdminDoesForAUserIsNoted() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 3)
            try await shop.as(1, .admin) {
                let customers = shop.peers.customers
                _ = try await customers.postToCart(
                    .with {
                        $0.userID = 7
                        $0.productID = cup
                        $0.amount = 1
                    })
                _ = try await customers.setCartAmount(
                    .with {
                        $0.userID = 7
                        $0.productID = cup
                        $0.amount = 2
                    })
                _ = try await customers.deleteFromCart(
                    .with {
                        $0.userID = 7
                        $0.productID = cup
                    })
                _ = try await customers.mergeCart(
                    .with {
                        $0.userID = 7
                        $0.idempotencyKey = "k"
                        $0.lines = [
                            .with {
                                $0.productID = cup
                                $0.amount = 1
                            }
                        ]
                    })
                _ = try await customers.clearCart(.with { $0.userID = 7 })
                // The second time there is nothing to do, and nothing to note.
                for _ in 0..<2 {
                    _ = try await shop.peers.liked.postLiked(
                        .with {
                            $0.userID = 7
                            $0.productID = cup
                        })
                }
                _ = try await shop.peers.liked.deleteLiked(
                    .with {
                        $0.userID = 7
                        $0.productID = cup
                    })
            }
            try await shop.topUp(7, 500, key: "once")
            try await shop.topUp(7, 500, key: "once")
            let rows = try await shop.customersDB.query(
                "SELECT action, subject_id, actor_id, actor_role, user_id FROM audit_trail ORDER BY id")
            let notes = try rows.decode((String, Int64, Int64, String, Int64).self)
            #expect(
                notes.map(\.0) == [
                    "cart.add", "cart.set", "cart.remove", "cart.merge", "cart.clear", "liked.add", "liked.remove",
                    "balance.top_up",
                ])
            #expect(notes.prefix(7).map(\.1) == [cup, cup, cup, 7, 7, cup, cup])
            #expect(notes.allSatisfy { $0.2 == 1 && $0.3 == "admin" && $0.4 == 7 })
        }
    }

    @Test func whatPeopleDoThemselvesOrWhatIsRefusedIsNot() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 3)
            try await shop.addToCart(7, cup)
            try await shop.like(7, cup)
            try await shop.fillCart(8, lines: 200)
            let outcome = try await refusal {
                _ = try await shop.as(1, .admin) {
                    try await shop.peers.customers.postToCart(
                        .with {
                            $0.userID = 8
                            $0.productID = cup
                            $0.amount = 1
                        })
                }
            }
            #expect(outcome == "failed_precondition cart_full")
            #expect(try await shop.number("SELECT count(*) FROM audit_trail", shop.customersDB) == 0)
        }
    }
}
