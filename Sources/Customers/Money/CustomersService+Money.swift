import FoundationEssentials
import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// The RPCs of `cart.Customers` that are about money.
extension CustomersService {
    private static let statement = "statement"

    func getUserBalance(
        request: Cart_GetUserBalanceRequest, context: ServerContext
    ) async throws -> Cart_GetUserBalanceResponse {
        try RequestChecks.owner(request.userID)
        let balance = try await ledger.balance(of: request.userID, currency: currency)
        return .with {
            $0.balance = balance.available
            $0.held = balance.held
            $0.currency = currency
        }
    }

    func topUp(request: Cart_TopUpRequest, context: ServerContext) async throws -> Cart_TopUpResponse {
        try await topUp(request, asRehearsal: false)
    }

    func checkTopUp(request: Cart_TopUpRequest, context: ServerContext) async throws -> Cart_TopUpResponse {
        try await topUp(request, asRehearsal: true)
    }

    private func topUp(
        _ request: Cart_TopUpRequest, asRehearsal isRehearsal: Bool
    ) async throws -> Cart_TopUpResponse {
        let identity = try Identity.required()
        try identity.require(anyOf: .admin, .service)
        try RequestChecks.positive(request.userID, "user_id")
        guard (1...TopUps.amountLimit).contains(request.amount) else {
            throw ServiceError.invalidArgument(
                "invalid_amount", "amount must be 1 to \(TopUps.amountLimit) minor units")
        }
        try RequestChecks.idempotencyKey(request.idempotencyKey, of: "a top-up")
        return try await topUps.book(request, by: identity.subject, asRehearsal: isRehearsal)
    }

    func getStatement(
        request: Cart_GetStatementRequest, context: ServerContext
    ) async throws -> Cart_GetStatementResponse {
        try RequestChecks.owner(request.userID)
        let page = try Page<Int64>(size: request.pageSize, cursor: request.cursor, of: Self.statement)
        let found = try await statements.entries(
            of: request.userID, currency: currency, before: page.after, limit: page.size + 1)
        let (entries, nextCursor) = page.cut(found, of: Self.statement, key: \.id)
        return .with {
            $0.entries = entries.map(\.message)
            $0.currency = currency
            $0.nextCursor = nextCursor
        }
    }

    func listStatement(
        request: Cart_ListStatementRequest, context: ServerContext
    ) async throws -> Cart_ListStatementResponse {
        try RequestChecks.owner(request.userID)
        let listing = request.ascending ? "statement:oldest" : Self.statement
        let page = try Page<Int64>(size: request.pageSize, cursor: request.cursor, of: listing)
        let selection = StatementStore.Selection(
            userID: request.userID, currency: currency,
            period: try Period(
                since: request.hasSince ? request.since : nil, until: request.hasUntil ? request.until : nil),
            after: page.after, isAscending: request.ascending)
        let found = try await statements.entries(selection, limit: page.size + 1)
        let total = try await statements.count(selection)
        let (entries, nextCursor) = page.cut(found, of: listing, key: \.id)
        return .with {
            $0.entries = entries.map(\.message)
            $0.currency = currency
            $0.nextCursor = nextCursor
            $0.total = total
        }
    }

    func getHolds(request: Cart_GetHoldsRequest, context: ServerContext) async throws -> Cart_GetHoldsResponse {
        try RequestChecks.owner(request.userID)
        let holds = try await statements.holds(of: request.userID, currency: currency)
        return .with {
            $0.currency = currency
            $0.holds = holds.map { hold in
                .with {
                    $0.orderID = hold.orderID
                    $0.amount = hold.amount
                    $0.createdAt = hold.createdAt.rfc3339
                }
            }
        }
    }
}
