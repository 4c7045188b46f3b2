import Events
import FoundationEssentials
import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// The RPCs of `orders.Orders`: validate, authorise, call the store.
struct OrdersService: Orders_Orders.SimpleServiceProtocol {
    /// The longest a call may wait for an outcome, in milliseconds.
    static let longestWait: Int64 = 60_000
    /// The most characters that the reason of a cancellation may have.
    private static let longestReason = 500

    let store: OrderStore
    let placement: OrderPlacer
    let cancellation: OrderCanceller
    let waiters: OrderWaiters
    /// The looks of those who wait, together: the orders of a batch are decided at the same time.
    let looks: Gatherer<Int64, Order?>

    func getOrders(
        request: Orders_GetOrdersRequest, context: ServerContext
    ) async throws -> Orders_GetOrdersResponse {
        try RequestChecks.owner(request.userID)
        let orders = try await store.orders(of: request.userID)
        return .with { $0.orders = orders.map(\.message) }
    }

    func listOrders(
        request: Orders_ListOrdersRequest, context: ServerContext
    ) async throws -> Orders_ListOrdersResponse {
        try RequestChecks.owner(request.userID)
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
        try await place(request, asRehearsal: false)
    }

    func checkPlaceOrder(
        request: Orders_PlaceOrderRequest, context: ServerContext
    ) async throws -> Orders_PlaceOrderResponse {
        try await place(request, asRehearsal: true)
    }

    private func place(
        _ request: Orders_PlaceOrderRequest, asRehearsal isRehearsal: Bool
    ) async throws -> Orders_PlaceOrderResponse {
        let identity = try Identity.required()
        let basket = try Basket(request)
        try identity.requireOwner(of: basket.buyerID)
        let reason = try AuditTrail.reason(request.reason)
        return try await placement.place(
            basket, by: identity.subject, because: reason, asRehearsal: isRehearsal)
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
        let expected = try request.hasExpected ? Order.Version(request.expected) : nil
        guard request.reason.unicodeScalars.count <= Self.longestReason else {
            throw ServiceError.invalidArgument(
                "invalid_reason", "reason must have at most \(Self.longestReason) characters")
        }
        try PublicText.check(request.reason, "reason", reason: "invalid_reason")
        let order = try await cancellation.cancel(
            ownOrder(request.id), expected: expected, reason: request.reason, isDryRun: request.dryRun)
        return .with { $0.order = order.message }
    }

    func awaitOrder(
        request: Orders_AwaitOrderRequest, context: ServerContext
    ) async throws -> Orders_AwaitOrderResponse {
        let order = try await outcome(of: request.id, within: request.timeoutMilliseconds)
        return .with { $0.order = order.message }
    }

    func awaitOrders(
        request: RPCAsyncSequence<Orders_AwaitOrdersRequest, any Error>,
        response: RPCWriter<Orders_AwaitOrdersResponse>, context: ServerContext
    ) async throws {
        let outcomes = AwaitedOrders(response: response) { awaited, admit in
            let identity = try await Identity.verify(awaited.token)
            admit()
            return try await withIdentity(identity, token: awaited.token) {
                try await outcome(of: awaited.orderID, within: awaited.timeoutMilliseconds)
            }
        }
        try await untilCallIsOver(context) { try await outcomes.run(request) }
    }

    private func outcome(of id: Int64, within milliseconds: Int64) async throws -> Order {
        guard (0...Self.longestWait).contains(milliseconds) else {
            throw ServiceError.invalidArgument(
                "invalid_timeout", "timeout_milliseconds must be 0 to \(Self.longestWait)")
        }
        return try await waiters.outcome(of: id, within: .milliseconds(milliseconds)) {
            try await ownOrder(id, readBy: looks.submit)
        }
    }

    private func ownOrder(_ id: Int64) async throws -> Order { try await ownOrder(id) { try await store.order($0) } }

    /// An order of the caller's own; another's is not there for them.
    private func ownOrder(_ id: Int64, readBy read: (Int64) async throws -> Order?) async throws -> Order {
        let identity = try Identity.required()
        try RequestChecks.positive(id, "id")
        guard let order = try await read(id), identity.subject == order.userID || identity.role == .admin else {
            throw ServiceError.orderNotFound(id)
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
}
