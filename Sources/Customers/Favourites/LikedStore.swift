import Hosting
import Postgres

/// All SQL of the favourites. A product that is being deleted is nobody's favourite.
struct LikedStore: Sendable {
    /// The most favourites a listing gives.
    private static let listingLimit: Int64 = 1000

    let database: PostgresClient

    /// The version of favourites that are these products.
    static func version(of products: [Int64]) -> String { ListVersion.of(products.map(String.init)) }

    /// Passes if the favourites have that version, and keeps those that are there until the transaction ends.
    ///
    /// - Parameter version: Nil for any: then nothing is done.
    /// - Throws: ``ServiceError`` `precondition_failed` (ABORTED).
    func require(_ version: String?, of userID: Int64, in transaction: PostgresTransaction) async throws {
        guard let version else { return }
        let rows = try await transaction.query(
            """
            SELECT product_id FROM favourites f
            WHERE user_id = \(userID)
                AND NOT EXISTS (SELECT FROM hidden_products h WHERE h.product_id = f.product_id)
            ORDER BY id DESC
            LIMIT \(Self.listingLimit)
            FOR UPDATE OF f
            """)
        guard Self.version(of: try rows.decode((Int64).self)) == version else {
            throw ServiceError.changed("the favourites have")
        }
    }

    /// The products, the one that was added last first.
    func products(of userID: Int64) async throws -> [Int64] {
        let rows = try await database.query(
            """
            SELECT product_id FROM favourites f
            WHERE user_id = \(userID)
                AND NOT EXISTS (SELECT FROM hidden_products h WHERE h.product_id = f.product_id)
            ORDER BY id DESC
            LIMIT \(Self.listingLimit)
            """)
        return try rows.decode((Int64).self)
    }

    /// - Returns: Whether it was not there yet.
    func add(_ productID: Int64, to userID: Int64, in transaction: PostgresTransaction) async throws -> Bool {
        let rows = try await transaction.query(
            """
            INSERT INTO favourites (user_id, product_id) VALUES (\(userID), \(productID))
            ON CONFLICT DO NOTHING RETURNING 1
            """)
        return !rows.isEmpty
    }

    /// - Returns: Whether it was there.
    func remove(_ productID: Int64, from userID: Int64, in transaction: PostgresTransaction) async throws -> Bool {
        let rows = try await transaction.query(
            "DELETE FROM favourites WHERE user_id = \(userID) AND product_id = \(productID) RETURNING 1")
        return !rows.isEmpty
    }

    /// Takes a product out of everybody's favourites.
    func removeEverywhere(_ productID: Int64, in transaction: PostgresTransaction) async throws {
        try await transaction.batch([
            "SELECT FROM favourites WHERE product_id = \(productID) ORDER BY user_id FOR UPDATE",
            "DELETE FROM favourites WHERE product_id = \(productID)",
        ])
    }
}
