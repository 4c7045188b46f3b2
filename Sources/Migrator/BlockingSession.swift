import FoundationEssentials
import Postgres

/// A session that keeps others from a table: it has the table's lock, or that of a row, for longer than a shop at work
/// has one.
public struct BlockingSession: Sendable, Equatable, CustomStringConvertible {
    /// The session itself.
    public let session: DatabaseSession
    /// The tables, by their names.
    public let tables: [String]
    /// The number of sessions that wait for it at this moment.
    public let waiting: Int64

    public var description: String {
        let origin = [
            session.user.isEmpty ? nil : "user \(session.user)", session.address.isEmpty ? nil : session.address,
            session.state.isEmpty ? nil : session.state,
        ]
        let details = (["PostgreSQL pid \(session.pid)"] + origin.compactMap(\.self)).joined(separator: ", ")
        let what = tables.isEmpty ? "something" : tables.joined(separator: ", ")
        let when = session.transactionSince.map { " since \($0.formatted(.iso8601))" } ?? ""
        let waits = waiting == 1 ? "1 session waits" : "\(waiting == 0 ? "no" : String(waiting)) sessions wait"
        return "\(session.name) (\(details)) keeps \(what) locked\(when): \(waits) for it"
    }
}

extension BlockingSession {
    /// All of the session's database, those with the most who wait first. Reads lists of sessions and locks only, and
    /// waits for nobody.
    ///
    /// A lock that keeps out whoever writes is told also while nobody waits: those who did have given up, and come again.
    static func all(on session: PostgresSession) async throws -> [BlockingSession] {
        try await session.query(
            """
            WITH RECURSIVE waits AS MATERIALIZED (
                SELECT l.pid, b.pid AS blocker, coalesce(
                    l.relation,
                    (SELECT t.relation FROM pg_locks t WHERE t.pid = l.pid AND t.locktype = 'tuple' LIMIT 1)) AS relation
                FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
                    CROSS JOIN LATERAL unnest(pg_blocking_pids(l.pid)) AS b (pid)
                WHERE NOT l.granted AND l.locktype <> 'advisory' AND a.datname = current_database()
            ), chains AS (
                SELECT blocker AS pid, pid AS waiter, relation FROM waits WHERE blocker NOT IN (SELECT pid FROM waits)
                UNION
                SELECT c.pid, w.pid, w.relation FROM chains c JOIN waits w ON w.blocker = c.waiter
            ), kept AS (
                SELECT pid, waiter, relation FROM chains
                UNION
                SELECT pid, NULL, relation FROM pg_locks
                WHERE locktype = 'relation' AND granted
                    AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            ), named AS (
                SELECT k.pid, k.waiter, c.relname::text AS name
                FROM kept k LEFT JOIN pg_class c ON c.oid = k.relation AND c.relkind IN ('r', 'p', 'm')
                    AND c.relpersistence <> 't' AND c.relnamespace <> 'pg_catalog'::regnamespace
                WHERE k.waiter IS NOT NULL OR c.oid IS NOT NULL
            )
            SELECT \(unescaped: DatabaseSession.columns),
                   coalesce(array_agg(DISTINCT n.name) FILTER (WHERE n.name IS NOT NULL), '{}') AS tables,
                   count(DISTINCT n.waiter) AS waiting
            FROM named n JOIN pg_stat_activity a ON a.pid = n.pid
            WHERE a.pid <> pg_backend_pid()
                -- The times of other users' sessions are not shown to everybody.
                AND (a.backend_start IS NULL OR a.xact_start < clock_timestamp() - interval '5 seconds')
            GROUP BY a.pid, a.application_name, a.usename, a.client_addr, a.backend_start, a.xact_start, a.state
            ORDER BY waiting DESC, a.xact_start, a.pid
            """
        ).map { row in
            BlockingSession(
                session: try DatabaseSession(row), tables: try row.decode("tables"),
                waiting: try row.decode("waiting"))
        }
    }
}
