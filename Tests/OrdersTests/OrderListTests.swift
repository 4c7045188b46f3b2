import Hosting
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Testing

@Suite(.serialized) struct OrderListTests {
    @Test func pagesAreDisjointAndCompleteWhileOrdersCome() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 100)
            try await shop.topUp(7, 1_000)
            var known: [Int64] = []
            for _ in 0..<7 { known.append(try await shop.place(7, product).order.id) }
            _ = try await shop.place(8, product)
            var pages: [[Orders_Order]] = []
            var cursor = ""
            repeat {
                let reply = try await shop.list(7, size: 3, cursor: cursor)
                pages.append(reply.orders)
                cursor = reply.nextCursor
                _ = try await shop.place(7, product)
            } while !cursor.isEmpty
            #expect(pages.map(\.count) == [3, 3, 1])
            #expect(pages.joined().map(\.id) == known.reversed())
            #expect(pages.joined().allSatisfy { $0.products.count == 1 && $0.products[0].name == "Teapot" })
            // What came meanwhile stands in front; nothing more behind the last.
            #expect(try await shop.list(7).orders.map(\.id).dropFirst(3) == known.reversed()[...])
            #expect(try await shop.list(9).orders.isEmpty)
            try await shop.settle()
        }
    }

    @Test func aStateIsAFilter() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 100)
            try await shop.topUp(7, 300)
            var expected: [String: [Int64]] = [:]
            for place in 0..<6 {
                let order = try await shop.buy(7, product)
                guard place == 1 else {
                    expected[order.state, default: []].insert(order.id, at: 0)
                    continue
                }
                let cancelled = try await shop.callOff(7, order.id)
                expected[cancelled.state, default: []].insert(order.id, at: 0)
            }
            #expect(expected.mapValues(\.count) == ["confirmed": 3, "cancelled": 1, "rejected": 2])
            for state in ["pending", "confirmed", "rejected", "cancelling", "cancelled"] {
                #expect(try await shop.list(7, state: state).orders.map(\.id) == expected[state, default: []])
            }
            let first = try await shop.list(7, state: "confirmed", size: 2)
            let second = try await shop.list(7, state: "confirmed", size: 2, cursor: first.nextCursor)
            #expect((first.orders + second.orders).map(\.id) == expected["confirmed"])
            #expect(second.nextCursor.isEmpty)
            // A cursor belongs to its listing.
            let strange = try await refusal {
                _ = try await shop.list(7, state: "rejected", cursor: first.nextCursor)
            }
            #expect(strange.code == .invalidArgument && strange.reason == "invalid_cursor")
            try await shop.checkInvariants()
        }
    }

    @Test func badRequestsNameTheField() async throws {
        try await Shop.open { shop in
            let unknown = try await refusal { _ = try await shop.list(7, state: "lost") }
            #expect(unknown.code == .invalidArgument && unknown.reason == "invalid_state")
            #expect(unknown.message.contains("cancelling"))
            #expect(try await refusal { _ = try await shop.list(7, size: 201) }.reason == "invalid_page_size")
            #expect(try await refusal { _ = try await shop.list(7, cursor: "?") }.reason == "invalid_cursor")
            #expect(try await refusal { _ = try await shop.list(0) }.reason == "invalid_user_id")
            let another = try await refusal {
                _ = try await shop.as(8) { try await shop.peers.orders.listOrders(.with { $0.userID = 7 }) }
            }
            #expect(another.code == .permissionDenied)
        }
    }
}

extension Shop {
    fileprivate func list(
        _ user: Int64, state: String = "", size: Int64 = 0, cursor: String = ""
    ) async throws -> Orders_ListOrdersResponse {
        try await self.as(max(user, 1)) {
            try await peers.orders.listOrders(
                .with {
                    $0.userID = user
                    $0.state = state
                    $0.pageSize = size
                    $0.cursor = cursor
                })
        }
    }
}
