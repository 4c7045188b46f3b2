import HTTPTypes
import Hosting
import ShopProtos
import SwiftProtobuf
import Testing

@testable import Gateway

@Suite struct CustomerRouteTests {
    private typealias Method = Cart_Customers.Method

    private let gateway: InProcessGateway

    init() throws {
        self.gateway = try InProcessGateway(peers: Peers(local: []))
    }

    @Test func aCartIsShownWithWhatItsServiceKnows() async throws {
        let cart = RPC(Method.GetCart.descriptor) { (_: Cart_GetCartRequest) in
            Cart_GetCartResponse.with {
                $0.lines = [
                    .with {
                        $0.productID = 7
                        $0.amount = 2
                        $0.name = "Samovar"
                        $0.price = 100
                        $0.inStock = 3
                    },
                    .with {
                        $0.productID = 9
                        $0.amount = 1
                        $0.unavailable = "product_unavailable"
                    },
                ]
                $0.total = 200
                $0.currency = "RUB"
            }
        }
        try await InProcessGateway.with(cart) { gateway async throws in
            let answer = try await gateway.call(.get, "/api/cart/2", as: 2)
            #expect(
                answer.body == #"{"currency":"RUB","lines":["#
                    + #"{"amount":2,"in_stock":3,"name":"Samovar","price":100,"product_id":7},"#
                    + #"{"amount":1,"in_stock":0,"product_id":9,"unavailable":"product_unavailable"}],"#
                    + #""total":200,"user_id":2}"#)
        }
    }

    @Test func linesAreSetDroppedAndCleared() async throws {
        let set = RPC(Method.SetCartAmount.descriptor) { (_: Cart_SetCartAmountRequest) in
            Cart_SetCartAmountResponse.with { $0.status = "ok" }
        }
        let drop = RPC(Method.DeleteFromCart.descriptor) { (_: Cart_DeleteFromCartRequest) in
            Cart_DeleteFromCartResponse.with { $0.status = "ok" }
        }
        let clear = RPC(Method.ClearCart.descriptor) { (_: Cart_ClearCartRequest) in
            Cart_ClearCartResponse.with { $0.status = "ok" }
        }
        try await InProcessGateway.with(set, drop, clear) { gateway async throws in
            let ok = #"{"status":"ok"}"#
            #expect(try await gateway.call(.put, "/api/cart/2/lines/7", as: 2, #"{"amount":0}"#).body == ok)
            #expect(try await gateway.call(.delete, "/api/cart/2/lines/7", as: 2).body == ok)
            #expect(try await gateway.call(.delete, "/api/cart/2", as: 2, #"{"product_id":8}"#).body == ok)
            #expect(try await gateway.call(.delete, "/api/cart/2/lines", as: 1, role: .admin).body == ok)
        }
        #expect(set.requests == [.with { ($0.userID, $0.productID, $0.amount) = (2, 7, 0) }])
        #expect(drop.requests.map(\.productID) == [7, 8])
        #expect(clear.requests.map(\.userID) == [2])
    }

    @Test func aMergeNeedsAKeyAndKeepsItsLines() async throws {
        let merge = RPC(Method.MergeCart.descriptor) { (request: Cart_MergeCartRequest) in
            Cart_MergeCartResponse.with {
                $0.status = "ok"
                $0.leftOut = [9]
                $0.replayed = request.idempotencyKey == "again"
            }
        }
        let lines = #"{"lines":[{"product_id":7,"amount":2},{"product_id":9,"amount":1}]}"#
        try await InProcessGateway.with(merge) { gateway async throws in
            let bare = try await gateway.call(.post, "/api/cart/2/merge", as: 2, lines)
            #expect(bare.status == 400 && bare.code == "idempotency_key_required")
            let first = try await gateway.call(
                .post, "/api/cart/2/merge", as: 2, headers: [.idempotencyKey: "k"], lines)
            #expect(first.body == #"{"left_out":[9],"status":"ok"}"#)
            #expect(first.headers[.idempotencyReplayed] == nil)
            let again = try await gateway.call(
                .post, "/api/cart/2/merge", as: 2, headers: [.idempotencyKey: "again"], lines)
            #expect(again.headers[.idempotencyReplayed] == "true")
        }
        #expect(merge.requests.first?.lines.map(\.productID) == [7, 9])
        #expect(merge.requests.first?.lines.map(\.amount) == [2, 1])
        #expect(merge.requests.map(\.idempotencyKey) == ["k", "again"])
    }

