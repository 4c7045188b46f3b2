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

    /// A process of the version before has claimed the key, and carries the request out or has ended.
    @Test func aClaimOfTheVersionBeforeKeepsItsKeyForALease() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 1_000)
            let order = try await shop.place(7, product, key: "k").order
            // By a clock far ahead of this one: the lease does not run out in the test.
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

    @Test func whoCannotLookAKeyUpHasOrderedNothingAndSaysSo() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 1_000)
            let refused = try await shop.placeWhileKeysAreLocked(product)
            #expect(refused.code == .unavailable && refused.reason == "database_unavailable")
            #expect(refused.message.hasPrefix("nothing was ordered") && refused.retryAfter == .seconds(1))
            #expect(try await shop.number("SELECT count(*) FROM orders", shop.ordersDB) == 0)
            #expect(try await !shop.place(7, product, key: "k").replayed)
            try await shop.checkInvariants()
            #expect(try await shop.number("SELECT count(*) FROM orders", shop.ordersDB) == 1)
        }
    }

    /// The same while too many orders are waiting, and only those that were placed are told of.
    @Test func whoCannotLookAKeyUpInACrowdHasOrderedNothingAndSaysSo() async throws {
        try await Shop.open(.init { $0.backlogLimit = 1 }) { shop in
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 1_000)
            try await shop.productsDB.transaction { blocking in
                try await blocking.query("SELECT FROM products FOR UPDATE")
                let first = try await shop.place(7, product, key: "first").order
                let refused = try await shop.placeWhileKeysAreLocked(product)
                #expect(refused.code == .unavailable && refused.reason == "database_unavailable")
                #expect(refused.message.hasPrefix("nothing was ordered") && refused.retryAfter == .seconds(1))
                #expect(try await shop.place(7, product, key: "first").order.id == first.id)
            }
            try await shop.checkInvariants()
            #expect(try await shop.number("SELECT count(*) FROM orders", shop.ordersDB) == 1)
        }
    }

    @Test func aKeyThatATransactionHoldsIsInUse() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 10)
            let keys = IdempotencyKeys(operation: "orders.place")
            let request = IdempotencyKeys.Request(userID: 7, key: "k", hash: [1])
            try await shop.ordersDB.transaction { holding in
                #expect(try await keys.take(request, in: holding) == .free)
                let busy = try await refusal { _ = try await shop.place(7, product, key: "k") }
                #expect(busy.code == .aborted && busy.reason == "idempotency_key_in_use")
                #expect(busy.retryAfter == .seconds(1))
                // Another's, and one of another operation, are others.
                #expect(try await !shop.place(8, product, key: "k").replayed)
            }
            // Whoever ends without having stored an answer leaves the key as it was, however it ends.
            #expect(try await !shop.place(7, product, key: "k").replayed)
            try await shop.checkInvariants()
        }
    }

    @Test func keyOrderAndAnswerAreOneTransaction() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 10)
            _ = try await shop.place(7, product, key: "k")
            // Lines are never updated: each has the number of the transaction that wrote it.
            #expect(
                try await shop.number(
                    """
                    SELECT count(*) FROM order_lines l JOIN idempotency_keys k ON l.xmin = k.xmin
                    WHERE k.response IS NOT NULL AND k.completed_at IS NOT NULL
                    """, shop.ordersDB) == 1)
            try await shop.checkInvariants()
        }
    }

    @Test func aKeyThatHasItsAnswerNeedsNoQuote() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 10)
            let first = try await shop.place(7, product, key: "k")
            try await shop.settle()
            try await shop.productsDB.transaction { blocking in
                try await blocking.query("LOCK TABLE products IN ACCESS EXCLUSIVE MODE")
                let again = try await shop.place(7, product, key: "k")
                #expect(again.replayed && again.order == first.order)
                let reused = try await refusal { _ = try await shop.place(7, product, quantity: 2, key: "k") }
                #expect(reused.reason == "idempotency_key_reused")
            }
            try await shop.checkInvariants()
        }
    }

    /// Keys that are taken together: each is answered for itself.
    @Test func keysTakenTogetherAreEachAnsweredForThemselves() async throws {
        try await Shop.open { shop in
            let keys = IdempotencyKeys(operation: "tests")
            func request(_ key: String, user: Int64 = 7, hash: UInt8 = 1) -> IdempotencyKeys.Request {
                IdempotencyKeys.Request(userID: user, key: key, hash: [hash])
            }
            func words(_ standings: [Result<IdempotencyKeys.Standing, ServiceError>]) -> [String] {
                standings.map { standing in
                    switch standing {
                    case .success(.free): "free"
                    case .success(.replay(let answer)): "\(answer)"
                    case .failure(let refusal): refusal.reason
                    }
                }
            }
            let requests = [
                request("a"), request("a", user: 8), request("b"), request("a"), request("b", hash: 2),
            ]
            try await shop.ordersDB.transaction { first in
                let taken = try await keys.take(requests, in: first)
                #expect(
                    words(taken) == [
                        "free", "free", "free", "idempotency_key_in_use", "idempotency_key_reused",
                    ])
                try await shop.ordersDB.transaction { second in
                    let others = try await keys.take([request("c"), request("b")], in: second)
                    #expect(words(others) == ["free", "idempotency_key_in_use"])
                }
                let answers = [IdempotencyKeys.Answer(to: requests[0], [1]), .init(to: requests[2], [2])]
                let stored = try await first.query(keys.storing(answers)).affectedRows
                #expect(stored == 2)
                try keys.requireAll(answers, stored: stored)
            }
            let expected = ["[1]", "free", "[2]", "[1]", "idempotency_key_reused"]
            #expect(words(try await keys.standings(of: requests, in: shop.ordersDB)) == expected)
            let again = try await shop.ordersDB.transaction { try await keys.take(requests, in: $0) }
            #expect(words(again) == expected)
        }
    }
}

extension Shop {
    /// Orders under the key `k` while nobody can look a key up, and whoever waits for that loses the connection.
    fileprivate func placeWhileKeysAreLocked(_ product: Int64) async throws -> ServiceError {
        try await ordersDB.transaction { blocking in
            try await blocking.query("LOCK TABLE idempotency_keys IN ACCESS EXCLUSIVE MODE")
            let outcome = Outcome()
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let refused = try await refusal { _ = try await place(7, product, key: "k") }
                    outcome.refusal.withLock { $0 = refused }
                }
                // More often than a statement is run again by the driver.
                let refused = try await eventuallyValue("it gives up") {
                    try await ordersDB.query(
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
    }
}
