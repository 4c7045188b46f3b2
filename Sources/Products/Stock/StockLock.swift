import Postgres

/// The lock that is taken before anything of a product changes: that of its row of stock.
enum StockLock {
    /// Locks the rows in order of id, and gives a product and what nobody has reserved of it a row.
    static func query(_ ids: [Int64]) -> PostgresQuery {
        """
        SELECT product_id, amount - reserved FROM stock
        WHERE product_id = ANY(\(ids)::bigint[]) ORDER BY product_id FOR UPDATE
        """
    }
}
