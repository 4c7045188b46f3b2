import FoundationEssentials
import Hosting
import Postgres

/// The SQL of the catalogue. Every read sees only what is on sale.
///
/// A product is a row of `catalogue` and one of `stock`. Whoever changes either has locked the row of stock before, and
/// reads what it decides by in a later statement: a statement that has waited for a lock sees other rows as they were.
struct ProductStore: Sendable {
    /// The most products a listing gives.
    private static let listingLimit: Int64 = 1000

    /// Those of a product, in the order of ``products(_:)``.
    static let columns = """
        c.id, c.seller_id, c.name, c.description, c.category, c.price, c.currency, s.amount - s.reserved, c.photo_url,
        c.created_at, greatest(c.updated_at, s.updated_at), c.version + s.version
        """
    static let tables = "catalogue c JOIN stock s ON s.product_id = c.id"

    let database: PostgresClient

    /// All categories, by name.
    func categories() async throws -> [String] {
        try await database.query("SELECT name FROM categories ORDER BY name").decode((String).self)
    }

    func hasCategory(_ name: String) async throws -> Bool {
        try await !database.query("SELECT 1 FROM categories WHERE name = \(name)").isEmpty
    }

    /// The products that a category has on sale, in order of id; of too many the newest.
    func products(inCategory category: String) async throws -> [Product] {
        try Self.products(
            await database.query(
                """
                SELECT \(unescaped: Self.columns) FROM \(unescaped: Self.tables)
                WHERE category = \(category) AND state = 'on_sale' ORDER BY id DESC LIMIT \(Self.listingLimit)
                """)
        ).reversed()
    }

    /// The products that a seller has on sale, the newest first.
    func products(ofSeller sellerID: Int64) async throws -> [Product] {
        try Self.products(
            await database.query(
                """
                SELECT \(unescaped: Self.columns) FROM \(unescaped: Self.tables)
                WHERE seller_id = \(sellerID) AND state = 'on_sale' ORDER BY id DESC LIMIT \(Self.listingLimit)
                """))
    }

    func products(ids: [Int64]) async throws -> [Product] {
        try Self.products(
            await database.query(
                """
                SELECT \(unescaped: Self.columns) FROM \(unescaped: Self.tables)
                WHERE id = ANY(\(ids)::bigint[]) AND state = 'on_sale'
                """))
    }

    /// - Returns: The new product's id.
    /// - Throws: ``ServiceError`` if there is no such category.
    func insert(_ draft: ProductDraft, in transaction: PostgresTransaction) async throws -> Int64 {
        try await checkingCategory(draft.category) {
            try await insert([draft], in: transaction)[0]
        }
    }

    /// Locks a product that is on sale.
    ///
    /// - Returns: The product as it stands; nil if there is none.
    func lock(_ id: Int64, in transaction: PostgresTransaction) async throws -> Product? {
        let results = try await transaction.batch([
            StockLock.query([id]),
            """
            SELECT \(unescaped: Self.columns) FROM \(unescaped: Self.tables) WHERE id = \(id) AND state = 'on_sale'
            """,
        ])
        return try Self.products(results[1]).first
    }

    /// Changes a product that the transaction has locked.
    ///
    /// - Throws: ``ServiceError`` if there is no such category.
    func update(
        _ id: Int64, _ changes: ProductChanges, in transaction: PostgresTransaction
    ) async throws -> Product {
        var statements: [PostgresQuery] = []
        if changes.amount != nil || changes.amountChange != nil {
            statements.append(
                """
                UPDATE stock SET
                    amount = coalesce(\(changes.amount)::bigint + reserved, amount + \(changes.amountChange ?? 0)::bigint),
                    version = version + 1, updated_at = now()
                WHERE product_id = \(id)
                """)
        }
        if changes.areInCatalogue {
            statements.append(
                """
                UPDATE catalogue SET
                    name = coalesce(\(changes.name)::text, name),
                    description = coalesce(\(changes.description)::text, description),
                    category = coalesce(\(changes.category)::text, category),
                    price = coalesce(\(changes.price)::bigint, price),
                    photo_url = coalesce(\(changes.photoURL)::text, photo_url),
                    updated_at = now()
                WHERE id = \(id)
                """)
        }
        statements.append(
            "SELECT \(unescaped: Self.columns) FROM \(unescaped: Self.tables) WHERE id = \(id)")
        return try await checkingCategory(changes.category ?? "") {
            let results = try await transaction.batch(statements)
            return try Self.products(results[results.count - 1])[0]
        }
    }

    private func checkingCategory<Result>(
        _ category: String, _ write: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await write()
        } catch let error as PostgresError where error.sqlState == .foreignKeyViolation {
            throw ServiceError.unknownCategory(category)
        }
    }

    static func products(_ rows: PostgresRows) throws -> [Product] {
        try rows.decode(
            (Int64, Int64, String, String, String, Int64, String, Int64, String, Date, Date, Int64).self
        ).map {
            Product(
                id: $0, sellerID: $1, name: $2, description: $3, category: $4, price: $5, currency: $6, available: $7,
                photoURL: $8, createdAt: $9, updatedAt: $10, version: $11)
        }
    }
}

extension ServiceError {
    /// A product or a search names a category that does not exist.
    static func unknownCategory(_ name: String) -> ServiceError {
        .invalidArgument(
            "category_not_found", "there is no category '\(name.prefix(50))'; the list of categories has them all")
    }
}
