import Hosting
import Postgres

/// All SQL of the carts. A line of a product that is being deleted is there for nobody.
struct CartStore: Sendable {
    /// The most units of one product in a cart.
    static let amountLimit: Int64 = 1_000_000
    /// The most products in a cart.
    static let lineLimit: Int64 = 200

    struct Line: Sendable, Equatable {
        let productID: Int64
        let amount: Int64
    }

    /// The units of a product that a user has bought.
    struct Purchase: Sendable, Equatable {
        let userID: Int64
        let productID: Int64
        let quantity: Int64
    }

    let database: PostgresClient

    /// The version of a cart with these lines.
    static func version(of lines: [Line]) -> String {
        ListVersion.of(lines.sorted { $0.productID < $1.productID }.map { "\($0.productID):\($0.amount)" })
    }

    /// Passes if the cart has that version, and keeps it so until the transaction ends.
    ///
    /// - Parameter version: Nil for any: then nothing is done.
    /// - Throws: ``ServiceError`` `precondition_failed` (ABORTED).
    func require(_ version: String?, of userID: Int64, in transaction: PostgresTransaction) async throws {
        guard let version else { return }
        // The cart's row keeps new lines out, their own rows keep them as they are. A statement of its own, which sees what
        // was committed while the first one waited.
        let results = try await transaction.batch([
            """
            INSERT INTO carts (user_id) VALUES (\(userID))
            ON CONFLICT (user_id) DO UPDATE SET changed_at = now()
            """,
            """
            SELECT product_id, amount FROM cart_lines c
            WHERE user_id = \(userID)
                AND NOT EXISTS (SELECT FROM hidden_products h WHERE h.product_id = c.product_id)
            ORDER BY product_id
            FOR UPDATE OF c
            """,
        ])
        let lines = try results[1].decode((Int64, Int64).self).map { Line(productID: $0, amount: $1) }
        guard Self.version(of: lines) == version else { throw ServiceError.changed("the cart has") }
    }

    /// The lines, in the order they were first added.
    func lines(of userID: Int64) async throws -> [Line] {
        let rows = try await database.query(
            """
            SELECT product_id, amount FROM cart_lines c
            WHERE user_id = \(userID)
                AND NOT EXISTS (SELECT FROM hidden_products h WHERE h.product_id = c.product_id)
            ORDER BY added_at, product_id
            """)
        return try rows.decode((Int64, Int64).self).map { Line(productID: $0, amount: $1) }
    }

    /// Adds units to lines, making those that are not there.
    ///
    /// - Throws: ``ServiceError`` if the cart would hold more than ``lineLimit`` products, or a line more than
    ///   ``amountLimit`` units.
    func add(_ lines: [Line], to userID: Int64, in transaction: PostgresTransaction) async throws {
        try await change(
            userID, in: transaction,
            by: """
                INSERT INTO cart_lines AS c (user_id, product_id, amount)
                SELECT \(userID), product_id, amount
                FROM unnest(\(lines.map(\.productID))::bigint[], \(lines.map(\.amount))::bigint[])
                    AS l (product_id, amount)
                ORDER BY product_id
                ON CONFLICT (user_id, product_id) DO UPDATE SET amount = c.amount + excluded.amount
                """)
    }

    /// Gives a line this amount, making it if need be.
    ///
    /// - Throws: ``ServiceError`` if the cart would hold more than ``lineLimit`` products.
    func set(_ line: Line, of userID: Int64, in transaction: PostgresTransaction) async throws {
        try await change(
            userID, in: transaction,
            by: """
                INSERT INTO cart_lines (user_id, product_id, amount)
                VALUES (\(userID), \(line.productID), \(line.amount))
                ON CONFLICT (user_id, product_id) DO UPDATE SET amount = excluded.amount
                """)
    }

    /// - Returns: Whether the line was there.
    @discardableResult
    func remove(_ productID: Int64, from userID: Int64, in transaction: PostgresTransaction) async throws -> Bool {
        let rows = try await transaction.query(
            "DELETE FROM cart_lines WHERE user_id = \(userID) AND product_id = \(productID) RETURNING 1")
        return !rows.isEmpty
    }

    /// Removes all lines, also those that are hidden just now.
    func clear(_ userID: Int64, in transaction: PostgresTransaction) async throws {
        try await transaction.batch([
            "SELECT FROM cart_lines WHERE user_id = \(userID) ORDER BY product_id FOR UPDATE",
            "DELETE FROM cart_lines WHERE user_id = \(userID)",
        ])
    }

    /// Takes what was bought out of the buyers' carts; a line goes when nothing is left of it.
    ///
    /// - Parameter purchases: A user's product stands in one of them only.
    /// - Returns: The users whose carts are others now.
    func take(_ purchases: [Purchase], in transaction: PostgresTransaction) async throws -> Set<Int64> {
        guard !purchases.isEmpty else { return [] }
        let users = purchases.map(\.userID)
        let products = purchases.map(\.productID)
        let quantities = purchases.map(\.quantity)
        let results = try await transaction.batch([
            """
            SELECT FROM cart_lines c
            JOIN unnest(\(users)::bigint[], \(products)::bigint[]) AS p (user_id, product_id)
                USING (user_id, product_id)
            ORDER BY user_id, product_id
            FOR UPDATE OF c
            """,
            """
            DELETE FROM cart_lines c
            USING unnest(\(users)::bigint[], \(products)::bigint[], \(quantities)::bigint[])
                AS p (user_id, product_id, quantity)
            WHERE c.user_id = p.user_id AND c.product_id = p.product_id AND c.amount <= p.quantity
            RETURNING c.user_id
            """,
            // What the first has left has more than was bought.
            """
            UPDATE cart_lines c SET amount = c.amount - p.quantity
            FROM unnest(\(users)::bigint[], \(products)::bigint[], \(quantities)::bigint[])
                AS p (user_id, product_id, quantity)
            WHERE c.user_id = p.user_id AND c.product_id = p.product_id
            RETURNING c.user_id
            """,
        ])
        return Set(try results.dropFirst().flatMap { try $0.decode((Int64).self) })
    }

    /// Runs a statement that may make lines, under the cart's lock, and counts them before and after.
    private func change(
        _ userID: Int64, in transaction: PostgresTransaction, by statement: PostgresQuery
    ) async throws {
        let count: PostgresQuery = """
            SELECT count(*) FROM cart_lines c
            WHERE user_id = \(userID)
                AND NOT EXISTS (SELECT FROM hidden_products h WHERE h.product_id = c.product_id)
            """
        let results: [PostgresRows]
        do {
            results = try await transaction.batch([
                """
                INSERT INTO carts (user_id) VALUES (\(userID))
                ON CONFLICT (user_id) DO UPDATE SET changed_at = now()
                """,
                count, statement, count,
            ])
        } catch let error as PostgresError where error.sqlState == .checkViolation {
            throw ServiceError.failedPrecondition(
                "cart_line_full", "a cart holds at most \(Self.amountLimit) units of a product")
        }
        let before = try results[1].decode((Int64).self)[0]
        let after = try results[3].decode((Int64).self)[0]
        // A cart may have grown past the limit when hidden lines came back: it can still be changed, not grow.
        guard after <= Self.lineLimit || after <= before else {
            throw ServiceError.failedPrecondition(
                "cart_full", "a cart holds at most \(Self.lineLimit) products; remove one first")
        }
    }
}
