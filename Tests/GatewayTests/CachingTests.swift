import HTTPTypes
import Hosting
import NIOCore
import ShopProtos
import SwiftProtobuf
import Testing

@testable import Gateway

@Suite("What clients and caches may keep")
struct CachingTests {
    private let balance = RPC(Cart_Customers.Method.GetUserBalance.descriptor) { (_: Cart_GetUserBalanceRequest) in
        Cart_GetUserBalanceResponse.with { $0.balance = 5 }
    }
    private let cart = RPC(Cart_Customers.Method.GetCart.descriptor) { (_: Cart_GetCartRequest) in
        Cart_GetCartResponse()
    }

    private let product = RPC(Products_Products.Method.GetOneProduct.descriptor) {
        (request: Products_GetOneProductRequest) in
        if request.id != 7 { throw ServiceError.notFound("product_not_found", "there is none") }
        return Products_GetOneProductResponse.with { $0.product = .with { ($0.id, $0.name) = (7, "Samovar") } }
    }
    private let reviews = RPC(Reviews_Reviews.Method.ListReviews.descriptor) { (_: Reviews_ListReviewsRequest) in
        Reviews_ListReviewsResponse()
    }

    @Test("The catalogue may be kept by all for moments, whoever asks; that there is nothing may not")
    func catalogue() async throws {
        try await InProcessGateway.with(product, reviews) { gateway async throws in
            for path in ["/api/products/7", "/api/products/7/reviews"] {
                let answers = [
                    try await gateway.call(.get, path), try await gateway.call(.get, path, as: 2),
                    try await gateway.call(.head, path),
                ]
                for answer in answers {
                    #expect(answer.status == 200)
                    #expect(answer.headers[.cacheControl] == "public, max-age=1, stale-while-revalidate=4")
                    #expect(answer.headers[.eTag] == answers[0].headers[.eTag] && answer.headers[.eTag] != nil)
                }
            }
            let none = try await gateway.call(.get, "/api/products/8")
            #expect(none.status == 404 && none.headers[.cacheControl] == "no-store" && none.headers[.eTag] == nil)
        }
    }

    @Test("What nobody may keep has no tag, and is sent whoever asks by one")
    func untagged() async throws {
        try await InProcessGateway.with(balance) { gateway async throws in
            func get(_ headers: HTTPFields = [:]) async throws -> GatewayAnswer {
                try await gateway.call(.get, "/api/balance/2", as: 2, headers: headers)
            }
            let answer = try await get()
            #expect(answer.status == 200 && answer.headers[.eTag] == nil)
            #expect(answer.headers[.cacheControl] == "no-store")
            let again = try await get([.ifNoneMatch: EntityTag.strong(of: .init(string: answer.body))])
            #expect(again.status == 200 && again.body == answer.body)
            // There is something, of which no tag can be right.
            #expect(try await get([.ifNoneMatch: "*"]).status == 304)
            #expect(try await get([.ifMatch: "*"]).status == 200)
            #expect(try await get([.ifMatch: #""x""#]).status == 412)
        }
    }

    @Test("What is written under a condition has a tag, though nobody may keep it")
    func written() async throws {
        try await InProcessGateway.with(cart) { gateway async throws in
            let answer = try await gateway.call(.get, "/api/cart/2", as: 2)
            #expect(answer.headers[.cacheControl] == "no-store")
            #expect(answer.headers[.eTag] == EntityTag.strong(of: .init(string: answer.body)))
        }
    }
}
