import HTTPTypes
import Hosting
import Redis
import ShopContracts
import ShopHarness
import TestSupport
import Testing

@testable import Gateway

/// Two gateways that keep carts for an hour in front of a shop, unless they hear of a change.
@Suite(.serialized, .timeLimit(.minutes(60))) struct KeptCartTests {
    private func withGateways(
        replicas: Int = 2, _ body: (_ shop: Shop, _ gateways: [WatchingGateway]) async throws -> Void
    ) async throws {
        try await Shop.open(Shop.Options { $0.replicas = replicas }) { shop in
            try await withFixture { fixture in
                let gateways = try await WatchingGateway.two(
                    shop.redis.configuration, lifetime: .seconds(3600), fixture
                ) {
                    try InProcessGateway(
                        peers: shop.peers, caches: $0, issuer: shop.issuer, verifier: shop.verifier)
                }
                try await body(shop, gateways)
            }
        }
    }

    @Test(
        "A changed line, and a changed price, are seen at once by who changed them, and by all as soon as Redis tells")
    func changedLineAndPrice() async throws {
        try await withGateways { shop, gateways in
            let cup = try await shop.sell(price: 10, amount: 1000)
            try await gateways[0].set(cup, 1)
            for round in 1...30 as ClosedRange<Int64> {
                for gateway in gateways { _ = try await gateway.cart() }
                let own = gateways[Int(round) % 2]
                try await own.set(cup, round)
                #expect(try await own.cart()["total"].integer == round * (round + 9))
                try await eventually("both show the line") {
                    try await gateways.show { $0["total"].integer == round * (round + 9) }
                }
                try await own.reprice(cup, round + 10)
                #expect(try await own.cart()["total"].integer == round * (round + 10))
                try await eventually("both show the price") {
                    try await gateways.show { $0["total"].integer == round * (round + 10) }
                }
            }
        }
    }

    @Test("What was bought leaves the cart at both")
    func purchase() async throws {
        try await withGateways { shop, gateways in
            let cup = try await shop.sell(price: 250, amount: 9)
            try await gateways[0].set(cup, 5)
            func buy(_ quantity: Int64) async throws {
                let line = OrderEvent.Line(
                    productID: cup, sellerID: 900, name: "Cup", quantity: quantity, unitPrice: 250)
                try await shop.announce([
                    try Shop.message(
                        OrderEvent.confirmed,
                        OrderEvent(orderID: 12, userID: 7, total: 250 * quantity, currency: "RUB", lines: [line]))
                ])
            }
            for (quantity, rest) in [(2, [3]), (3, [])] as [(Int64, [Int64])] {
                // Kept, behind the news of what has been before.
                for _ in 0..<3 { _ = try await gateways.show { _ in true } }
                try await buy(quantity)
                try await eventually("both show what is left") {
                    try await gateways.show { $0["lines"].elements.compactMap { $0["amount"].integer } == rest }
                }
            }
        }
    }

    @Test("A deleted product's line is hidden at both")
    func deletion() async throws {
        try await withGateways { shop, gateways in
            let cup = try await shop.sell(price: 250, amount: 9)
            try await gateways[0].set(cup, 5)
            for gateway in gateways { #expect(try await gateway.cart()["lines"].elements.count == 1) }
            let answer = try await gateways[0].gateway.call(.delete, "/api/products/\(cup)", as: 900)
            #expect(answer.status == 200, "\(answer.body)")
            let line = try await gateways[0].cart()["lines"].elements.first
            #expect(line == nil || line?["unavailable"].text == "product_unavailable")
            try await eventually("it is gone") {
                try await gateways.show { $0["lines"].elements.isEmpty }
            }
        }
    }

    @Test("Nobody sees less after more, however reads and changes of lines and prices meet")
    func neverBack() async throws {
        try await withGateways(replicas: 1) { shop, gateways in
            let cup = try await shop.sell(price: 2, amount: 1000)
            try await gateways[0].set(cup, 1)
            let end = Countdown(1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Also when a change fails.
                defer { end.step() }
                for number in 0..<6 {
                    let gateway = gateways[number % 2]
                    group.addTask {
                        var last: Int64 = 0
                        while !end.isDone {
                            let total = try #require(try await gateway.cart()["total"].integer)
                            #expect(total >= last)
                            last = total
                            // What is kept is shown without a wait, so that readers would leave no thread to a change.
                            await Task.yield()
                        }
                    }
                }
                for round in 2...100 as ClosedRange<Int64> {
                    let gateway = gateways[Int(round) % 2]
                    if round % 3 == 0 {
                        try await gateway.reprice(cup, round)
                    } else {
                        try await gateway.set(cup, round)
                    }
                }
                end.step()
                try await group.waitForAll()
            }
        }
    }
}

extension WatchingGateway {
    /// User 7's cart, as it shows it.
    fileprivate func cart() async throws -> JSONValue {
        let answer = try await gateway.call(.get, "/api/cart/7", as: 7)
        #expect(answer.status == 200, "\(answer.body)")
        return answer.json
    }

    /// Sets a line of user 7's cart.
    fileprivate func set(_ product: Int64, _ amount: Int64) async throws {
        let path = "/api/cart/7/lines/\(product)"
        let answer = try await gateway.call(.put, path, as: 7, #"{"amount":\#(amount)}"#)
        #expect(answer.status == 200, "\(answer.body)")
    }

    /// Changes a price, as the seller.
    fileprivate func reprice(_ product: Int64, _ price: Int64) async throws {
        let answer = try await gateway.call(.patch, "/api/products/\(product)", as: 900, #"{"price":\#(price)}"#)
        #expect(answer.status == 200, "\(answer.body)")
    }
}

extension [WatchingGateway] {
    /// Whether all of them show user 7 such a cart.
    fileprivate func show(_ isMeant: (JSONValue) -> Bool) async throws -> Bool {
        for gateway in self {
            let cart = try await gateway.cart()
            if !isMeant(cart) { return false }
        }
        return true
    }
}
