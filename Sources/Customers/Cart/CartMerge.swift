import Crypto
import Events
import FoundationEssentials
import Hosting
import Postgres
import ShopProtos
import SwiftProtobuf

/// Adds a guest's cart to a user's, once per idempotency key.
struct CartMerge: Sendable {
    let carts: Carts
    let database: PostgresClient
    private let keys = IdempotencyKeys(operation: "customers.merge-cart")

    init(carts: Carts, database: PostgresClient) {
        self.carts = carts
        self.database = database
    }

    /// - Throws: ``ServiceError`` if the request is malformed, the cart is not as expected, it or a line would be too
    ///   full, or the key is in use or was used for another request.
    func merge(_ request: Cart_MergeCartRequest) async throws -> Cart_MergeCartResponse {
        let lines = try Self.lines(request.lines)
        let text = lines.map { "\($0.productID):\($0.amount)" }.joined(separator: ",")
        let keyed = IdempotencyKeys.Request(
            userID: request.userID, key: request.idempotencyKey, hash: Array(SHA256.hash(data: Array(text.utf8))))
        // What has its answer is not looked up among the products, and nobody waits for these while a key is held.
        if case .replay(let stored) = try await standing(of: keyed) { return try Self.replay(stored) }
        return try await add(lines, version: request.hasExpectedVersion ? request.expectedVersion : nil, keyed)
    }

    private func standing(of request: IdempotencyKeys.Request) async throws -> IdempotencyKeys.Standing {
        do {
            return try await keys.standing(of: request, in: database)
        } catch {
            throw ServiceError.nothing("merged", because: error)
        }
    }

    private static func replay(_ stored: [UInt8]) throws -> Cart_MergeCartResponse {
        var reply = try Cart_MergeCartResponse(serializedBytes: stored)
        reply.replayed = true
        return reply
    }

    private func add(
        _ lines: [CartStore.Line], version: String?, _ keyed: IdempotencyKeys.Request
    ) async throws -> Cart_MergeCartResponse {
        let found = try await carts.products.getSavedProducts(
            .with {
                $0.productIds = lines.map(\.productID)
                $0.fresh = true
            })
        let onSale = Set(found.products.map(\.id))
        let reply = Cart_MergeCartResponse.with {
            $0.status = "ok"
            $0.leftOut = lines.map(\.productID).filter { !onSale.contains($0) }
        }
        return try await carts.transactor.run { work in
            // A concurrent twin waits, and gets the answer.
            if case .replay(let stored) = try await keys.take(keyed, in: work.transaction) {
                return try Self.replay(stored)
            }
            try await carts.store.require(version, of: keyed.userID, in: work.transaction)
            try await carts.store.add(
                lines.filter { onSale.contains($0.productID) }, to: keyed.userID, in: work.transaction)
            try await keys.store(
                IdempotencyKeys.Answer(to: keyed, try reply.serializedBytes()), in: work.transaction)
            try await carts.observers.notify(
                CartChanged(.merge, of: keyed.userID, subjectID: keyed.userID), in: work)
            return reply
        }
    }

    /// The guest's lines in order of product, each product in one of them.
    private static func lines(_ lines: [Cart_MergeCartRequest.Line]) throws(ServiceError) -> [CartStore.Line] {
        guard (1...Int(CartStore.lineLimit)).contains(lines.count) else {
            throw .invalidArgument("invalid_lines", "lines must be 1 to \(CartStore.lineLimit)")
        }
        var amounts: [Int64: Int64] = [:]
        for line in lines {
            guard line.productID > 0 else {
                throw .invalidArgument("invalid_product_id", "product_id of every line must be more than zero")
            }
            guard (1...CartStore.amountLimit).contains(line.amount) else {
                throw .invalidArgument(
                    "invalid_amount", "amount of every line must be 1 to \(CartStore.amountLimit)")
            }
            amounts[line.productID, default: 0] += line.amount
        }
        return amounts.sorted { $0.key < $1.key }.map { CartStore.Line(productID: $0.key, amount: $0.value) }
    }
}
