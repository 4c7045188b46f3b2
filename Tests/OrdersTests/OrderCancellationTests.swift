import Events
import FoundationEssentials
import Hosting
import Postgres
import ShopContracts
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@Suite(.serialized) struct OrderCancellationTests {
    @Test func moneyAndStockComeBack() async throws {
        try await Shop.open { shop in
            let teapot = try await shop.sell(price: 250, amount: 10, seller: 900)
            let kettle = try await shop.sell(price: 400, amount: 10, seller: 901)
            try await shop.topUp(7, 1_000)
            let order = try await shop.outcome(7, shop.place(7, products: [teapot, kettle]).id)
            #expect(order.state == "confirmed" && order.cancellationSagaID.isEmpty)
            let begun = try await shop.cancel(7, order.id)
            #expect(begun.state == "cancelling" && !begun.cancellationSagaID.isEmpty)
            let cancelled = try await shop.outcome(7, order.id)
            #expect(cancelled.state == "cancelled" && !cancelled.cancelledAt.isEmpty)
            #expect(cancelled.cancellationReason.isEmpty && cancelled.products == order.products)
            #expect(cancelled.decidedAt == order.decidedAt)
            try await shop.checkInvariants()
            #expect(try await shop.balance(7) == (1_000, 0))
            #expect(try await shop.balance(900) == (0, 0))
            #expect(try await shop.balance(901) == (0, 0))
            #expect(try await shop.stock(teapot) == 10)
            #expect(try await shop.stock(kettle) == 10)
            let event = try await shop.event(OrderEvent.cancelled, as: OrderEvent.self)
            #expect(event.orderID == order.id && event.userID == 7 && event.total == 650 && event.reason == nil)
            #expect(event.lines.map(\.productID) == [teapot, kettle] && event.lines.map(\.sellerID) == [900, 901])
            // Once is enough.
            let again = try await refusal { _ = try await shop.cancel(7, order.id) }
            #expect(again.code == .aborted && again.reason == "order_not_cancellable")
            #expect(again.message == "the order is cancelled already")
            try await shop.checkInvariants()
        }
    }

    @Test func sellersWhoHaveSpentTheMoneyKeepTheOrderStanding() async throws {
        try await Shop.open { shop in
            let teapot = try await shop.sell(price: 250, amount: 10, seller: 900)
            let kettle = try await shop.sell(price: 400, amount: 10, seller: 901)
            let cup = try await shop.sell(price: 150, amount: 10, seller: 902)
            try await shop.topUp(7, 1_000)
            let order = try await shop.outcome(7, shop.place(7, products: [teapot, kettle]).id)
            // The money comes after the decision.
            try await shop.settle()
            // One of the two sellers spends.
            #expect(try await shop.buy(900, cup).state == "confirmed")
            let refused = try await shop.callOff(7, order.id)
            #expect(refused.state == "confirmed" && refused.cancellationReason == "seller_funds_missing")
            #expect(!refused.cancellationReasonDetail.isEmpty && refused.cancelledAt.isEmpty)
            try await shop.checkInvariants()
            // Nothing has moved, not at the other seller either.
            #expect(try await shop.balance(7) == (350, 0))
            #expect(try await shop.balance(900) == (100, 0))
            #expect(try await shop.balance(901) == (400, 0))
            #expect(try await shop.stock(teapot) == 9)
            #expect(
                try await shop.number(
                    "SELECT count(*) FROM ledger_transactions WHERE kind LIKE 'refund%'", shop.customersDB) == 0)
            let event = try await shop.event(OrderEvent.cancellationRefused, as: OrderEvent.self)
            #expect(event.orderID == order.id && event.reason?.code == "seller_funds_missing")
            // With money again it works, by a saga of its own.
            try await shop.topUp(900, 150)
            let begun = try await shop.cancel(7, order.id)
            #expect(begun.cancellationReason.isEmpty && begun.cancellationSagaID != refused.cancellationSagaID)
            #expect(try await shop.outcome(7, order.id).state == "cancelled")
            try await shop.checkInvariants()
            #expect(try await shop.balance(7) == (1_000, 0))
            #expect(try await shop.balance(900) == (0, 0))
            #expect(try await shop.stock(kettle) == 10)
        }
    }

    @Test func whatWasHeldGoesBackWhenTheCancellationIsRefusedElsewhere() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            let order = try await shop.buy(7, product)
            #expect(order.state == "confirmed")
            try await shop.settle()
            // Products cannot vote before the deadline, which is now.
            let decided = try await shop.productsDB.transaction { blocking in
                try await blocking.query("LOCK TABLE saga_branches IN SHARE MODE")
                _ = try await shop.cancel(7, order.id)
                try await eventually("the proceeds are held") {
                    try await shop.balance(900) == (0, 100)
                }
                try await shop.ordersDB.query(
                    "UPDATE sagas SET deadline_at = now(), next_attempt_at = now() WHERE phase = 'trying'")
                return try await shop.outcome(7, order.id)
            }
            #expect(decided.state == "confirmed" && decided.cancellationReason == "deadline_exceeded")
            try await shop.checkInvariants()
            #expect(try await shop.balance(900) == (100, 0))
            #expect(try await shop.balance(7) == (0, 0))
            #expect(try await shop.stock(product) == 4)
        }
    }

    @Test func twentyCancelsAtOnceHaveOneWinner() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            let order = try await shop.buy(7, product)
            let reasons = await withTaskGroup(of: String.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        do {
                            return try await shop.cancel(7, order.id).state
                        } catch {
                            let error = ServiceError(mapping: error)
                            return error.code == .aborted ? error.reason : "\(error)"
                        }
                    }
                }
                return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(reasons == ["cancelling": 1, "order_not_cancellable": 19])
            #expect(try await shop.outcome(7, order.id).state == "cancelled")
            try await shop.checkInvariants()
            #expect(
                try await shop.number(
                    "SELECT count(*) FROM sagas WHERE name = 'order-cancellation'", shop.ordersDB) == 1)
            #expect(try await shop.balance(7) == (100, 0))
        }
    }

    @Test func onlyTheBuyerMayAndOnlyWhatStands() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 1)
            try await shop.topUp(7, 100)
            let order = try await shop.buy(7, product)
            let another = try await refusal { _ = try await shop.cancel(8, order.id) }
            #expect(another.code == .notFound && another.reason == "order_not_found")
            let none = try await refusal { _ = try await shop.cancel(7, order.id + 1) }
            #expect(none.reason == "order_not_found")
            let nothing = try await refusal { _ = try await shop.cancel(7, 0) }
            #expect(nothing.code == .invalidArgument && nothing.reason == "invalid_id")
            let rejected = try await shop.buy(8, product)
            #expect(rejected.state == "rejected")
            let late = try await refusal { _ = try await shop.cancel(8, rejected.id) }
            #expect(late.code == .aborted && late.reason == "order_not_cancellable")
            #expect(late.message.contains("rejected"))
            try await shop.checkInvariants()
            #expect(try await shop.order(7, order.id).state == "confirmed")
        }
    }

    @Test func goodsThatAreSoldNoMoreAreNoHindrance() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 1)
            try await shop.topUp(7, 100)
            let order = try await shop.buy(7, product)
            try await shop.settle()
            try await shop.productsDB.query("DELETE FROM reservations")
            try await shop.productsDB.query("DELETE FROM products")
            #expect(try await shop.callOff(7, order.id).state == "cancelled")
            try await shop.settle()
            #expect(try await shop.balance(7) == (100, 0))
        }
    }

    @Test func waitsWhileItIsCancelling() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 1)
            try await shop.topUp(7, 100)
            let order = try await shop.buy(7, product)
            try await shop.settle()
            let waiting = try await shop.customersDB.transaction { blocking in
                try await blocking.query("SELECT FROM accounts FOR UPDATE")
                _ = try await shop.cancel(7, order.id)
                let short = try await shop.as(7) {
                    try await shop.peers.orders.awaitOrder(
                        .with {
                            $0.id = order.id
                            $0.timeoutMilliseconds = 50
                        }
                    ).order
                }
                #expect(short.state == "cancelling", "the wait is over, the saga is not")
                return Task { try await shop.outcome(7, order.id) }
            }
            #expect(try await waiting.value.state == "cancelled")
            try await shop.checkInvariants()
        }
    }

    @Test func anAdminsHandIsOnRecord() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 300)
            let own = try await shop.buy(7, product)
            _ = try await shop.callOff(7, own.id)
            #expect(try await shop.number("SELECT count(*) FROM audit_trail", shop.ordersDB) == 0)
            let placed = try await shop.as(1, .admin) {
                try await shop.peers.orders.placeOrder(
                    .with {
                        $0.userID = 7
                        $0.items = [
                            .with {
                                $0.productID = product
                                $0.quantity = 1
                            }
                        ]
                    }
                ).order
            }
            #expect(placed.userID == 7)
            #expect(try await shop.outcome(7, placed.id).state == "confirmed")
            _ = try await shop.cancel(1, placed.id, as: .admin)
            #expect(try await shop.outcome(7, placed.id).state == "cancelled")
            // Refused, so nothing was done and nothing is on record.
            _ = try await refusal { _ = try await shop.cancel(1, placed.id, as: .admin) }
            let rows = try await shop.ordersDB.query(
                "SELECT actor_id, actor_role, user_id, action, subject_id FROM audit_trail ORDER BY id")
            let trail = try rows.decode((Int64, String, Int64, String, Int64).self)
            #expect(trail.map(\.3) == ["order.place", "order.cancel"])
            #expect(trail.allSatisfy { $0.0 == 1 && $0.1 == "admin" && $0.2 == 7 && $0.4 == placed.id })
            try await shop.checkInvariants()
        }
    }
}
