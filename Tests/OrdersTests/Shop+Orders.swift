import FoundationEssentials
import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

/// What the tests of orders do besides.
extension Shop {
    /// Places an order of several products, one unit of each.
    func place(_ user: Int64, products: [Int64], key: String = "") async throws -> Orders_Order {
        try await self.as(user) {
            try await peers.orders.placeOrder(
                .with {
                    $0.userID = user
                    $0.idempotencyKey = key
                    $0.items = products.map { product in
                        .with {
                            $0.productID = product
                            $0.quantity = 1
                        }
                    }
                }
            ).order
        }
    }

    /// Asks for an order's cancellation.
    ///
    /// - Returns: The order as it stands after the request.
    func cancel(_ user: Int64, _ order: Int64, as role: ShopRole = .customer) async throws -> Orders_Order {
        try await self.as(user, role) { try await peers.orders.cancelOrder(.with { $0.id = order }).order }
    }

    /// The same, for the order as it was seen.
    func cancel(_ user: Int64, _ id: Int64, seen: Orders_Order) async throws -> Orders_Order {
        try await self.as(user) {
            try await peers.orders.cancelOrder(
                .with {
                    $0.id = id
                    $0.expected.state = seen.state
                    $0.expected.cancellationSagaID = seen.cancellationSagaID
                }
            ).order
        }
    }

    /// Cancels an order and waits for the outcome.
    func callOff(_ user: Int64, _ order: Int64) async throws -> Orders_Order {
        _ = try await cancel(user, order)
        return try await outcome(user, order)
    }

    func order(_ user: Int64, _ id: Int64) async throws -> Orders_Order {
        try await self.as(user) { try await peers.orders.getOrder(.with { $0.id = id }).order }
    }

    func stock(_ product: Int64) async throws -> Int64 {
        try await number("SELECT amount FROM products WHERE id = \(product)", productsDB)
    }

    /// Waits until that many of a database's sessions wait for a lock.
    func waiters(_ count: Int64, in database: PostgresClient) async throws {
        try await eventually("\(count) sessions wait for a lock") {
            try await number(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock' AND backend_type = 'client backend'
                """, database) >= count
        }
    }

    /// The body of the latest message of a type in the orders' outbox.
    func event<Body: Decodable>(_ type: String, as _: Body.Type) async throws -> Body {
        let rows = try await ordersDB.query(
            "SELECT body::text FROM outbox WHERE type = \(type) ORDER BY id DESC LIMIT 1")
        let text = try #require(try rows.decode((String).self).first, "no \(type)")
        return try JSONDecoder().decode(Body.self, from: Data(text.utf8))
    }
}

/// The refusal that a call ends with.
func refusal(_ body: () async throws -> Void) async throws -> ServiceError {
    do {
        try await body()
    } catch {
        return ServiceError(mapping: error)
    }
    throw NotRefused()
}

struct NotRefused: Error {}
