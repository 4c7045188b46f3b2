import GRPCCore
import Hosting
import ShopProtos

extension OrdersService {
    func listOrders(
        request: Orders_ListOrdersRequest, context: ServerContext
    ) async throws -> Orders_ListOrdersResponse {
        throw RPCError(code: .unimplemented, message: "ListOrders")
    }

    func cancelOrder(
        request: Orders_CancelOrderRequest, context: ServerContext
    ) async throws -> Orders_CancelOrderResponse {
        throw RPCError(code: .unimplemented, message: "CancelOrder")
    }
}
