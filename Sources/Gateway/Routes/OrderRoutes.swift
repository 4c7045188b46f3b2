import GRPCCore
import HTTPTypes
import Hosting
import Hummingbird
import Logging
import ShopProtos
import Telemetry

/// Orders: `POST /api/orders`, `GET /api/orders/{user_id}`, `GET /api/order/{id}`.
struct OrderRoutes: Sendable {
    private struct List: Encodable {
        let orders: [OrderBody]
    }

    let orders: any Orders_Orders.ClientProtocol

    func add(to table: inout RouteTable) {
        table.post("/api/orders", .signedIn) { request, context in
            try await place(request, context)
        }
        table.get("/api/orders/:user_id", .signedIn) { _, context in
            var message = Orders_GetOrdersRequest()
            message.userID = try context.ownedUserID()
            return .json(List(orders: try await orders.getOrders(message).orders.map(OrderBody.init)))
        }
        // Whose it is, the orders service knows; it checks that against the token.
        table.get("/api/order/:id", .signedIn) { _, context in
            var message = Orders_GetOrderRequest()
            message.id = try context.id("id")
            return .json(OrderBody(try await orders.getOrder(message).order))
        }
    }

    /// Answers 202 with the order as accepted, or, when the client wants to wait and the order is decided in time,
    /// 200 with its outcome.
    private func place(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let message = try await Self.message(request)
        let placed = try await orders.placeOrder(message)

        var headers: HTTPFields = [.location: "/api/order/\(placed.order.id)"]
        if placed.replayed { headers[.idempotencyReplayed] = "true" }
        guard let wait = Preferences(request.headers).wait else {
            return .json(OrderBody(placed.order), status: .accepted, headers: headers)
        }
        headers[.preferenceApplied] = "wait=\(wait)"
        let order = await outcome(of: placed.order, seconds: wait, context)
        return .json(OrderBody(order), status: Self.isDecided(order) ? .ok : .accepted, headers: headers)
    }

    private static func message(_ request: Request) async throws -> Orders_PlaceOrderRequest {
        let key = try IdempotencyKey.optional(in: request.headers)
        let body = try await JSONBody.read(NewOrder.self, from: request)
        var message = Orders_PlaceOrderRequest()
        message.userID = try Owner.of(body.userID)
        message.idempotencyKey = key ?? ""
        message.items = body.items.map { item in
            var line = Orders_OrderItem()
            line.productID = item.productID
            line.quantity = item.quantity
            if let price = item.price { line.expectedPrice = price }
            return line
        }
        return message
    }

    /// The order once it is decided, or as it stands when the time is over. The order is placed whatever becomes
    /// of the waiting, so a failure of that is no failure of the request.
    private func outcome(of order: Orders_Order, seconds: Int, _ context: GatewayContext) async -> Orders_Order {
        if Self.isDecided(order) { return order }
        var message = Orders_AwaitOrderRequest()
        message.id = order.id
        message.timeoutMilliseconds = Int64(seconds) * 1000
        var options = CallOptions.defaults
        // The service answers at the end of the wait; this is for when it does not.
        options.timeout = .seconds(seconds + 2)
        do {
            return try await orders.awaitOrder(message, options: options).order
        } catch {
            context.logger.warning(
                "waiting for an order failed",
                [.orderID: .stringConvertible(order.id), .error: .string(String(describing: error))])
            return order
        }
    }

    private static func isDecided(_ order: Orders_Order) -> Bool {
        order.state == "confirmed" || order.state == "rejected"
    }
}
