import HTTPTypes
import Hosting
import NIOCore
import Redis
import ShopProtos
import SwiftProtobuf
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// A gateway that keeps carts for an hour, unless it hears of a change.
@Suite(.timeLimit(.minutes(60))) struct CartCacheTests {
    /// Everybody's cart, which has so many samovars as it was changed.
    private final class Service: Sendable {
        private typealias Carts = Cart_Customers.Method
        private typealias Products = Products_Products.Method

        private let state = Mutex((amount: Int64(1), asked: 0))
        /// Waits behind each read, before its answer.
        private let delay = Mutex<(@Sendable () async -> Void)?>(nil)

        /// How often it was asked for a cart.
        var asked: Int { state.withLock { $0.asked } }

        /// Has every answer from now on wait behind its read; nil for none.
        func hold(_ wait: (@Sendable () async -> Void)?) { delay.withLock { $0 = wait } }

        @discardableResult func change() -> String {
            state.withLock { $0.amount += 1 }
            return "ok"
        }

        private func read() async -> Cart_GetCartResponse {
            let amount = state.withLock { state in
                state.asked += 1
                return state.amount
            }
            if let wait = delay.withLock({ $0 }) { await wait() }
            return .with { $0.lines = [.with { ($0.productID, $0.amount, $0.name) = (7, amount, "Samovar") }] }
        }

        var rpcs: [any Answering] {
            [
                RPC(Carts.GetCart.descriptor) { (_: Cart_GetCartRequest) in await self.read() },
                RPC(Carts.PostToCart.descriptor) { (request: Cart_PostToCartRequest) in
                    let status = self.change()
                    // It is changed all the same.
                    if request.amount == 9 { throw ServiceError.failedPrecondition("odd", "it does not say so") }
                    return Cart_PostToCartResponse.with { $0.status = status }
                },
                RPC(Carts.SetCartAmount.descriptor) { (_: Cart_SetCartAmountRequest) in
                    Cart_SetCartAmountResponse.with { $0.status = self.change() }
                },
                RPC(Carts.DeleteFromCart.descriptor) { (_: Cart_DeleteFromCartRequest) in
                    Cart_DeleteFromCartResponse.with { $0.status = self.change() }
                },
                RPC(Carts.ClearCart.descriptor) { (_: Cart_ClearCartRequest) in
                    Cart_ClearCartResponse.with { $0.status = self.change() }
                },
                RPC(Carts.MergeCart.descriptor) { (_: Cart_MergeCartRequest) in
                    Cart_MergeCartResponse.with { $0.status = self.change() }
                },
                RPC(Products.UpdateProduct.descriptor) { (_: Products_UpdateProductRequest) in
                    self.change()
                    return Products_UpdateProductResponse()
                },
                RPC(Products.DeleteProduct.descriptor) { (_: Products_DeleteProductRequest) in
                    Products_DeleteProductResponse.with { $0.status = self.change() }
                },
            ]
        }
    }

    /// A gateway that is told of changes by the test.
    private struct Told: Sendable {
        let gateway: InProcessGateway
        let caches: GatewayCaches
        let service: Service

        /// The number of samovars in user 2's cart, as it is shown.
        func amount() async throws -> Int64 {
            let answer = try await gateway.call(.get, "/api/cart/2", as: 2)
            return try #require(answer.json["lines"].elements.first?["amount"].integer)
        }
    }

    private func withGateway(_ body: @escaping @Sendable (Told) async throws -> Void) async throws {
        let service = Service()
        let caches = GatewayCaches(lifetime: .seconds(3600))
        caches.heed(.began)
        try await InProcessGateway.withPeers(service.rpcs) { peers in
            try await body(
                Told(gateway: try InProcessGateway(peers: peers, caches: caches), caches: caches, service: service))
        }
    }

    @Test("What was shown is shown again without the service, and only to who may see it")
    func kept() async throws {
        try await withGateway { told async throws in
            let (gateway, service) = (told.gateway, told.service)
            let first = try await gateway.call(.get, "/api/cart/2", as: 2)
            let tag = try #require(first.headers[.eTag])
            #expect(tag == EntityTag.strong(of: .init(string: first.body)))
            for answer in [
                try await gateway.call(.get, "/api/cart/2", as: 2),
                try await gateway.call(.get, "/api/cart/2", as: 1, role: .admin),
            ] {
                #expect(answer.status == 200 && answer.body == first.body && answer.headers[.eTag] == tag)
                #expect(answer.headers[.cacheControl] == "no-store")
                #expect(answer.headers[.contentType] == "application/json")
            }
            let unchanged = try await gateway.call(.get, "/api/cart/2", as: 2, headers: [.ifNoneMatch: tag])
            #expect(unchanged.status == 304 && unchanged.headers[.eTag] == tag)
            #expect(try await gateway.call(.get, "/api/cart/2", as: 3).status == 403)
            #expect(try await gateway.call(.get, "/api/cart/2").status == 401)
            #expect(service.asked == 1)
            #expect(try await gateway.call(.get, "/api/cart/3", as: 3).json["user_id"].integer == 3)
            #expect(service.asked == 2)
        }
    }

    @Test("Who writes is shown the cart as it is then, whatever Redis tells; others keep theirs")
    func ownWrites() async throws {
        try await withGateway { told async throws in
            let (gateway, service) = (told.gateway, told.service)
            _ = try await gateway.call(.get, "/api/cart/3", as: 3)
            let line = #"{"product_id":7,"amount":1}"#
            let writes: [(HTTPRequest.Method, String, String)] = [
                (.post, "/api/cart", line),
                (.post, "/api/cart", #"{"product_id":7,"amount":9}"#),
                (.delete, "/api/cart/2", #"{"product_id":7}"#),
                (.put, "/api/cart/2/lines/7", #"{"amount":3}"#),
                (.delete, "/api/cart/2/lines/7", ""),
                (.delete, "/api/cart/2/lines", ""),
                (.post, "/api/cart/2/merge", #"{"lines":[\#(line)]}"#),
            ]
            for (method, path, body) in writes {
                let before = try await told.amount()
                #expect(try await told.amount() == before)
                _ = try await gateway.call(method, path, as: 2, headers: [.idempotencyKey: "k"], body)
                #expect(try await told.amount() == before + 1, "\(method) \(path)")
            }
            let before = try await told.amount()
            let another = #"{"product_id":7,"amount":1,"user_id":2}"#
            #expect(try await gateway.call(.post, "/api/cart", as: 1, role: .admin, another).status == 200)
            #expect(try await told.amount() == before + 1)
            let asked = service.asked
            _ = try await gateway.call(.get, "/api/cart/3", as: 3)
            #expect(service.asked == asked)
        }
    }

    @Test("Who changes a product is shown it in the cart as it is then")
    func ownProduct() async throws {
        try await withGateway { told async throws in
            for (method, body) in [(.patch, #"{"price":3}"#), (.delete, "")] as [(HTTPRequest.Method, String)] {
                let before = try await told.amount()
                let answer = try await told.gateway.call(method, "/api/products/7", as: 2, body)
                #expect(answer.status == 200)
                #expect(try await told.amount() == before + 1, "\(method)")
            }
        }
    }

    private static let changes: [RedisKeyWatch.Event] = [
        .changed(["cart:2:version"]), .changed(["rating:7:version", "cart:0:version"]),
        .changed(["product:8:version", "product:7:version"]), .everything,
    ]

    @Test("A change of the cart, of all carts, or of a product in it is seen at once", arguments: changes)
    func heeded(event: RedisKeyWatch.Event) async throws {
        try await withGateway { told async throws in
            let before = try await told.amount()
            told.service.change()
            #expect(try await told.amount() == before)
            told.caches.heed(event)
            #expect(try await told.amount() == before + 1)
        }
    }

    @Test(
        "A change of something else is none",
        arguments: ["cart:3:version", "product:8:version", "product:7", "rating:2:version", "cart:2"])
    func unheeded(name: String) async throws {
        try await withGateway { told async throws in
            let before = try await told.amount()
            told.service.change()
            told.caches.heed(.changed([name]))
            #expect(try await told.amount() == before)
        }
    }

    @Test("What was read before a change is not kept behind the news of it", arguments: changes + [.ended])
    func slowRead(event: RedisKeyWatch.Event) async throws {
        try await withGateway { told async throws in
            let (read, mayAnswer) = (Countdown(1), Countdown(1))
            told.service.hold {
                read.step()
                await mayAnswer.done()
            }
            let slow = Task { try await told.amount() }
            await read.done()
            told.service.hold(nil)
            told.service.change()
            told.caches.heed(event)
            mayAnswer.step()
            #expect(try await slow.value == 1)
            told.caches.heed(.began)
            #expect(try await told.amount() == 2)
        }
    }

    @Test("A read before a write of one's own is not kept behind it")
    func slowReadAcrossAWrite() async throws {
        try await withGateway { told async throws in
            let (read, mayAnswer) = (Countdown(1), Countdown(1))
            told.service.hold {
                read.step()
                await mayAnswer.done()
            }
            let slow = Task { try await told.amount() }
            await read.done()
            told.service.hold(nil)
            _ = try await told.gateway.call(.delete, "/api/cart/2/lines", as: 2)
            mayAnswer.step()
            #expect(try await slow.value == 1)
            #expect(try await told.amount() == 2)
        }
    }

    @Test("While nobody tells of changes nothing is kept")
    func unwatched() async throws {
        try await withGateway { told async throws in
            _ = try await told.amount()
            told.caches.heed(.ended)
            let asked = told.service.asked
            _ = try await (told.amount(), told.amount())
            #expect(told.service.asked == asked + 2)
        }
    }
}
