import Hosting
import Postgres

/// The SQL that puts products on sale.
extension ProductStore {
    /// Those of the categories that there are; they stay until the transaction ends.
    func lockCategories(_ names: Set<String>, in transaction: PostgresTransaction) async throws -> Set<String> {
        guard !names.isEmpty else { return [] }
        let rows = try await transaction.query(
            "SELECT name FROM categories WHERE name = ANY(\(names.sorted())::text[]) ORDER BY name FOR KEY SHARE")
        return Set(try rows.decode((String).self))
    }

    /// - Returns: The new products' ids, in the drafts' order.
    func insert(_ drafts: [ProductDraft], in transaction: PostgresTransaction) async throws -> [Int64] {
        try await transaction.query(
            """
            WITH drafts AS MATERIALIZED (
                SELECT nextval(pg_get_serial_sequence('catalogue', 'id')) AS id, d.*
                FROM unnest(
                    \(drafts.map(\.sellerID))::bigint[], \(drafts.map(\.name))::text[],
                    \(drafts.map(\.description))::text[], \(drafts.map(\.category))::text[],
                    \(drafts.map(\.price))::bigint[], \(drafts.map(\.currency))::text[],
                    \(drafts.map(\.amount))::bigint[], \(drafts.map(\.photoURL))::text[]
                ) AS d (seller_id, name, description, category, price, currency, amount, photo_url)
            ), posted AS (
                INSERT INTO catalogue (id, seller_id, name, description, category, price, currency, photo_url)
                OVERRIDING SYSTEM VALUE
                SELECT id, seller_id, name, description, category, price, currency, photo_url FROM drafts
            )
            INSERT INTO stock (product_id, amount) SELECT id, amount FROM drafts ORDER BY id RETURNING product_id
            """
        ).decode((Int64).self)
    }
}
