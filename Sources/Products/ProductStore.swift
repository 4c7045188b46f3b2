import Hosting
import Postgres

/// All SQL of the catalogue.
struct ProductStore: Sendable {
    /// The most products a listing gives.
    private static let listingLimit: Int64 = 1000

    let database: PostgresClient

    func hasCategory(_ name: String) async throws -> Bool {
        try await !database.query("SELECT 1 FROM categories WHERE name = \(name)").isEmpty
    }

    func products(inCategory category: String) async throws -> [Product] {
        try Self.products(
            await database.query(
                """
                SELECT id, seller_id, name, description, category, price, currency, amount - reserved FROM products
                WHERE category = \(category) ORDER BY id LIMIT \(Self.listingLimit)
                """))
    }

    func products(ids: [Int64]) async throws -> [Product] {
        try Self.products(
            await database.query(
                """
                SELECT id, seller_id, name, description, category, price, currency, amount - reserved FROM products
                WHERE id = ANY(\(ids)::bigint[])
                """))
    }

    /// - Returns: The new product's id.
    /// - Throws: ``ServiceError`` if there is no such category.
    func insert(_ draft: ProductDraft, in transaction: PostgresTransaction) async throws -> Int64 {
        do {
            let rows = try await transaction.query(
                """
                INSERT INTO products (seller_id, name, description, category, price, currency, amount)
                VALUES (\(draft.sellerID), \(draft.name), \(draft.description), \(draft.category), \(draft.price),
                    \(draft.currency), \(draft.amount))
                RETURNING id
                """)
            return try rows.decode((Int64).self)[0]
        } catch let error as PostgresError where error.sqlState == .foreignKeyViolation {
            throw ServiceError.invalidArgument(
                "category_not_found", "there is no category \(draft.category.prefix(50))")
        }
    }

    private static func products(_ rows: PostgresRows) throws -> [Product] {
        try rows.decode((Int64, Int64, String, String, String, Int64, String, Int64).self).map {
            Product(
                id: $0, sellerID: $1, name: $2, description: $3, category: $4, price: $5, currency: $6, available: $7)
        }
    }
}
