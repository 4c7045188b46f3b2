import Postgres

/// The SQL of the categories. Whoever changes one has locked its row, which nobody can put a product into meanwhile.
extension ProductStore {
    /// All categories by name, each with how many products it has on sale.
    func countedCategories() async throws -> [(name: String, products: Int64)] {
        try await database.query(
            """
            SELECT c.name, count(p.id) FROM categories c
            LEFT JOIN catalogue p ON p.category = c.name AND p.state = 'on_sale'
            GROUP BY c.name ORDER BY c.name
            """
        ).decode((String, Int64).self).map { (name: $0, products: $1) }
    }

    /// - Returns: Whether there is one.
    func lockCategory(_ name: String, in transaction: PostgresTransaction) async throws -> Bool {
        try await !transaction.query("SELECT FROM categories WHERE name = \(name) FOR UPDATE").isEmpty
    }

    /// - Returns: False if there is one already.
    func insertCategory(_ name: String, in transaction: PostgresTransaction) async throws -> Bool {
        try await transaction.query("INSERT INTO categories (name) VALUES (\(name)) ON CONFLICT DO NOTHING")
            .affectedRows == 1
    }

    func deleteCategory(_ name: String, in transaction: PostgresTransaction) async throws {
        try await transaction.query("DELETE FROM categories WHERE name = \(name)")
    }

    /// Puts all products of a category into another.
    ///
    /// - Returns: Those that are on sale.
    func moveProducts(
        from name: String, to newName: String, in transaction: PostgresTransaction
    ) async throws -> [Int64] {
        let results = try await transaction.batch([
            // In order of id, as everybody locks stock.
            """
            SELECT FROM stock WHERE product_id IN (SELECT id FROM catalogue WHERE category = \(name))
            ORDER BY product_id FOR UPDATE
            """,
            """
            UPDATE catalogue SET
                category = \(newName), updated_at = CASE WHEN state = 'on_sale' THEN now() ELSE updated_at END
            WHERE category = \(name) RETURNING id, state = 'on_sale'
            """,
        ])
        return try results[1].decode((Int64, Bool).self).filter(\.1).map(\.0)
    }

    /// The number of its products that are on sale or may be again.
    func productsInUse(of name: String, in transaction: PostgresTransaction) async throws -> Int64 {
        try await transaction.query(
            "SELECT count(*) FROM catalogue WHERE category = \(name) AND state <> 'deleted'"
        ).decode((Int64).self)[0]
    }

    /// Has the deleted products of a category be in none.
    func forgetCategory(_ name: String, in transaction: PostgresTransaction) async throws {
        try await transaction.query(
            "UPDATE catalogue SET category = NULL WHERE category = \(name) AND state = 'deleted'")
    }
}
