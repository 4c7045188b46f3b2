import FoundationEssentials
public import Postgres
import Telemetry

/// The row of the `commit_marks` table by which a transaction that has written proves that it has committed.
///
/// After a crash PostgreSQL may give a transaction's number again: only what the transaction itself wrote tells.
public struct CommitMark: Sendable {
    private let id: UUID

    /// A mark under a random id, for one run of a transaction.
    init() { id = UUID.random() }

    /// Writes the mark in its transaction; touches no row if the transaction has written nothing.
    var insertion: PostgresQuery {
        """
        INSERT INTO commit_marks (id, is_fence)
        SELECT \(id)::uuid, false WHERE pg_current_xact_id_if_assigned() IS NOT NULL
        """
    }

    /// Whether the transaction has committed; if it has not, it never can.
    ///
    /// The insert waits for a transaction that is still under way, and one that comes later fails on the key. It writes
    /// in either case, so that its own commit waits until what it has seen is as safe as itself. May be repeated.
    /// - Throws: ``PostgresError``, after which nothing is known.
    func hasCommitted(in session: PostgresSession) async throws -> Bool {
        let rows = try await session.query(
            """
            INSERT INTO commit_marks (id, is_fence) VALUES (\(id), true)
            ON CONFLICT (id) DO UPDATE SET probed_at = clock_timestamp()
            RETURNING is_fence
            """)
        guard let row = rows.first else { return false }
        return try !row.decode(at: 0, as: Bool.self)
    }

    /// Deletes some of the marks that nobody asks for any more: an hour is far longer than a transaction may take to
    /// commit, or its client to find out.
    public static let pruning: PostgresQuery = """
        DELETE FROM commit_marks WHERE ctid IN (
            SELECT ctid FROM commit_marks WHERE created_at < now() - interval '1 hour' LIMIT 5000)
        """
}
