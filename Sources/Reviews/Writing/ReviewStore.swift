import FoundationEssentials
import Postgres

/// All SQL of the reviews that are read; what changes them stands in `ReviewStore+Changes.swift`.
struct ReviewStore: Sendable {
    /// The place at which a listing goes on: behind a review, in the order of ``reviews(ofProduct:after:limit:)``.
    struct Position: Sendable {
        /// Before the latest review.
        static let start = Position(createdAt: Date(timeIntervalSinceReferenceDate: .infinity), id: .max)

        let createdAt: Date
        let id: Int64
    }

    /// Those of a review `r`, as ``reviews(_:)`` reads them.
    static let columns = """
        r.id, r.user_id, r.product_id, r.text, r.evaluation,
        EXISTS (
            SELECT FROM purchases p
            WHERE p.user_id = r.user_id AND p.product_id = r.product_id
                AND NOT EXISTS (SELECT FROM cancelled_orders c WHERE c.order_id = p.order_id)
        ),
        r.created_at, r.updated_at
        """

    let database: PostgresClient

    /// A product's reviews, the latest first; none while the product is hidden.
    func reviews(
        ofProduct productID: Int64, after position: Position = .start, limit: Int64
    ) async throws -> [Review] {
        let rows = try await database.query(
            """
            SELECT \(unescaped: Self.columns)
            FROM reviews r JOIN ratings t ON t.product_id = r.product_id AND t.is_open
            WHERE r.product_id = \(productID) AND (r.created_at, r.id) < (\(position.createdAt), \(position.id))
            ORDER BY r.created_at DESC, r.id DESC
            LIMIT \(limit)
            """)
        return try Self.reviews(rows)
    }

    static func reviews(_ rows: PostgresRows) throws -> [Review] {
        try rows.decode((Int64, Int64, Int64, String, Int64, Bool, Date, Date).self).map {
            Review(
                id: $0, userID: $1, productID: $2, text: $3, evaluation: $4, isVerifiedPurchase: $5, createdAt: $6,
                updatedAt: $7)
        }
    }
}

extension ReviewStore.Position: Codable {
    private enum CodingKeys: String, CodingKey {
        case createdAt = "created_at"
        case id
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        createdAt = try container.decode(Date.self, forKey: .createdAt)
        id = try container.decode(Int64.self, forKey: .id)
        // A cursor comes from outside; the database holds no date beyond these.
        guard (Date.distantPast...Date.distantFuture).contains(createdAt) else {
            throw DecodingError.dataCorruptedError(
                forKey: .createdAt, in: container, debugDescription: "no date of a review")
        }
    }
}
