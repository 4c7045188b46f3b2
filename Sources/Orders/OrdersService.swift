import FoundationEssentials
import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

/// The RPCs of `orders.Orders`: validate, authorise, call the store.
struct OrdersService: Orders_Orders.SimpleServiceProtocol {
    /// The longest a call may wait for an outcome, in milliseconds.
    static let longestWait: Int64 = 60_000

    let store: OrderStore
    let placement: OrderPlacer
    let cancellation: OrderCanceller
    let waiters: OrderWaiters

    func getOrders(
        request: Orders_GetOrdersRequest, context: ServerContext
    ) async throws -> Orders_GetOrdersResponse {
        let identity = try Identity.required()
        guard request.userID > 0 else {
            throw ServiceError.invalidArgument("invalid_user_id", "user_id must be more than zero")
        }
        try identity.requireOwner(of: request.userID)
        let orders = try await store.orders(of: request.userID)
        return .with { $0.orders = orders.map(\.message) }
    }

    func listOrders(
        request: Orders_ListOrdersRequest, context: ServerContext
    ) async throws -> Orders_ListOrdersResponse {
        let identity = try Identity.required()
        guard request.userID > 0 else {
            throw ServiceError.invalidArgument("invalid_user_id", "user_id must be more than zero")
        }
        try identity.requireOwner(of: request.userID)
        let state = try request.state.isEmpty ? nil : Self.state(request.state)
        let listing = "orders:\(request.state)"
        let page = try Page<Int64>(size: request.pageSize, cursor: request.cursor, of: listing)
        let found = try await store.orders(of: request.userID, state: state, page: page)
        let (orders, nextCursor) = page.cut(found, of: listing, key: \.id)
        return .with {
            $0.orders = orders.map(\.message)
            $0.nextCursor = nextCursor
        }
    }

    func placeOrder(
        request: Orders_PlaceOrderRequest, context: ServerContext
    ) async throws -> Orders_PlaceOrderResponse {
        let identity = try Identity.required()
        let basket = try Basket(request)
        try identity.requireOwner(of: basket.buyerID)
        let cancellation = context.cancellation
        return try await placement.place(basket, by: identity.subject) { !cancellation.isCancelled }
    }

    func getOrder(
        request: Orders_GetOrderRequest, context: ServerContext
    ) async throws -> Orders_GetOrderResponse {
        let order = try await ownOrder(request.id)
        return .with { $0.order = order.message }
    }

    func cancelOrder(
        request: Orders_CancelOrderRequest, context: ServerContext
    ) async throws -> Orders_CancelOrderResponse {
        let order = try await cancellation.cancel(ownOrder(request.id))
        return .with { $0.order = order.message }
    }

    func awaitOrder(
        request: Orders_AwaitOrderRequest, context: ServerContext
    ) async throws -> Orders_AwaitOrderResponse {
        guard (0...Self.longestWait).contains(request.timeoutMilliseconds) else {
            throw ServiceError.invalidArgument(
                "invalid_timeout", "timeout_milliseconds must be 0 to \(Self.longestWait)")
        }
        _ = try await ownOrder(request.id)
        let order = try await waiters.outcome(of: request.id, within: .milliseconds(request.timeoutMilliseconds)) {
            try await store.order(request.id)
        }
        guard let order else { throw Self.notFound(request.id) }
        return .with { $0.order = order.message }
    }

    /// An order of the caller's own; another's is not there for them.
    private func ownOrder(_ id: Int64) async throws -> Order {
        let identity = try Identity.required()
        guard id > 0 else { throw ServiceError.invalidArgument("invalid_id", "id must be more than zero") }
        guard let order = try await store.order(id), identity.subject == order.userID || identity.role == .admin else {
            throw Self.notFound(id)
        }
        return order
    }

    private static func state(_ text: String) throws(ServiceError) -> OrderState {
        guard let state = OrderState(rawValue: text) else {
            let known = OrderState.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalidArgument("invalid_state", "state must be one of \(known), or empty for all")
        }
        return state
    }

    private static func notFound(_ id: Int64) -> ServiceError {
        .notFound("order_not_found", "there is no order \(id)")
    }
}
