import FoundationEssentials
import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

/// A cancellation against the placement of the same order: one of them wins, under the lock of the saga's row.
@Suite(.serialized) struct CancellationRaceTests {
    @Test(arguments: [ShopRole.customer, .admin])
    func anUndecidedPlacementIsCalledOff(by role: ShopRole) async throws {
        let isBuyer = role == .customer
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            let order = try await shop.productsDB.transaction { blocking in
                try await blocking.query("SELECT FROM products FOR UPDATE")
                let order = try await shop.place(7, product).order
                let cancelled = try await shop.cancel(isBuyer ? 7 : 1, order.id, as: role)
                #expect(cancelled.state == "rejected")
                #expect(cancelled.reason == (isBuyer ? "cancelled_by_user" : "cancelled_by_operator"))
                #expect(cancelled.cancellationSagaID.isEmpty && !cancelled.decidedAt.isEmpty)
                return order
            }
            let again = try await refusal { _ = try await shop.cancel(7, order.id) }
            #expect(again.reason == "order_not_cancellable")
            try await shop.checkInvariants()
            #expect(try await shop.order(7, order.id).state == "rejected")
            #expect(try await shop.balance(7) == (100, 0))
            #expect(try await shop.stock(product) == 5)
            #expect(try await shop.number("SELECT count(*) FROM saga_log WHERE event = 'aborted'", shop.ordersDB) == 1)
            #expect(
                try await shop.number("SELECT count(*) FROM outbox WHERE type = 'order.rejected'", shop.ordersDB) == 1)
        }
    }

    /// The cancellation has seen the order pending, and gets the lock behind the vote that confirms it.
    @Test func whoComesAfterTheDecisionCancelsWhatWasDecided() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            let (order, cancelling) = try await shop.ordersDB.transaction { saga in
                let order = try await shop.productsDB.transaction { stock in
                    try await stock.query("SELECT FROM products FOR UPDATE")
                    let order = try await shop.place(7, product).order
                    try await eventually("customers have voted") {
                        try await shop.number(
                            "SELECT count(*) FROM saga_participants WHERE vote = 'accepted'", shop.ordersDB) == 1
                    }
                    try await saga.query("SELECT FROM sagas FOR UPDATE")
                    return order
                }
                try await shop.waiters(1, in: shop.ordersDB)
                let cancelling = Task { try await shop.cancel(7, order.id) }
                try await shop.waiters(2, in: shop.ordersDB)
                return (order, cancelling)
            }
            let begun = try await cancelling.value
            #expect(begun.state == "cancelling" && begun.reason.isEmpty && !begun.decidedAt.isEmpty)
            #expect(try await shop.outcome(7, order.id).state == "cancelled")
            try await shop.checkInvariants()
            #expect(try await shop.balance(7) == (100, 0))
            #expect(try await shop.stock(product) == 5)
        }
    }

    /// The same, but the caller wants a pending order called off and nothing else.
    @Test func whoNamesWhatTheyHaveSeenCancelsNothingElse() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            let (order, cancelling) = try await shop.ordersDB.transaction { saga in
                let order = try await shop.productsDB.transaction { stock in
                    try await stock.query("SELECT FROM products FOR UPDATE")
                    let order = try await shop.place(7, product).order
                    try await eventually("customers have voted") {
                        try await shop.number(
                            "SELECT count(*) FROM saga_participants WHERE vote = 'accepted'", shop.ordersDB) == 1
                    }
                    try await saga.query("SELECT FROM sagas FOR UPDATE")
                    return order
                }
                try await shop.waiters(1, in: shop.ordersDB)
                let cancelling = Task { try await refusal { _ = try await shop.cancel(7, order.id, seen: order) } }
                try await shop.waiters(2, in: shop.ordersDB)
                return (order, cancelling)
            }
            let refused = try await cancelling.value
            #expect(refused.code == .aborted && refused.reason == "precondition_failed")
            let confirmed = try await shop.outcome(7, order.id)
            #expect(confirmed.state == "confirmed" && confirmed.cancellationSagaID.isEmpty)
            #expect(try await refusal { _ = try await shop.cancel(7, order.id, seen: order) } == refused)
            #expect(try await shop.cancel(7, order.id, seen: confirmed).state == "cancelling")
            // A cancellation has a saga of its own: another one is not what was seen.
            var other = confirmed
            other.cancellationSagaID = UUID().uuidString
            #expect(try await refusal { _ = try await shop.cancel(7, order.id, seen: other) } == refused)
        }
    }

    @Test func whatIsNoVersionOfAnOrderIsRefused() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            let order = try await shop.place(7, product).order
            for (state, saga) in [("", ""), ("lost", ""), ("pending", "x")] {
                let seen = Orders_Order.with { ($0.state, $0.cancellationSagaID) = (state, saga) }
                let refused = try await refusal { _ = try await shop.cancel(7, order.id, seen: seen) }
                #expect(refused.reason == "invalid_expected")
            }
        }
    }

    @Test func everyRaceHasOneWinner() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 50)
            try await shop.topUp(7, 3_000)
            var states: [String: Int] = [:]
            for round in 0..<30 {
                let id = try await shop.place(7, product).order.id
                // A little later each time, so that both come to win.
                for _ in 0..<(round % 10) { _ = try await shop.order(7, id) }
                _ = try await shop.cancel(7, id)
                let order = try await shop.outcome(7, id)
                #expect(order.state == "cancelled" || order.reason == "cancelled_by_user")
                states[order.state, default: 0] += 1
            }
            #expect(states["cancelled", default: 0] + states["rejected", default: 0] == 30, "\(states)")
            try await shop.checkInvariants()
            #expect(try await shop.balance(7) == (3_000, 0))
            #expect(try await shop.balance(900) == (0, 0))
            #expect(try await shop.stock(product) == 50)
        }
    }
}
