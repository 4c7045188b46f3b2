import Postgres

/// A session that has to do with a database's migration lock, or keeps others from a table.
public struct MigrationLockSession: Sendable, Equatable {
    /// The part it plays.
    public enum Part: String, Sendable, CaseIterable {
        /// It has the lock.
        case holds
        /// It waits for the lock.
        case waits
        /// It has what the lock's holder waits for, or has kept others from a table for seconds.
        case blocks
    }

    /// The part it plays.
    public let part: Part
    /// The session itself.
    public let session: DatabaseSession
    /// The kind of thing it waits for; nil if for none.
    public let waitsFor: String?
    /// Processes that keep it from going on.
    public let blockedBy: [Int32]
    /// The tables that it has kept others from for seconds, by their names.
    public var tables: [String] = []
    /// The number of sessions that wait for those.
    public var waiting: Int64 = 0
}

extension MigrationLockSession {
    /// A session that has nothing to do with the migration lock.
    fileprivate init(_ blocker: BlockingSession) {
        self.init(
            part: .blocks, session: blocker.session, waitsFor: nil, blockedBy: [], tables: blocker.tables,
            waiting: blocker.waiting)
    }
}

extension MigrationRunner {
    /// Sessions that hold the migration lock, wait for it, or keep its holder or others from a table. Changes nothing, and
    /// waits for nobody.
    public func locks() async throws(MigrationError) -> [MigrationLockSession] {
        try await withShop { session in
            let lock = try await lock(on: session)
            let rows = try await session.query(
                """
                WITH asked AS (
                    SELECT pid, granted FROM pg_locks
                    WHERE locktype = 'advisory' AND objsubid = 1
                      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                      AND (classid::bigint << 32) | objid::bigint = \(lock.key)
                ), parts AS (
                    SELECT pid, CASE WHEN granted THEN 'holds' ELSE 'waits' END AS part FROM asked
                    UNION
                    -- This program asks again and again, and stands in no queue.
                    SELECT pid, 'waits' FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name LIKE \("%" + MigrationLock.waitingSuffix)
                      AND pid NOT IN (SELECT pid FROM asked)
                    UNION
                    SELECT b.pid, 'blocks' FROM asked, unnest(pg_blocking_pids(asked.pid)) AS b (pid)
                    WHERE asked.granted AND b.pid NOT IN (SELECT pid FROM asked)
                )
                SELECT p.part, \(unescaped: DatabaseSession.columns), a.wait_event_type,
                       pg_blocking_pids(a.pid) AS blocked_by
                FROM parts p JOIN pg_stat_activity a ON a.pid = p.pid
                ORDER BY p.part = 'holds' DESC, p.part = 'blocks' DESC, a.backend_start, a.pid
                """)
            let blockers = try await BlockingSession.all(on: session)
            let sessions = try rows.map { row in
                let waitsFor = try row.decode("wait_event_type", as: String?.self)
                let asked = try DatabaseSession(row)
                let kept = blockers.first { $0.session.pid == asked.pid }
                return MigrationLockSession(
                    part: .init(rawValue: try row.decode("part")) ?? .waits, session: asked,
                    // A session without a statement waits for its client.
                    waitsFor: waitsFor == "Client" ? nil : waitsFor, blockedBy: try row.decode("blocked_by"),
                    tables: kept?.tables ?? [], waiting: kept?.waiting ?? 0)
            }
            let told = Set(sessions.map(\.session.pid))
            return sessions + blockers.filter { !told.contains($0.session.pid) }.map(MigrationLockSession.init)
        }
    }
}
