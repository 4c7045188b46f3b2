import HTTPTypes
import Hosting
import NIOCore
import ShopProtos
import SwiftProtobuf
import Testing

@testable import Gateway

@Suite struct OrderRouteTests {
    private typealias Method = Orders_Orders.Method

    private static func order(_ state: String) -> Orders_Order {
        .with {
            $0.id = 12
            $0.userID = 2
            $0.state = state
        }
    }

    private let all = RPC(Method.GetOrders.descriptor) { (_: Orders_GetOrdersRequest) in
        Orders_GetOrdersResponse.with { $0.orders = [order("confirmed")] }
    }
    private let list = RPC(Method.ListOrders.descriptor) { (_: Orders_ListOrdersRequest) in
        Orders_ListOrdersResponse.with {
            $0.orders = [order("pending")]
            $0.nextCursor = "n"
        }
    }

    @Test func ordersComeAllAtOnceUnlessAPageIsAskedFor() async throws {
        try await InProcessGateway.with(all, list) { gateway async throws in
            let whole = try await gateway.call(.get, "/api/orders/2?other=1", as: 2)
            #expect(whole.status == 200 && whole.json.members.keys.sorted() == ["orders"])
            let page = try await gateway.call(.get, "/api/orders/2?state=pending&limit=3", as: 2)
            #expect(page.json["next_cursor"] == .string("n"))
            #expect(page.json["orders"].elements.first?["state"] == .string("pending"))
            #expect(try await gateway.call(.get, "/api/orders/2?cursor=c", as: 1, role: .admin).status == 200)
        }
        #expect(all.requests.map(\.userID) == [2])
        #expect(list.requests.map(\.state) == ["pending", ""])
        #expect(list.requests.map(\.pageSize) == [3, 0])
        #expect(list.requests.map(\.cursor) == ["", "c"])
    }

    @Test func listingIsStrictAndOnesOwn() async throws {
        let gateway = try InProcessGateway(peers: Peers(local: []))
        #expect(try await gateway.call(.get, "/api/orders/2?state=done&limit=0", as: 2).fields == ["state", "limit"])
        #expect(try await gateway.call(.get, "/api/orders/me", as: 2).fields == ["user_id"])
        #expect(try await gateway.call(.get, "/api/orders/2", as: 3).code == "not_owner")
        #expect(try await gateway.call(.get, "/api/orders/2").code == "token_required")
    }

    @Test(arguments: ["cancelled", "confirmed", "rejected"])
    func cancellingWaitsWhenItIsAskedTo(_ outcome: String) async throws {
        let cancel = RPC(Method.CancelOrder.descriptor) { (_: Orders_CancelOrderRequest) in
            Orders_CancelOrderResponse.with { $0.order = Self.order("cancelling") }
        }
        let wait = StreamRPC(Method.AwaitOrders.descriptor) { (request: Orders_AwaitOrdersRequest) in
            request.action == .forget(true)
                ? nil
                : Orders_AwaitOrdersResponse.with {
                    $0.id = request.id
                    $0.order = Self.order(outcome)
                }
        }
        try await InProcessGateway.with(cancel, wait) { gateway async throws in
            let accepted = try await gateway.call(.post, "/api/order/12/cancel", as: 2)
            #expect(accepted.status == 202 && accepted.json["state"] == .string("cancelling"))
            #expect(accepted.headers[.location] == "/api/order/12")
            let waited = try await gateway.call(.post, "/api/order/12/cancel", as: 2, headers: [.prefer: "wait=30"])
            #expect(waited.status == 200 && waited.json["state"] == .string(outcome))
            #expect(waited.headers[.preferenceApplied] == "wait=30")
        }
        #expect(cancel.requests.map(\.id) == [12, 12])
        #expect(wait.requests.first?.ask.timeoutMilliseconds == 30_000)
    }

    @Test func anOutcomeThatDoesNotComeIs202() async throws {
        let cancel = RPC(Method.CancelOrder.descriptor) { (_: Orders_CancelOrderRequest) in
            Orders_CancelOrderResponse.with { $0.order = Self.order("cancelling") }
        }
        try await InProcessGateway.with(cancel) { gateway async throws in
            // Waiting fails here (nobody serves it); what was accepted stays accepted.
            let waited = try await gateway.call(.post, "/api/order/12/cancel", as: 2, headers: [.prefer: "wait=1"])
            #expect(waited.status == 202 && waited.json["state"] == .string("cancelling"))
        }
    }

    @Test func aCancellationThatTheStateForbidsIsAConflict() async throws {
        let cancel = RPC<Orders_CancelOrderRequest, Orders_CancelOrderResponse>(Method.CancelOrder.descriptor) { _ in
            throw ServiceError.aborted("already_cancelled", "it is cancelled")
        }
        try await InProcessGateway.with(cancel) { gateway async throws in
            let answer = try await gateway.call(.post, "/api/order/12/cancel", as: 2)
            #expect(answer.status == 409 && answer.code == "already_cancelled")
            #expect(try await gateway.call(.post, "/api/order/0/cancel", as: 2).fields == ["id"])
            #expect(try await gateway.call(.post, "/api/order/12/cancel").status == 401)
        }
    }

    @Test func anOrderTellsOfItsCancellation() throws {
        let body = OrderBody(
            .with {
                $0.state = "cancelled"
                $0.cancelledAt = "t"
                $0.cancellationSagaID = "s"
            })
        let json = try JSONParser.parse(Array(JSONText.encode(body).readableBytesView))
        #expect(json["cancelled_at"] == .string("t") && json["cancellation_saga_id"] == .string("s"))
        #expect(!json.members.keys.contains("cancellation_reason"))
    }
}
