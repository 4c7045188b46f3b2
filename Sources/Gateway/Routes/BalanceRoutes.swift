import HTTPTypes
import Hosting
import Hummingbird
import ShopProtos

/// Money: a user's balance, its statement and holds, and `POST /api/top-ups`. Amounts are minor units of `currency`.
struct BalanceRoutes: Sendable {
    private struct Balance: JSONWritable {
        let userID: Int64
        /// The amount that can be spent.
        let balance: Int64
        /// Set aside for orders that are not settled yet.
        let held: Int64
        let currency: String

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("balance", balance)
                json.member("currency", currency)
                json.member("held", held)
                json.member("user_id", userID)
            }
        }
    }

    private struct NewTopUp: JSONReadable {
        static let members = ["user_id", "amount"]

        let userID: Int64
        let amount: Int64

        init(_ json: JSONObject) throws(Problem) {
            self.userID = try json.integer("user_id")
            self.amount = try json.integer("amount")
            var checks = FieldChecks()
            checks.positive(userID, "user_id")
            checks.amount(amount, 1...Limits.topUp, "amount")
            try checks.finish()
        }
    }

    private struct TopUp: JSONWritable {
        let userID: Int64
        /// The amount that can be spent after it.
        let balance: Int64
        let currency: String
        let transactionID: Int64

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("balance", balance)
                json.member("currency", currency)
                json.member("transaction_id", transactionID)
                json.member("user_id", userID)
            }
        }
    }

    let customers: any Cart_Customers.ClientProtocol

    func add(to table: inout RouteTable) {
        table.get("/api/balance/:user_id", .signedIn) { _, context in
            try await balance(of: try context.ownedUserID())
        }
        table.get("/api/balance/:user_id/statement", .signedIn) { request, context in
            try await statement(QueryParameters(request), of: try context.ownedUserID())
        }
        table.get("/api/balance/:user_id/holds", .signedIn) { _, context in
            var message = Cart_GetHoldsRequest()
            message.userID = try context.ownedUserID()
            return .json(HoldsBody(try await customers.getHolds(message)))
        }
        table.post("/api/top-ups", .roles([.admin, .service])) { request, _ in
            try await topUp(request)
        }
    }

    private func balance(of userID: Int64) async throws -> Response {
        var message = Cart_GetUserBalanceRequest()
        message.userID = userID
        let answer = try await customers.getUserBalance(message)
        return .json(
            Balance(userID: userID, balance: answer.balance, held: answer.held, currency: answer.currency))
    }

    private func statement(_ query: QueryParameters, of userID: Int64) async throws -> Response {
        var query = query
        var message = Cart_GetStatementRequest()
        message.userID = userID
        message.pageSize = query.limit()
        message.cursor = query.cursor()
        try query.finish()
        return .json(StatementBody(try await customers.getStatement(message)))
    }

    private func topUp(_ request: Request) async throws -> Response {
        let key = try IdempotencyKey.required(in: request.headers)
        let body = try await JSONBody.read(NewTopUp.self, from: request)
        var message = Cart_TopUpRequest()
        message.userID = body.userID
        message.amount = body.amount
        message.idempotencyKey = key
        let answer = try await customers.topUp(message)
        return .json(
            TopUp(
                userID: body.userID, balance: answer.balance, currency: answer.currency,
                transactionID: answer.transactionID),
            headers: answer.replayed ? [.idempotencyReplayed: "true"] : [:])
    }
}
