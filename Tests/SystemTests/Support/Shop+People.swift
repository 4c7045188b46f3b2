import FoundationEssentials
import Hosting
import NIOHTTP1
import Testing

/// Somebody who has an account.
struct Person: Sendable {
    let id: Int64
    let email: String
    let password: String
    let token: String
    let refreshToken: String
}

/// What people do in a shop, in one line each.
extension Shop {
    /// Opens an account and signs in. Costs two hashes of a password, about a second.
    func signUp(_ name: String) async throws -> Person {
        let email = "\(name.lowercased())-\(UUID().uuidString.prefix(8).lowercased())@example.com"
        let password = "correct horse of \(name)"
        let account = try await post(
            "/auth/signup", body: ["name": .text(name), "email": .text(email), "password": .text(password)])
        let id = try #require(account.expect(200)["id"].integer, "\(account)")
        let session = try await post("/auth/signin", body: ["email": .text(email), "password": .text(password)])
        let tokens = session.expect(200)
        return Person(
            id: id, email: email, password: password,
            token: try #require(tokens["access_token"].text, "\(session)"),
            refreshToken: try #require(tokens["refresh_token"].text, "\(session)"))
    }

    /// A token by the shop's own key, for a user who need not have an account.
    func token(
        _ user: Int64, _ role: ShopRole = .customer, ttl: Duration = .seconds(900), audience: String = "shop",
        keys: SigningKeys? = nil
    ) async throws -> String {
        try await TokenIssuer(keys: keys ?? self.keys, issuer: "shopctl", audience: audience)
            .issue(subject: user, role: role, ttl: ttl).token
    }

    /// Puts a product on sale.
    ///
    /// - Returns: Its id.
    func sell(price: Int64, amount: Int64, seller: Int64 = 900, category: String = "toys") async throws -> Int64 {
        let reply = try await post(
            "/api/products", token: try await token(seller),
            body: [
                "name": "Teapot", "amount": .integer(amount), "price": .integer(price), "category": .text(category),
                "description": "Holds water.",
            ])
        return try #require(reply.expect(200)["id"].integer, "\(reply)")
    }

    /// Brings money onto a customer's balance, by an admin's hand.
    func topUp(_ user: Int64, _ amount: Int64, key: String = UUID().uuidString) async throws {
        try await post(
            "/api/top-ups", token: try await token(1, .admin),
            body: ["user_id": .integer(user), "amount": .integer(amount)], headers: ["Idempotency-Key": key]
        ).expect(200)
    }

    /// Places an order of one product.
    ///
    /// - Parameters:
    ///   - wait: Seconds to wait for the outcome; none if `nil`.
    ///   - key: An idempotency key.
    func order(
        _ user: Int64, _ product: Int64, quantity: Int64 = 1, wait: Int? = nil, key: String? = nil
    ) async throws -> Reply {
        var headers: [(String, String)] = []
        if let wait { headers.append(("Prefer", "wait=\(wait)")) }
        if let key { headers.append(("Idempotency-Key", key)) }
        return try await post(
            "/api/orders", token: try await token(user),
            body: ["items": [["product_id": .integer(product), "quantity": .integer(quantity)]]],
            headers: .init(headers))
    }

    /// The order as soon as it is decided.
    func outcome(_ user: Int64, _ order: Int64) async throws -> JSON {
        try await eventuallyDecided(order, token: try await token(user))
    }

    /// What a customer can spend, and what is held.
    func balance(_ user: Int64) async throws -> [Int64] {
        let reply = try await get("/api/balance/\(user)", token: try await token(user))
        let body = reply.expect(200)
        return [try #require(body["balance"].integer), try #require(body["held"].integer)]
    }

    /// Units that can be bought.
    func stock(_ product: Int64) async throws -> Int64 {
        try #require(try await get("/api/products/\(product)").expect(200)["amount"].integer)
    }
}
