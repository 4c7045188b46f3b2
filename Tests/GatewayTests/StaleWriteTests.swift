import HTTPTypes
import Hosting
import Hummingbird
import ShopProtos
import SwiftProtobuf
import Synchronization
import Testing

@testable import Gateway

/// A write that names what it has read replaces that and nothing newer.
@Suite struct StaleWriteTests {
    /// A products service with one product: its stock may be sold, and versions are compared as under the row's lock.
    private final class Shelf: Sendable {
        private let state = Mutex<Products_Product>(
            .with { ($0.id, $0.name, $0.amount, $0.price, $0.userID, $0.version) = (7, "Samovar", 10, 5, 1, 1) })
        /// Units that are sold between the gateway's look at the product and its write.
        let soldMeanwhile = Mutex<Int64>(0)

        var product: Products_Product { state.withLock { $0 } }

        func sell(_ units: Int64) { change { $0.amount -= units } }

        func change(_ body: (inout Products_Product) -> Void) {
            state.withLock {
                body(&$0)
                $0.version += 1
            }
        }

        var read: RPC<Products_GetOneProductRequest, Products_GetOneProductResponse> {
            RPC(Products_Products.Method.GetOneProduct.descriptor) { request in
                guard request.id == 7 else { throw ServiceError.notFound("product_not_found", "there is none") }
                return .with { $0.product = self.product }
            }
        }

        var write: RPC<Products_UpdateProductRequest, Products_UpdateProductResponse> {
            RPC(Products_Products.Method.UpdateProduct.descriptor) { request in
                let sold = self.soldMeanwhile.withLock { $0 }
                if sold > 0 { self.sell(sold) }
                if request.hasExpectedVersion, request.expectedVersion != self.product.version {
                    throw ServiceError.failedPrecondition("precondition_failed", "it has changed")
                }
                self.change { product in
                    if request.hasAmount { product.amount = request.amount }
                    if request.hasAmountChange { product.amount += request.amountChange }
                }
                return .with { $0.product = self.product }
            }
        }

        var delete: RPC<Products_DeleteProductRequest, Products_DeleteProductResponse> {
            RPC(Products_Products.Method.DeleteProduct.descriptor) { request in
                if request.hasExpectedVersion, request.expectedVersion != self.product.version {
                    throw ServiceError.failedPrecondition("precondition_failed", "it has changed")
                }
                return .with { $0.status = "ok" }
            }
        }
    }

    private let shelf = Shelf()

    private func tag(_ gateway: InProcessGateway) async throws -> String {
        try #require(try await gateway.call(.get, "/api/products/7").headers[.eTag])
    }