    @Test(arguments: [
        (#"{"lines":[]}"#, ["lines"]), (#"{"lines":[{"product_id":1}]}"#, ["lines[0].amount"]),
        (#"{"lines":[{"product_id":0,"amount":0}]}"#, ["lines[0].product_id", "lines[0].amount"]),
        (#"{"lines":7}"#, ["lines"]), (#"{"lines":[{"product_id":1,"amount":1000001}]}"#, ["lines[0].amount"]),
    ])
    func aMergeIsReadStrictly(_ body: String, _ fields: [String]) async throws {
        let answer = try await gateway.call(.post, "/api/cart/2/merge", as: 2, headers: [.idempotencyKey: "k"], body)
        #expect(answer.status == 400 && answer.fields == fields)
    }

    @Test func aMergeHasAtMost200Lines() throws {
        func read(_ count: Int) throws -> GuestCart {
            let lines = Array(repeating: #"{"product_id":1,"amount":1}"#, count: count).joined(separator: ",")
            return try JSONBody.read(GuestCart.self, from: Array(#"{"lines":[\#(lines)]}"#.utf8))
        }
        #expect(try read(200).lines.count == 200)
        let error = #expect(throws: Problem.self) { try read(201) }
        #expect(error?.code == "too_many_items")
    }

    @Test(
        arguments: [
            (.put, "/api/cart/2/lines/7", #"{"amount":-1}"#, ["amount"]),
            (.put, "/api/cart/2/lines/7", #"{"amount":1000001}"#, ["amount"]),
            (.put, "/api/cart/2/lines/7", "{}", ["amount"]),
            (.put, "/api/cart/2/lines/x", #"{"amount":1}"#, ["product_id"]),
            (.put, "/api/cart/x/lines/7", #"{"amount":1}"#, ["user_id"]),
            (.delete, "/api/cart/2/lines/0", "", ["product_id"]),
            (.delete, "/api/cart/2", "{}", ["product_id"]),
            (.post, "/api/cart", #"{"product_id":0,"amount":0}"#, ["product_id", "amount"]),
            (.post, "/api/cart", #"{"product_id":1,"amount":1000001}"#, ["amount"]),
            (.post, "/api/liked", #"{"product_id":0}"#, ["product_id"]),
            (.post, "/api/liked", #"{"product_id":1,"user_id":0}"#, ["user_id"]),
            (.delete, "/api/liked/2", #"{"product_id":"7"}"#, ["product_id"]),
            (.get, "/api/balance/2/statement?limit=201", "", ["limit"]),
        ] as [(HTTPRequest.Method, String, String, [String])])
    func requestsAreReadStrictly(
        _ method: HTTPRequest.Method, _ path: String, _ body: String, _ fields: [String]
    ) async throws {
        let answer = try await gateway.call(method, path, as: 2, body)
        #expect(answer.status == 400 && answer.fields == fields)
    }

    @Test(
        arguments: [
            (.get, "/api/cart/2", ""), (.delete, "/api/cart/2", #"{"product_id":1}"#),
            (.delete, "/api/cart/2/lines", ""), (.delete, "/api/cart/2/lines/1", ""),
            (.put, "/api/cart/2/lines/1", #"{"amount":1}"#), (.post, "/api/cart/2/merge", ""),
            (.post, "/api/cart", #"{"product_id":1,"amount":1,"user_id":2}"#), (.get, "/api/liked/2", ""),
            (.post, "/api/liked", #"{"product_id":1,"user_id":2}"#),
            (.delete, "/api/liked/2", #"{"product_id":1}"#), (.get, "/api/balance/2", ""),
            (.get, "/api/balance/2/statement", ""), (.get, "/api/balance/2/holds", ""),
        ] as [(HTTPRequest.Method, String, String)])
    func theThingsOfOthersAreTheirs(_ method: HTTPRequest.Method, _ path: String, _ body: String) async throws {
        let other = try await gateway.call(method, path, as: 3, body)
        #expect(other.status == 403 && other.code == "not_owner")
        #expect(try await gateway.call(method, path, body).status == 401)
        // An admin comes as far as the service, which is not there.
        let admin = try await gateway.call(method, path, as: 1, role: .admin, headers: [.idempotencyKey: "k"], body)
        #expect(admin.status != 403)
    }

    @Test(arguments: ["0", "1000000000001"])
    func aTopUpHasItsLimits(_ amount: String) async throws {
        let answer = try await gateway.call(
            .post, "/api/top-ups", as: 1, role: .admin, headers: [.idempotencyKey: "k"],
            #"{"user_id":2,"amount":\#(amount)}"#)
        #expect(answer.status == 400 && answer.fields == ["amount"])
        #expect(answer.body.contains("1 to 1000000000000"))
    }

    @Test func favouritesComeAndGo() async throws {
        typealias Method = Liked_Liked.Method
        let get = RPC(Method.GetLiked.descriptor) { (_: Liked_GetLikedRequest) in
            Liked_GetLikedResponse.with { $0.productIds = [7, 3] }
        }
        let post = RPC(Method.PostLiked.descriptor) { (_: Liked_PostLikedRequest) in
            Liked_PostLikedResponse.with { $0.status = "ok" }
        }
        let delete = RPC(Method.DeleteLiked.descriptor) { (_: Liked_DeleteLikedRequest) in
            Liked_DeleteLikedResponse.with { $0.status = "ok" }
        }
        try await InProcessGateway.with(get, post, delete) { gateway async throws in
            #expect(try await gateway.call(.get, "/api/liked/2", as: 2).body == #"{"product_ids":[7,3],"user_id":2}"#)
            #expect(try await gateway.call(.post, "/api/liked", as: 2, #"{"product_id":7}"#).status == 200)
            #expect(try await gateway.call(.delete, "/api/liked/2", as: 2, #"{"product_id":7}"#).status == 200)
        }
        #expect(post.requests == [.with { ($0.userID, $0.productID) = (2, 7) }])
        #expect(delete.requests == [.with { ($0.userID, $0.productID) = (2, 7) }])
    }

    @Test func statementsPageAndHoldsDoNot() async throws {
        let statement = RPC(Method.GetStatement.descriptor) { (_: Cart_GetStatementRequest) in
            Cart_GetStatementResponse.with {
                $0.entries = [
                    .with { ($0.id, $0.kind, $0.amount, $0.balance, $0.createdAt) = (1, "top_up", 5, 5, "t") }
                ]
                $0.currency = "RUB"
            }
        }
        let holds = RPC(Method.GetHolds.descriptor) { (_: Cart_GetHoldsRequest) in
            Cart_GetHoldsResponse.with {
                $0.holds = [.with { ($0.orderID, $0.amount, $0.createdAt) = (12, 5, "t") }]
                $0.currency = "RUB"
            }
        }
        try await InProcessGateway.with(statement, holds) { gateway async throws in
            let page = try await gateway.call(.get, "/api/balance/2/statement?limit=10&cursor=c", as: 2)
            #expect(
                page.body == #"{"currency":"RUB","entries":[{"amount":5,"balance":5,"created_at":"t","id":1,"#
                    + #""kind":"top_up"}],"next_cursor":null}"#)
            let held = try await gateway.call(.get, "/api/balance/2/holds", as: 2)
            #expect(held.body == #"{"currency":"RUB","holds":[{"amount":5,"created_at":"t","order_id":12}]}"#)
        }
        #expect(statement.requests == [.with { ($0.userID, $0.pageSize, $0.cursor) = (2, 10, "c") }])
    }
}
