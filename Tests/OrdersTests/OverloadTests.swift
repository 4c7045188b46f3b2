import Events
import Hosting
import Postgres
import Sagas
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

/// Overload sheds: an order is accepted only if it can be settled soon, and what is refused has cost next to nothing.
@Suite(.serialized) struct OverloadTests {
    @Test func pastTheBacklogNothingIsWritten() async throws {
        try await Shop.open(.init { $0.backlogLimit = 3 }) { shop in
            let product = try await shop.sell(price: 100, amount: 50)
            try await shop.topUp(7, 5_000)
            let accepted = try await shop.productsDB.transaction { blocking in
                try await blocking.query("SELECT FROM products FOR UPDATE")
                var accepted: [Int64] = []
                for key in ["a", "b", "c"] { accepted.append(try await shop.place(7, product, key: key).order.id) }
                for key in ["", "d"] {
                    let refused = try await refusal { _ = try await shop.place(7, product, key: key) }
                    #expect(refused.code == .unavailable && refused.reason == "overloaded")
                    #expect(refused.message.contains("nothing was ordered") && refused.retryAfter == .seconds(5))
                }
                #expect(try await shop.number("SELECT count(*) FROM orders", shop.ordersDB) == 3)
                #expect(try await shop.number("SELECT count(*) FROM idempotency_keys", shop.ordersDB) == 3)
                // Who asks again for an order that was accepted gets it.
                let again = try await shop.place(7, product, key: "b")
                #expect(again.replayed && again.order.id == accepted[1])
                return accepted
            }
            for order in accepted { #expect(try await shop.outcome(7, order).state == "confirmed") }
            try await eventually("orders are taken again") {
                do {
                    _ = try await shop.place(7, product, key: "d")
                    return true
                } catch {
                    #expect(ServiceError(mapping: error).reason == "overloaded")
                    return false
                }
            }
            try await shop.checkInvariants()
        }
    }

    /// At four times what there is room for: those that are accepted cost as many messages as they do at any time.
    @Test func whatIsAcceptedUnderOverloadCostsNoMore() async throws {
        let options = Shop.Options {
            $0.backlogLimit = 10
            // Nothing is sent twice because a machine is busy.
            $0.timing.firstResend = .seconds(3600)
        }
        try await Shop.open(options) { shop in
            let product = try await shop.sell(price: 100, amount: 500)
            try await shop.topUp(7, 50_000)
            try await shop.tapping { tap in
                let accepted = try await shop.productsDB.transaction { blocking in
                    try await blocking.query("SELECT FROM products FOR UPDATE")
                    return try await withThrowingTaskGroup(of: Int64?.self) { group in
                        for _ in 0..<40 {
                            group.addTask {
                                do {
                                    return try await shop.place(7, product).order.id
                                } catch {
                                    #expect(ServiceError(mapping: error).reason == "overloaded")
                                    return nil
                                }
                            }
                        }
                        return try await group.reduce(into: [Int64]()) { if let order = $1 { $0.append(order) } }
                    }
                }
                #expect((1...10).contains(accepted.count))
                for order in accepted { #expect(try await shop.outcome(7, order).state == "confirmed") }
                try await shop.checkInvariants()
                try await eventually("the tap has heard all") {
                    tap.messages.count { $0.appID == "orders" } >= 2 * accepted.count
                }
                let sent = tap.messages.filter { $0.appID == "orders" }
                #expect(
                    Set(sent.map(\.type)) == ["saga.order-placement.confirm", "saga.order-placement.try"])
                #expect(sent.count == 2 * accepted.count)
            }
        }
    }
}
