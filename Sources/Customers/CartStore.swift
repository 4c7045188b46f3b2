import Hosting
import Postgres

/// All SQL of the carts.
struct CartStore: Sendable {
    /// The most units of one product in a cart.
    static let amountLimit: Int64 = 1_000_000

    struct Line: Sendable, Equatable {
        let productID: Int64
        let amount: Int64
    }

    let database: PostgresClient

    /// The lines, in the order they were first added.
    func lines(of userID: Int64) async throws -> [Line] {
        let rows = try await database.query(
            "SELECT product_id, amount FROM cart_lines WHERE user_id = \(userID) ORDER BY added_at, product_id")
        return try rows.decode((Int64, Int64).self).map { Line(productID: $0, amount: $1) }
    }

    /// Adds units to a line, making it if need be.
    ///
    /// - Throws: ``ServiceError`` if the line would hold more than ``amountLimit``.
    func add(_ productID: Int64, amount: Int64, to userID: Int64) async throws {
        do {
            try await database.query(
                """
                INSERT INTO cart_lines AS c (user_id, product_id, amount) VALUES (\(userID), \(productID), \(amount))
                ON CONFLICT (user_id, product_id) DO UPDATE SET amount = c.amount + excluded.amount
                """)
        } catch let error as PostgresError where error.sqlState == .checkViolation {
            throw ServiceError.failedPrecondition(
                "cart_line_full", "a cart holds at most \(Self.amountLimit) units of a product")
        }
    }

    /// - Returns: Whether the line was there.
    func remove(_ productID: Int64, from userID: Int64) async throws -> Bool {
        let rows = try await database.query(
            "DELETE FROM cart_lines WHERE user_id = \(userID) AND product_id = \(productID) RETURNING 1")
        return !rows.isEmpty
    }
}
