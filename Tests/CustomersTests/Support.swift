import Events
import FoundationEssentials
import GRPCCore
import Hosting
import Logging
import Postgres
import Sagas
import ShopContracts
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Synchronization
import TestSupport
import Testing

/// How a call is refused: code and reason, as in `not_found not_in_cart`; `ok` if it is not.
func refusal(_ call: () async throws -> Void) async throws -> String {
    do {
        try await call()
        return "ok"
    } catch let error as RPCError {
        let shown = ServiceError(error)
        return "\(shown.code.rawValue) \(shown.reason)"
    } catch let error as ServiceError {
        return "\(error.code.rawValue) \(error.reason)"
    }
}

/// Things that happened, in their order.
final class Notes<Note: Sendable>: Sendable {
    private let notes = Mutex<[Note]>([])

    var all: [Note] { notes.withLock { $0 } }

    func add(_ note: Note) { notes.withLock { $0.append(note) } }
}

extension Shop {
    /// Has the customers role hear messages, and returns when it has handled all of them.
    func hear(_ messages: Envelope...) async throws {
        for message in messages {
            // Tests speak in the coordinator's place, which must not know better.
            guard let saga = message.correlationID,
                let definition = [OrderPlacement.definition, OrderCancellation.definition, ProductDeletion.definition]
                    .first(where: { $0.type(.try) == message.type })
            else { continue }
            try await recordSilentSaga(saga, of: definition)
        }
        try await announce(messages)
        // The broker deals to the replicas in turn, and each keeps the order: what is handled behind them, by each of
        // them, is handled after them.
        let fences = (0..<2 * replicas.count).map { _ in UUID() }
        let review = ReviewEvent(
            reviewID: 1, productID: 1, productName: "Fence", sellerID: 999_999, userID: 1, evaluation: 5)
        try await announce(try fences.map { try Self.message(ReviewEvent.posted, review, id: $0) })
        try await eventually("the messages were handled") {
            try await number(
                "SELECT count(*) FROM inbox WHERE message_id = ANY(\(fences)::uuid[])", customersDB)
                == Int64(fences.count)
        }
    }

    func addToCart(_ user: Int64, _ product: Int64, _ amount: Int64 = 1) async throws {
        _ = try await self.as(user) {
            try await peers.customers.postToCart(
                .with {
                    $0.userID = user
                    $0.productID = product
                    $0.amount = amount
                })
        }
    }

    func setInCart(_ user: Int64, _ product: Int64, _ amount: Int64) async throws {
        _ = try await self.as(user) {
            try await peers.customers.setCartAmount(
                .with {
                    $0.userID = user
                    $0.productID = product
                    $0.amount = amount
                })
        }
    }

    func cart(_ user: Int64) async throws -> Cart_GetCartResponse {
        try await self.as(user) { try await peers.customers.getCart(.with { $0.userID = user }) }
    }

    /// Puts products in a cart that are in no catalogue.
    func fillCart(_ user: Int64, lines: Int64) async throws {
        try await customersDB.query(
            """
            INSERT INTO cart_lines (user_id, product_id, amount)
            SELECT \(user), 1000000 + n, 1 FROM generate_series(1, \(lines)) AS n
            """)
    }

    func like(_ user: Int64, _ product: Int64) async throws {
        _ = try await self.as(user) {
            try await peers.liked.postLiked(
                .with {
                    $0.userID = user
                    $0.productID = product
                })
        }
    }

    func liked(_ user: Int64) async throws -> [Int64] {
        try await self.as(user) { try await peers.liked.getLiked(.with { $0.userID = user }).productIds }
    }

    func notifications(
        _ user: Int64, after: Int64 = 0, pageSize: Int64 = 0
    ) async throws -> [Notifications_Notification] {
        try await self.as(user) {
            try await peers.notifications.getUserNotifications(
                .with {
                    $0.userID = user
                    $0.after = after
                    $0.pageSize = pageSize
                }
            ).notifications
        }
    }
}
