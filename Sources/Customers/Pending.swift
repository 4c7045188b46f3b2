import GRPCCore
import Hosting
import ShopProtos

extension CustomersService {
    func setCartAmount(
        request: Cart_SetCartAmountRequest, context: ServerContext
    ) async throws -> Cart_SetCartAmountResponse {
        throw RPCError(code: .unimplemented, message: "SetCartAmount")
    }

    func clearCart(
        request: Cart_ClearCartRequest, context: ServerContext
    ) async throws -> Cart_ClearCartResponse {
        throw RPCError(code: .unimplemented, message: "ClearCart")
    }

    func mergeCart(
        request: Cart_MergeCartRequest, context: ServerContext
    ) async throws -> Cart_MergeCartResponse {
        throw RPCError(code: .unimplemented, message: "MergeCart")
    }

    func getStatement(
        request: Cart_GetStatementRequest, context: ServerContext
    ) async throws -> Cart_GetStatementResponse {
        throw RPCError(code: .unimplemented, message: "GetStatement")
    }

    func getHolds(
        request: Cart_GetHoldsRequest, context: ServerContext
    ) async throws -> Cart_GetHoldsResponse {
        throw RPCError(code: .unimplemented, message: "GetHolds")
    }
}
