import FoundationEssentials
import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@Suite(.serialized) struct OrderPlacementTests {
    @Test func anOrderIsPaidAndDelivered() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 10)
            try await shop.topUp(7, 1_000)
            let placed = try await shop.place(7, product, quantity: 3).order
            #expect(placed.state == "pending")
            #expect(placed.price == 750)
            let order = try await shop.outcome(7, placed.id)
            #expect(order.state == "confirmed")
            try await shop.checkInvariants()
            #expect(try await shop.balance(7) == (250, 0))
            #expect(try await shop.balance(900) == (750, 0))
            #expect(try await shop.number("SELECT amount FROM products", shop.productsDB) == 7)
        }
    }

    @Test func outOfStockReleasesTheMoney() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 2)
            try await shop.topUp(7, 1_000)
            let order = try await shop.outcome(7, shop.place(7, product, quantity: 3).order.id)
            #expect(order.state == "rejected")
            #expect(order.reason == "out_of_stock")
            try await shop.checkInvariants()
            #expect(try await shop.balance(7) == (1_000, 0))
            #expect(try await shop.number("SELECT amount FROM products", shop.productsDB) == 2)
        }
    }

    @Test func insufficientFundsReleasesTheStock() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 2)
            try await shop.topUp(7, 99)
            let order = try await shop.outcome(7, shop.place(7, product).order.id)
            #expect(order.state == "rejected")
            #expect(order.reason == "insufficient_funds")
            try await shop.checkInvariants()
            #expect(try await shop.balance(7) == (99, 0))
        }
    }

    @Test func aPriceThatIsNoLongerTrueIsRefused() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 2)
            try await shop.topUp(7, 1_000)
            let order = try await shop.outcome(7, shop.place(7, product, price: 90).order.id)
            #expect(order.reason == "price_changed")
            #expect(order.reasonDetail == "product \(product) now costs 1.00 RUB, not 0.90 RUB")
            try await shop.checkInvariants()
            #expect(try await shop.balance(7) == (1_000, 0))
        }
    }

    @Test func bothMayRefuse() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 1)
            let order = try await shop.outcome(7, shop.place(7, product, quantity: 2).order.id)
            #expect(order.state == "rejected")
            #expect(["out_of_stock", "insufficient_funds"].contains(order.reason))
            try await shop.checkInvariants()
        }
    }

    @Test func oneUnitForTwoHundredBuyers() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for buyer in Int64(1_000)..<1_200 { group.addTask { try await shop.topUp(buyer, 100) } }
                try await group.waitForAll()
            }
            let states = try await withThrowingTaskGroup(of: String.self) { group in
                for buyer in Int64(1_000)..<1_200 {
                    group.addTask {
                        try await shop.outcome(buyer, shop.place(buyer, product).order.id).state
                    }
                }
                var states: [String: Int] = [:]
                for try await state in group { states[state, default: 0] += 1 }
                return states
            }
            #expect(states == ["confirmed": 1, "rejected": 199])
            try await shop.checkInvariants()
        }
    }

    @Test func oneKeySentFiftyTimesAtOnceGivesOneOrder() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 100)
            try await shop.topUp(7, 10_000)
            let ids = try await withThrowingTaskGroup(of: Int64?.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        do {
                            return try await shop.place(7, product, key: "k1").order.id
                        } catch {
                            #expect(ServiceError(mapping: error).reason == "idempotency_key_in_use")
                            return nil
                        }
                    }
                }
                var ids: Set<Int64> = []
                for try await id in group { if let id { ids.insert(id) } }
                return ids
            }
            #expect(ids.count == 1)
            let again = try await shop.place(7, product, key: "k1")
            #expect(again.replayed)
            #expect(ids.contains(again.order.id))
            await #expect(throws: (any Error).self) { try await shop.place(7, product, quantity: 2, key: "k1") }
            try await shop.checkInvariants()
            #expect(try await shop.number("SELECT count(*) FROM orders", shop.ordersDB) == 1)
            #expect(try await shop.balance(7) == (9_900, 0))
        }
    }

    @Test func anotherUsersThingsAreOutOfReach() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 1)
            let order = try await shop.place(7, product).order.id
            for call in ["order", "place", "balance", "top-up"] {
                do {
                    _ = try await shop.as(8) {
                        switch call {
                        case "order": _ = try await shop.peers.orders.getOrder(.with { $0.id = order })
                        case "place":
                            _ = try await shop.peers.orders.placeOrder(
                                .with {
                                    $0.userID = 7
                                    $0.items = [
                                        .with {
                                            $0.productID = product
                                            $0.quantity = 1
                                        }
                                    ]
                                })
                        case "balance": _ = try await shop.peers.customers.getUserBalance(.with { $0.userID = 7 })
                        default:
                            _ = try await shop.peers.customers.topUp(
                                .with {
                                    $0.userID = 8
                                    $0.amount = 1
                                    $0.idempotencyKey = "x"
                                })
                        }
                    }
                    Issue.record("\(call) of another user was allowed")
                } catch {
                    let code = ServiceError(mapping: error).code
                    #expect(code == (call == "order" ? .notFound : .permissionDenied), "\(call)")
                }
            }
            try await shop.checkInvariants()
        }
    }
}
