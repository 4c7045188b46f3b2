import FoundationEssentials
import Postgres
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// All SQL of the notifications.
struct NotificationStore: Sendable {
    /// A notification in its place.
    struct Row: Sendable, Equatable {
        let userID: Int64
        let sequence: Int64
        let kind: String
        let text: String
        let orderID: Int64
        let productID: Int64
        let createdAt: Date
        /// UTC.
        let date: String
        let time: String

        var message: Notifications_Notification {
            .with {
                $0.userID = userID
                $0.text = text
                $0.date = date
                $0.time = time
                $0.sequence = sequence
                $0.kind = kind
                $0.orderID = orderID
                $0.productID = productID
                $0.createdAt = createdAt.rfc3339
            }
        }
    }

    let database: PostgresClient

    private static let columns = """
        sequence, kind, text, coalesce(order_id, 0), coalesce(product_id, 0), created_at,
        to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), to_char(created_at AT TIME ZONE 'UTC', 'HH24:MI:SS')
        """

    /// A user's notifications behind a sequence number, in their order.
    func notifications(of userID: Int64, after sequence: Int64, limit: Int64) async throws -> [Row] {
        try Self.rows(
            userID,
            await database.query(
                """
                SELECT \(unescaped: Self.columns) FROM notifications
                WHERE user_id = \(userID) AND sequence > \(sequence) ORDER BY sequence LIMIT \(limit)
                """))
    }

    /// A user's latest notifications, in their order.
    func latest(of userID: Int64, limit: Int64) async throws -> [Row] {
        try Self.rows(
            userID,
            await database.query(
                """
                SELECT \(unescaped: Self.columns) FROM notifications
                WHERE user_id = \(userID) ORDER BY sequence DESC LIMIT \(limit)
                """)
        ).reversed()
    }

    private static func rows(_ userID: Int64, _ rows: PostgresRows) throws -> [Row] {
        try rows.decode((Int64, String, String, Int64, Int64, Date, String, String).self).map {
            Row(
                userID: userID, sequence: $0, kind: $1, text: $2, orderID: $3, productID: $4, createdAt: $5, date: $6,
                time: $7)
        }
    }

    /// The sequence of a user's latest notification; 0 if there has never been one.
    func latestSequence(of userID: Int64) async throws -> Int64 {
        let rows = try await database.query(
            "SELECT last_sequence FROM notification_counters WHERE user_id = \(userID)")
        return try rows.decode((Int64).self).first ?? 0
    }

    /// Writes notifications, each in the next place of its user's sequence.
    ///
    /// The counters are locked in order of user until the transaction ends: whoever reads sees no gap.
    /// - Returns: The users with their highest sequence now, in order of user.
    func write(
        _ notices: [Notice], in transaction: PostgresTransaction
    ) async throws -> [(userID: Int64, sequence: Int64)] {
        let rows = try await transaction.query(
            """
            WITH notices AS (
                SELECT * FROM unnest(
                    \(notices.map(\.userID))::bigint[], \(notices.map(\.kind.rawValue))::text[],
                    \(notices.map(\.text))::text[], \(notices.map(\.orderID))::bigint[],
                    \(notices.map(\.productID))::bigint[]
                ) WITH ORDINALITY AS n (user_id, kind, text, order_id, product_id, position)
            ), counters AS (
                INSERT INTO notification_counters AS c (user_id, last_sequence)
                SELECT user_id, count(*) FROM notices GROUP BY user_id ORDER BY user_id
                ON CONFLICT (user_id) DO UPDATE SET last_sequence = c.last_sequence + excluded.last_sequence
                RETURNING user_id, last_sequence
            ), written AS (
                INSERT INTO notifications (user_id, sequence, kind, text, order_id, product_id)
                SELECT
                    user_id,
                    c.last_sequence - count(*) OVER (PARTITION BY user_id)
                        + row_number() OVER (PARTITION BY user_id ORDER BY position),
                    kind, text, order_id, product_id
                FROM notices JOIN counters c USING (user_id)
                ORDER BY position
            )
            SELECT user_id, last_sequence FROM counters ORDER BY user_id
            """)
        return try rows.decode((Int64, Int64).self).map { (userID: $0, sequence: $1) }
    }

    /// Deletes notifications that are older than 90 days, the oldest first; the sequences go on.
    static let pruning: PostgresQuery = """
        DELETE FROM notifications WHERE created_at < now() - interval '90 days' AND (tableoid, ctid) IN (
            SELECT tableoid, ctid FROM notifications WHERE created_at < now() - interval '90 days'
            ORDER BY created_at LIMIT 5000)
        """
}