    @Test func whatWasSoldSinceIsNotMadeOutOfNothing() async throws {
        let write = shelf.write
        try await InProcessGateway.with(shelf.read, write) { gateway async throws in
            let tag = try await tag(gateway)
            shelf.sell(3)
            let stale = try await gateway.call(
                .patch, "/api/products/7", as: 1, headers: [.ifMatch: tag], #"{"amount":10}"#)
            #expect(stale.status == 412 && stale.code == "precondition_failed")
            #expect(shelf.product.amount == 7 && write.requests.isEmpty)
            let fresh = try await gateway.call(
                .patch, "/api/products/7", as: 1, headers: [.ifMatch: try await self.tag(gateway)], #"{"amount":12}"#)
            #expect(fresh.status == 200 && shelf.product.amount == 12)
        }
    }

    @Test func aSaleBetweenTheLookAndTheWriteIsSeenByTheService() async throws {
        try await InProcessGateway.with(shelf.read, shelf.write) { gateway async throws in
            let tag = try await tag(gateway)
            shelf.soldMeanwhile.withLock { $0 = 3 }
            let stale = try await gateway.call(
                .patch, "/api/products/7", as: 1, headers: [.ifMatch: tag], #"{"amount":10}"#)
            #expect(stale.status == 412 && stale.code == "precondition_failed")
            #expect(shelf.product.amount == 7)
        }
    }

    @Test func theStoreIsLookedAtNotACache() async throws {
        let read = shelf.read
        try await InProcessGateway.with(read, shelf.write) { gateway async throws in
            let tag = try await tag(gateway)
            _ = try await gateway.call(.patch, "/api/products/7", as: 1, headers: [.ifMatch: tag], #"{"price":6}"#)
        }
        #expect(read.requests.map(\.fresh) == [false, true])
    }

    @Test func stockMayBeChangedByADifference() async throws {
        try await InProcessGateway.with(shelf.read, shelf.write) { gateway async throws in
            shelf.sell(3)
            let answer = try await gateway.call(.patch, "/api/products/7", as: 1, #"{"change":-3}"#)
            #expect(answer.status == 200 && answer.json["amount"] == .number("4"))
            #expect(try await gateway.call(.patch, "/api/products/7", as: 1, #"{"change":5}"#).status == 200)
        }
        #expect(shelf.product.amount == 9)
    }

    @Test(arguments: [
        #"{"change":0}"#, #"{"change":1,"amount":3}"#, #"{"change":1000000001}"#, #"{"change":"1"}"#,
        #"{"change":null}"#,
    ])
    func aDifferenceIsReadStrictly(_ body: String) async throws {
        let answer = try await InProcessGateway(peers: Peers(local: [])).call(.patch, "/api/products/7", as: 1, body)
        #expect(answer.status == 400 && answer.fields == ["change"])
    }

    @Test func theHeadersMeanWhatTheStandardSays() async throws {
        try await InProcessGateway.with(shelf.read, shelf.write, shelf.delete) { gateway async throws in
            let tag = try await tag(gateway)
            func status(_ headers: HTTPFields, _ path: String = "/api/products/7") async throws -> Int {
                // Nothing is changed by it, so the tag stays.
                try await gateway.call(.delete, path, as: 1, headers: headers).status
            }
            var lines = HTTPFields()
            lines.append(HTTPField(name: .ifMatch, value: #""x""#))
            lines.append(HTTPField(name: .ifMatch, value: #"W/"y", \#(tag)"#))
            #expect(try await status([.ifMatch: tag]) == 200)
            #expect(try await status(lines) == 200)
            #expect(try await status([.ifMatch: "*"]) == 200)
            #expect(try await status([.ifMatch: #""a,b", \#(tag)"#]) == 200)
            for other in [#""x""#, "W/\(tag)", String(tag.dropLast()), "", "nonsense", tag.dropLast() + #"x""#] {
                #expect(try await status([.ifMatch: String(other)]) == 412, "\(other)")
            }
            #expect(try await status([.ifNoneMatch: "*"]) == 412)
            #expect(try await status([.ifNoneMatch: tag]) == 412)
            #expect(try await status([.ifNoneMatch: "W/\(tag)"]) == 412)
            #expect(try await status([.ifNoneMatch: #""x""#]) == 200)
            #expect(try await status([.ifMatch: tag, .ifNoneMatch: #""x""#]) == 200)
            // Where there is nothing, nothing matches.
            #expect(try await status([.ifMatch: "*"], "/api/products/8") == 412)
            #expect(try await status([.ifNoneMatch: "*"], "/api/products/8") == 200)
        }
    }

    @Test func whoMayNotWriteLearnsNothing() async throws {
        try await InProcessGateway.with(shelf.read) { gateway async throws in
            #expect(try await gateway.call(.patch, "/api/products/7", headers: [.ifMatch: "*"], "{}").status == 401)
            #expect(try await gateway.call(.delete, "/api/cart/2", as: 3, headers: [.ifMatch: "*"], "{}").status == 403)
        }
    }

    @Test func everyWriteOfWhatHasATagIsHeldToIt() throws {
        let table = try InProcessGateway.routes(peers: Peers(local: []))
        let preconditions = PreconditionGuard(table: table)
        func name(_ route: Route) -> String {
            "\(route.method.rawValue) /" + route.path.components.map(\.description).joined(separator: "/")
        }
        let writes = table.routes.filter { $0.method != .get }
        let held = Dictionary(
            uniqueKeysWithValues: writes.compactMap { write in
                preconditions.reader(for: write).map { (name(write), name($0)) }
            })
        #expect(
            held == [
                "POST /api/products": "GET /api/products",
                "PATCH /api/products/{product}": "GET /api/products/{product}",
                "DELETE /api/products/{product}": "GET /api/products/{product}",
                "DELETE /api/cart/{user_id}": "GET /api/cart/{user_id}",
                "PUT /api/cart/{user_id}/lines/{product_id}": "GET /api/cart/{user_id}",
                "DELETE /api/cart/{user_id}/lines/{product_id}": "GET /api/cart/{user_id}",
                "DELETE /api/cart/{user_id}/lines": "GET /api/cart/{user_id}",
                "POST /api/cart/{user_id}/merge": "GET /api/cart/{user_id}",
                "DELETE /api/liked/{user_id}": "GET /api/liked/{user_id}",
                "POST /api/order/{id}/cancel": "GET /api/order/{id}",
            ])
        let own = writes.filter(\.checksPreconditions).map(name).sorted()
        // All but what has no version: it makes something new.
        #expect(own == held.keys.filter { $0 != "POST /api/products" }.sorted())
    }

    @Test func aCartsLineGoesByTheCart() async throws {
        let amount = Mutex<Int64>(1)
        let cart = RPC(Cart_Customers.Method.GetCart.descriptor) { (_: Cart_GetCartRequest) in
            Cart_GetCartResponse.with {
                $0.lines = [.with { ($0.productID, $0.amount, $0.name) = (7, amount.withLock { $0 }, "Samovar") }]
            }
        }
        let set = RPC(Cart_Customers.Method.SetCartAmount.descriptor) { (_: Cart_SetCartAmountRequest) in
            Cart_SetCartAmountResponse.with { $0.status = "ok" }
        }
        try await InProcessGateway.with(cart, set) { gateway async throws in
            let tag = try #require(try await gateway.call(.get, "/api/cart/2", as: 2).headers[.eTag])
            func put() async throws -> Int {
                try await gateway.call(
                    .put, "/api/cart/2/lines/7", as: 2, headers: [.ifMatch: tag], #"{"amount":3}"#
                ).status
            }
            #expect(try await put() == 200)
            amount.withLock { $0 = 2 }
            #expect(try await put() == 412)
        }
        #expect(set.requests.count == 1)
    }

    /// A service whose things change between the gateway's look at them and its write.
    private static func isSeen(_ hasVersion: Bool, _ isOld: Bool) throws {
        if hasVersion, isOld { throw ServiceError.aborted("precondition_failed", "it has changed") }
    }

    @Test func whatChangesBetweenTheLookAndTheWriteIsSeenByTheService() async throws {
        let answers: [any Answering] = [
            RPC(Cart_Customers.Method.GetCart.descriptor) { (_: Cart_GetCartRequest) in
                Cart_GetCartResponse.with { $0.version = "seen" }
            },
            RPC(Cart_Customers.Method.SetCartAmount.descriptor) { (request: Cart_SetCartAmountRequest) in
                try Self.isSeen(request.hasExpectedVersion, request.expectedVersion == "seen")
                return Cart_SetCartAmountResponse()
            },
            RPC(Cart_Customers.Method.DeleteFromCart.descriptor) { (request: Cart_DeleteFromCartRequest) in
                try Self.isSeen(request.hasExpectedVersion, request.expectedVersion == "seen")
                return Cart_DeleteFromCartResponse()
            },
            RPC(Cart_Customers.Method.ClearCart.descriptor) { (request: Cart_ClearCartRequest) in
                try Self.isSeen(request.hasExpectedVersion, request.expectedVersion == "seen")
                return Cart_ClearCartResponse()
            },
            RPC(Cart_Customers.Method.MergeCart.descriptor) { (request: Cart_MergeCartRequest) in
                try Self.isSeen(request.hasExpectedVersion, request.expectedVersion == "seen")
                return Cart_MergeCartResponse()
            },
            RPC(Liked_Liked.Method.GetLiked.descriptor) { (_: Liked_GetLikedRequest) in
                Liked_GetLikedResponse.with { $0.version = "seen" }
            },
            RPC(Liked_Liked.Method.DeleteLiked.descriptor) { (request: Liked_DeleteLikedRequest) in
                try Self.isSeen(request.hasExpectedVersion, request.expectedVersion == "seen")
                return Liked_DeleteLikedResponse()
            },
            RPC(Orders_Orders.Method.GetOrder.descriptor) { (_: Orders_GetOrderRequest) in
                .with { $0.order = .with { ($0.id, $0.state, $0.cancellationSagaID) = (1, "confirmed", "seen") } }
            } as RPC<Orders_GetOrderRequest, Orders_GetOrderResponse>,
            RPC(Orders_Orders.Method.CancelOrder.descriptor) { (request: Orders_CancelOrderRequest) in
                try Self.isSeen(
                    request.hasExpected,
                    request.expected.state == "confirmed" && request.expected.cancellationSagaID == "seen")
                return Orders_CancelOrderResponse()
            },
        ]
        let writes: [(HTTPRequest.Method, String, look: String, body: String)] = [
            (.put, "/api/cart/2/lines/7", "/api/cart/2", #"{"amount":3}"#),
            (.delete, "/api/cart/2/lines/7", "/api/cart/2", ""), (.delete, "/api/cart/2/lines", "/api/cart/2", ""),
            (.delete, "/api/cart/2", "/api/cart/2", #"{"product_id":7}"#),
            (.post, "/api/cart/2/merge", "/api/cart/2", #"{"lines":[{"product_id":7,"amount":1}]}"#),
            (.delete, "/api/liked/2", "/api/liked/2", #"{"product_id":7}"#),
            (.post, "/api/order/1/cancel", "/api/order/1", ""),
        ]
        try await InProcessGateway.with(answers) { gateway async throws in
            for (method, path, look, body) in writes {
                let tag = try #require(try await gateway.call(.get, look, as: 2).headers[.eTag])
                func status(_ headers: HTTPFields) async throws -> Int {
                    var headers = headers
                    headers[.idempotencyKey] = "k"
                    return try await gateway.call(method, path, as: 2, headers: headers, body).status
                }
                #expect(try await status([.ifMatch: tag]) == 412, "\(method) \(path)")
                #expect(try await status([.ifMatch: #""x""#]) == 412, "\(method) \(path)")
                // Neither names a version.
                #expect(try await status([.ifMatch: "*"]) / 100 == 2, "\(method) \(path)")
                #expect(try await status([:]) / 100 == 2, "\(method) \(path)")
            }
        }
    }

    @Test func whatCannotBeReadHasNoTag() async throws {
        let post = RPC(Reviews_Reviews.Method.PostReview.descriptor) { (_: Reviews_PostReviewRequest) in
            Reviews_PostReviewResponse.with { $0.id = 9 }
        }
        let review = #"{"text":"x","evaluation":5,"product_id":7}"#
        try await InProcessGateway.with(post) { gateway async throws in
            #expect(
                try await gateway.call(.post, "/api/reviews", as: 2, headers: [.ifMatch: "*"], review).status == 412)
            #expect(
                try await gateway.call(.post, "/api/reviews", as: 2, headers: [.ifNoneMatch: "*"], review).status == 200
            )
        }
    }

    @Test func readingGoesByIfMatchAsWell() async throws {
        try await InProcessGateway.with(shelf.read) { gateway async throws in
            let tag = try await tag(gateway)
            #expect(try await gateway.call(.get, "/api/products/7", headers: [.ifMatch: tag]).status == 200)
            #expect(try await gateway.call(.get, "/api/products/7", headers: [.ifMatch: #""x""#]).status == 412)
        }
    }
}
