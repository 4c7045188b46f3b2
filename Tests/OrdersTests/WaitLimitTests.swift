import FoundationEssentials
import Hosting
import Postgres
import Sagas
import ShopHarness
import ShopProtos
import TestSupport
import Testing

/// No order is taken while those that were taken wait for too long, and nothing that hangs by itself keeps others out.
@Suite(.serialized) struct WaitLimitTests {
    /// Makes every undecided placement an hour older than it is.
    private func age(_ shop: Shop) async throws {
        try await shop.ordersDB.query(
            "UPDATE sagas SET started_at = started_at - interval '1 hour' WHERE phase = 'trying'")
    }

    private func isRefused(_ body: () async throws -> Void) async throws -> Bool {
        do {
            try await body()
            return false
        } catch {
            let refused = ServiceError(mapping: error)
            #expect(refused.code == .unavailable && refused.reason == "overloaded")
            #expect(refused.message.contains("wait too long") && refused.message.contains("nothing was ordered"))
            #expect(refused.retryAfter == .seconds(5))
            return true
        }
    }

    /// A saga that nobody votes in.
    private func insertHanging(_ shop: Shop) async throws -> UUID {
        let id = UUID()
        try await shop.ordersDB.query(
            """
            INSERT INTO sagas (
                id, name, subject_id, phase, payload, started_at, deadline_at, next_attempt_at, participants)
            VALUES (\(id), 'order-placement', 0, 'trying', '{}', now() - interval '1 hour', now() + interval '1 hour',
                now() + interval '1 hour', '{"products": {}, "customers": {}}')
            """)
        return id
    }

    @Test func aParticipantThatStallsIsSeen() async throws {
        try await Shop.open(.init { $0.longestWait = .seconds(60) }) { shop in
            let product = try await shop.sell(price: 100, amount: 50)
            try await shop.topUp(7, 5_000)
            let accepted = try await shop.productsDB.transaction { blocking in
                try await blocking.query("SELECT FROM products FOR UPDATE")
                var accepted: [Int64] = []
                for key in ["a", "b"] { accepted.append(try await shop.place(7, product, key: key).order.id) }
                try await age(shop)
                // One finds out whether it is still so; it is noticed when the last look is old.
                try await eventually("new orders are refused") {
                    try await isRefused { accepted.append(try await shop.place(7, product).order.id) }
                }
                let orders = try await shop.number("SELECT count(*) FROM orders", shop.ordersDB)
                for key in ["", "c"] {
                    #expect(try await isRefused { _ = try await shop.place(7, product, key: key) })
                }
                #expect(try await shop.number("SELECT count(*) FROM orders", shop.ordersDB) == orders)
                #expect(try await shop.number("SELECT count(*) FROM idempotency_keys", shop.ordersDB) == 2)
                let again = try await shop.place(7, product, key: "b")
                #expect(again.replayed && again.order.id == accepted[1])
                return accepted
            }
            for order in accepted { #expect(try await shop.outcome(7, order).state == "confirmed") }
            try await eventually("orders are taken again") {
                try await !isRefused { _ = try await shop.place(7, product, key: "c") }
            }
            try await shop.checkInvariants()
        }
    }

    /// A refusal by one participant says nothing of another that stalls.
    @Test func aRefusalByAnotherDoesNotHideAStall() async throws {
        try await Shop.open(.init { $0.longestWait = .seconds(60) }) { shop in
            let product = try await shop.sell(price: 100, amount: 50)
            try await shop.topUp(7, 5_000)
            try await shop.productsDB.transaction { blocking in
                try await blocking.query("SELECT FROM products FOR UPDATE")
                for _ in 0..<2 { _ = try await shop.place(7, product) }
                // Who has nothing is refused by customers alone.
                let poor = try await shop.place(8, product).order.id
                #expect(try await shop.outcome(8, poor).state == "rejected")
                try await age(shop)
                try await eventually("new orders are refused") {
                    try await isRefused { _ = try await shop.place(7, product) }
                }
            }
            try await shop.checkInvariants()
        }
    }

    @Test func oneThatHangsKeepsNobodyOut() async throws {
        try await Shop.open(.init { $0.longestWait = .seconds(60) }) { shop in
            let product = try await shop.sell(price: 100, amount: 50)
            try await shop.topUp(7, 5_000)
            let hanging = try await insertHanging(shop)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<5 { group.addTask { _ = try await shop.place(7, product) } }
                try await group.waitForAll()
            }
            try await shop.ordersDB.query("DELETE FROM sagas WHERE id = \(hanging)")
            try await shop.checkInvariants()
        }
    }

    /// Several that hang let one order in, which passes them.
    @Test func severalThatHangArePassed() async throws {
        try await Shop.open(.init { $0.longestWait = .seconds(60) }) { shop in
            let product = try await shop.sell(price: 100, amount: 50)
            try await shop.topUp(7, 5_000)
            var hanging: [UUID] = []
            for _ in 0..<3 { hanging.append(try await insertHanging(shop)) }
            let first = try await shop.place(7, product).order.id
            #expect(try await shop.outcome(7, first).state == "confirmed")
            for _ in 0..<3 {
                try await eventually("those that hang are passed") {
                    try await !isRefused { _ = try await shop.place(7, product) }
                }
            }
            try await shop.ordersDB.query("DELETE FROM sagas WHERE id = ANY(\(hanging)::uuid[])")
            try await shop.checkInvariants()
        }
    }
}
