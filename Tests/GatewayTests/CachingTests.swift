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
