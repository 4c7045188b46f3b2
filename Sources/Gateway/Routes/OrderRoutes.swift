import GRPCCore
import HTTPTypes
import Hosting
import Hummingbird
import Logging
import ShopContracts
import ShopProtos
import Telemetry

/// Orders: placing and listing them under `/api/orders`; one of them, and calling it off, under `/api/order/{id}`,
/// since what follows `/api/orders/` is a user.
struct OrderRoutes: Sendable {
    private struct List: JSONWritable {
        let orders: [OrderBody]

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("orders", orders)
            }
        }
    }

    private struct OrderPage: JSONWritable {
        let orders: [OrderBody]
        let nextCursor: NextCursor

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("next_cursor", nextCursor)
                json.member("orders", orders)
            }
        }
    }

    let orders: any Orders_Orders.ClientProtocol
    /// Carries the outcomes that requests wait for.
    let outcomes: OutcomeStream

    init(orders: any Orders_Orders.ClientProtocol) {
        self.orders = orders
        self.outcomes = .awaiting(orders)
    }

    func add(to table: inout RouteTable) {
        table.post("/api/orders", .signedIn) { request, context in
            try await place(request, context)
        }
        table.get("/api/orders/:user_id", .signedIn) { request, context in
            let userID = try context.ownedUserID()
            let query = QueryParameters(request)
            return query.hasAny(of: "limit", "cursor", "state")
                ? try await page(query, of: userID) : try await all(of: userID)
        }
        // Whose it is, the orders service knows; it checks that against the token.
        table.get("/api/order/:id", .signedIn) { _, context in
            .json(OrderBody(try await order(try context.id("id"))))
        }
        table.post("/api/order/:id/cancel", .signedIn, checksPreconditions: true) { request, context in
            var message = Orders_CancelOrderRequest()
            let id = try context.id("id")
            message.id = id
            // The service compares it again under the order's lock.
            if let seen = try await Precondition.seen(by: request, shownAs: OrderBody.init, { try await order(id) }) {
                message.expected.state = seen.state
                message.expected.cancellationSagaID = seen.cancellationSagaID
            }
            return await accepted(try await orders.cancelOrder(message).order, request, context)
        }
    }

    private func order(_ id: Int64) async throws -> Orders_Order {
        var message = Orders_GetOrderRequest()
        message.id = id
        return try await orders.getOrder(message).order
    }

    private func all(of userID: Int64) async throws -> Response {
        var message = Orders_GetOrdersRequest()
        message.userID = userID
        return .json(List(orders: try await orders.getOrders(message).orders.map(OrderBody.init)))
    }

    private func page(_ query: QueryParameters, of userID: Int64) async throws -> Response {
        var query = query
        var message = Orders_ListOrdersRequest()
        message.userID = userID
        message.state = query.choice("state", of: OrderState.self)?.rawValue ?? ""
        message.pageSize = query.limit()
        message.cursor = query.cursor()
        try query.finish()
        let page = try await orders.listOrders(message)
        return .json(OrderPage(orders: page.orders.map(OrderBody.init), nextCursor: NextCursor(page.nextCursor)))
    }

    private func place(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let placed = try await orders.placeOrder(try await Self.message(request))
        return await accepted(
            placed.order, request, context, headers: placed.replayed ? [.idempotencyReplayed: "true"] : [:])
    }

    /// Answers 202 with the order as accepted, or, when the client wants to wait and the order is settled in time,
    /// 200 with its outcome.
    private func accepted(
        _ order: Orders_Order, _ request: Request, _ context: GatewayContext, headers: HTTPFields = [:]
    ) async -> Response {
        var headers = headers
        headers[.location] = "/api/order/\(order.id)"
        guard let wait = Preferences(request.headers).wait else {
            return .json(OrderBody(order), status: .accepted, headers: headers)
        }
        headers[.preferenceApplied] = "wait=\(wait)"
        let order = await outcome(of: order, seconds: wait, context)
        return .json(OrderBody(order), status: Self.isSettled(order) ? .ok : .accepted, headers: headers)
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

    /// The order once it is settled, or as it stands when the time is over. The order is accepted whatever becomes
    /// of the waiting, so a failure of that is no failure of the request.
    private func outcome(of order: Orders_Order, seconds: Int, _ context: GatewayContext) async -> Orders_Order {
        if Self.isSettled(order) { return order }
        do {
            return try await outcomes.outcome(of: order.id, within: .seconds(seconds)) ?? order
        } catch {
            context.logger.warning(
                "waiting for an order failed",
                [.orderID: .stringConvertible(order.id), .error: .string(String(describing: error))])
            return order
        }
    }

    /// Whether no saga is at work on it.
    private static func isSettled(_ order: Orders_Order) -> Bool {
        OrderState(rawValue: order.state)?.isUnderWay != true
    }
}
