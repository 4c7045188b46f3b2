import HTTPTypes
import Hosting
import ShopProtos
import SwiftProtobuf
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// What a client is told when the connection to a service breaks in the middle of its request.
@Suite struct OutcomeTests {
    /// A proxy that a stub's handler cuts, so that its answer is lost.
    private final class Path: Sendable {
        private let proxy = Mutex<TCPProxy?>(nil)

        func open(to port: Int) -> Int {
            let made = TCPProxy(to: port)
            proxy.withLock { $0 = made }
            return made.port
        }

        func cut() { proxy.withLock { $0 }?.cut() }
        func close() { proxy.withLock { $0 }?.close() }
    }

    @Test("An order that may have been placed is not asked for again; a look may be")
    func broken() async throws {
        let path = Path()
        defer { path.close() }
        let place = RPC(Orders_Orders.Method.PlaceOrder.descriptor) { (_: Orders_PlaceOrderRequest) in
            path.cut()
            return Orders_PlaceOrderResponse()
        }
        let look = RPC(Orders_Orders.Method.GetOrder.descriptor) { (_: Orders_GetOrderRequest) in
            path.cut()
            return Orders_GetOrderResponse()
        }
        try await InProcessGateway.withOverNetwork(place, look, through: { path.open(to: $0) }) {
            gateway async throws in
            let order = #"{"items":[{"product_id":1,"quantity":1}]}"#
            let placed = try await gateway.call(.post, "/api/orders", as: 2, order)
            #expect(placed.status == 503 && placed.code == "outcome_unknown", "\(placed)")
            #expect(placed.headers[.retryAfter] == nil)
            let detail = placed.json["detail"].text ?? ""
            #expect(detail.contains("the same Idempotency-Key") && detail.contains("look first"))
            let looked = try await gateway.call(.get, "/api/order/1", as: 2)
            #expect(looked.status == 503 && looked.code == "peer_unavailable", "\(looked)")
            #expect(looked.headers[.retryAfter] == "1")
        }
        #expect(place.requests.count == 1)
    }

    @Test("What was never sent may be asked for again")
    func neverSent() async throws {
        let nobody = try DeafPort()
        let place = RPC(Orders_Orders.Method.PlaceOrder.descriptor) { (_: Orders_PlaceOrderRequest) in
            Orders_PlaceOrderResponse()
        }
        try await InProcessGateway.withOverNetwork(place, through: { _ in nobody.port }) { gateway async throws in
            let order = #"{"items":[{"product_id":1,"quantity":1}]}"#
            let answer = try await gateway.call(.post, "/api/orders", as: 2, order)
            #expect(answer.status == 503 && answer.code == "peer_unavailable")
            #expect(answer.headers[.retryAfter] == "1")
        }
        #expect(place.requests.isEmpty)
    }
}
