import FoundationEssentials
import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Synchronization
import TestSupport
import Testing

private final class Outcome: Sendable {
    let refusal = Mutex<ServiceError?>(nil)
}

/// Idempotency keys of placed orders: hash, stored answer, and a day's life.
@Suite(.serialized) struct OrderKeyTests {
    @Test func aKeyIsForgottenAfterADay() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 1_000)
            let first = try await shop.place(7, product, key: "old").order
            let second = try await shop.place(7, product, key: "young").order
            for (key, hours) in [("old", 25.0), ("young", 23.0)] {
                try await shop.ordersDB.query(
                    """
                    UPDATE idempotency_keys SET claimed_at = claimed_at - make_interval(hours => \(Int32(hours))),
                        completed_at = completed_at - make_interval(hours => \(Int32(hours)))
                    WHERE key = \(key)
                    """)
            }
            try await shop.ordersDB.query(IdempotencyKeys.pruning)
            let young = try await shop.place(7, product, key: "young")
            #expect(young.replayed && young.order.id == second.id)
            // The answer is the stored one, whatever has become of the order.
            #expect(try await shop.outcome(7, second.id).state == "confirmed")
            #expect(young.order == second)
            // The old key is as good as new, for another body too.
            let old = try await shop.place(7, product, quantity: 2, key: "old")
            #expect(!old.replayed && old.order.id != first.id)
            try await shop.checkInvariants()
            #expect(try await shop.number("SELECT count(*) FROM orders", shop.ordersDB) == 3)
        }
    }

    @Test func aKeyThatCannotBeKeptIsRefused() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 10)
            for key in ["a\0b", String(repeating: "k", count: 256)] {
                let refused = try await refusal { _ = try await shop.place(7, product, key: key) }
                #expect(refused.code == .invalidArgument && refused.reason == "invalid_idempotency_key")
            }
        }
    }

    @Test func aKeyBelongsToOneBodyAndOneCaller() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 1_000)
            try await shop.topUp(8, 1_000)
            let mine = try await shop.place(7, product, key: "k").order
            for (quantity, price) in [(Int64(2), Int64?.none), (1, 90)] {
                let reused = try await refusal {
                    _ = try await shop.place(7, product, quantity: quantity, price: price, key: "k")
                }
                #expect(reused.code == .failedPrecondition && reused.reason == "idempotency_key_reused")
            }
            #expect(try await shop.place(8, product, key: "k").order.id != mine.id)
            // An admin who acts for the buyer has keys of their own.
            let admins = try await shop.as(1, .admin) {
                try await shop.peers.orders.placeOrder(
                    .with {
                        $0.userID = 7
                        $0.idempotencyKey = "k"
                        $0.items = [
                            .with {
                                $0.productID = product
                                $0.quantity = 1
                            }
                        ]
                    })
            }
            #expect(!admins.replayed && admins.order.id != mine.id)
            try await shop.checkInvariants()
        }
    }

    @Test func aRequestThatFailsLeavesTheKeyFree() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 10)
            let missing = try await refusal { _ = try await shop.place(7, product + 1, key: "k") }
            #expect(missing.reason == "product_not_found")
            #expect(try await shop.place(7, product, key: "k").replayed == false)
            try await shop.checkInvariants()
        }
    }

    @Test func aKeyInUseSaysHowLong() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 1_000)
            let order = try await shop.place(7, product, key: "k").order
            // As if somebody were at it, by a clock far ahead of this one: the lease does not run out in the test.
            let claimed = ContinuousClock.now
            try await shop.ordersDB.query(
                "UPDATE idempotency_keys SET response = NULL, completed_at = NULL, claimed_at = now() + interval '100 s'"
            )
            let busy = try await refusal { _ = try await shop.place(7, product, key: "k") }
            #expect(busy.code == .aborted && busy.reason == "idempotency_key_in_use")
            let wait = try #require(busy.retryAfter)
            let rest = Duration.seconds(110)
            #expect(wait <= rest && wait > rest - (.now - claimed) - .seconds(1), "the rest of a lease of 10 s")
            try await shop.ordersDB.query("UPDATE idempotency_keys SET claimed_at = now() - interval '11 s'")
            #expect(try await shop.place(7, product, key: "k").order.id != order.id, "the lease has run out")
            try await shop.checkInvariants()
        }
    }

    @Test func aClaimThatFailsHasOrderedNothingAndSaysSo() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 1_000)
            let refused = try await shop.ordersDB.transaction { blocking in
                try await blocking.query("LOCK TABLE idempotency_keys IN ACCESS EXCLUSIVE MODE")
                let outcome = Outcome()
                return try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        let refused = try await refusal { _ = try await shop.place(7, product, key: "k") }
                        outcome.refusal.withLock { $0 = refused }
                    }
                    // More often than a statement is run again by the driver.
                    let refused = try await eventuallyValue("it gives up") {
                        try await shop.ordersDB.query(
                            """
                            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                            WHERE datname = current_database() AND wait_event_type = 'Lock'
                            """)
                        return outcome.refusal.withLock { $0 }
                    }
                    try await group.waitForAll()
                    return refused
                }
            }
            #expect(refused.code == .unavailable && refused.reason == "database_unavailable")
            #expect(refused.message.hasPrefix("nothing was ordered") && refused.retryAfter == .seconds(1))
            #expect(try await shop.number("SELECT count(*) FROM orders", shop.ordersDB) == 0)
            #expect(try await !shop.place(7, product, key: "k").replayed)
            try await shop.checkInvariants()
            #expect(try await shop.number("SELECT count(*) FROM orders", shop.ordersDB) == 1)
        }
    }

    /// Claims that are made together: each is answered for itself, and one that is made again is the same claim.
    @Test func claimsMadeTogetherAreEachAnsweredForThemselves() async throws {
        try await Shop.open { shop in
            let keys = IdempotencyKeys(operation: "tests")
            func request(_ key: String, user: Int64 = 7, hash: UInt8 = 1) -> IdempotencyKeys.Request {
                IdempotencyKeys.Request(userID: user, key: key, hash: [hash])
            }
            let claims = [
                request("a"), request("a", user: 8), request("b"), request("a"), request("b", hash: 2),
            ].map { (request: $0, token: UUID()) }
            for _ in 0..<2 {
                let answers = try await keys.claim(claims, in: shop.ordersDB)
                #expect(try answers.prefix(3).map { try $0.get() } == claims.prefix(3).map { .granted($0.token) })
                #expect(throws: ServiceError.self) { try answers[3].get() }
                #expect(throws: ServiceError.self) { try answers[4].get() }
                if case .failure(let refusal) = answers[4] { #expect(refusal.reason == "idempotency_key_reused") }
                if case .failure(let refusal) = answers[3] { #expect(refusal.reason == "idempotency_key_in_use") }
            }
        }
    }
}
