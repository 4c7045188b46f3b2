import FoundationEssentials
import Postgres

/// The advisory lock under which one migrator at a time works on a database.
///
/// It is the very lock that the `migrate` program of golang-migrate takes, so that the two exclude each other. It is
/// asked for again and again and never waited for: a waiting statement holds a snapshot, and that keeps a
/// `CREATE INDEX CONCURRENTLY` of its holder from ever ending.
struct MigrationLock {
    let key: Int64
    let database: String

    init(database: String, schema: String) {
        self.database = database
        // golang-migrate takes the database's name from the URL's path, with its slash.
        key = Self.key(names: [schema, VersionTable.name, "/" + database])
    }

    /// golang-migrate's number for a lock: the CRC-32 of the names, NUL between them, times a constant.
    static func key(names: [String]) -> Int64 {
        Int64(crc32(Array(names.joined(separator: "\0").utf8)) &* 1_486_364_155)
    }

    /// Takes the lock for the session.
    ///
    /// - Parameters:
    ///   - lasting: Called once where it has taken a second.
    ///   - waiting: Called once where it is not free.
    /// - Throws: `MigrationError.locked` with the holder's name once `patience` is over.
    func acquire(
        on session: PostgresSession, patience: Duration, lasting: (DatabaseSession?) -> Void = { _ in },
        waiting: (DatabaseSession?) -> Void
    ) async throws {
        let started = ContinuousClock.now
        var told = false
        var isLong = false
        while !(try await tryAcquire(on: session)) {
            let waited = ContinuousClock.now - started
            let isOver = waited >= patience
            if !isOver, !isLong, waited >= .seconds(1) {
                lasting(try await holder(on: session))
                isLong = true
            }
            if isOver || !told {
                let holder = try await holder(on: session)
                if isOver { throw MigrationError.locked(database: database, waited: patience, holder: holder) }
                waiting(holder)
                told = true
                try await rename(session, to: "current_setting('application_name') || '\(Self.waitingSuffix)'")
            }
            try await Task.sleep(for: min(.milliseconds(Int.random(in: 50...150)), patience - waited))
        }
        if told {
            try await rename(session, to: "replace(current_setting('application_name'), '\(Self.waitingSuffix)', '')")
        }
    }

    /// Ends the name of a session that waits for its turn, by which others see that it does.
    static let waitingSuffix = "-waiting"

    private func rename(_ session: PostgresSession, to expression: String) async throws {
        try await session.query("SELECT set_config('application_name', \(unescaped: expression), false)")
    }

    func release(on session: PostgresSession) async throws {
        try await session.query("SELECT pg_advisory_unlock(\(key))")
    }

    /// The one who holds the lock now, if anybody does.
    func holder(on session: PostgresSession) async throws -> DatabaseSession? {
        // The bigint key of an advisory lock stands in pg_locks as two halves, with objsubid 1.
        let rows = try await session.query(
            """
            SELECT \(unescaped: DatabaseSession.columns)
            FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND (l.classid::bigint << 32) | l.objid::bigint = \(key)
            LIMIT 1
            """)
        return try rows.first.map(DatabaseSession.init)
    }

    private func tryAcquire(on session: PostgresSession) async throws -> Bool {
        let rows = try await session.query("SELECT pg_try_advisory_lock(\(key)) AS taken")
        return try rows.first?.decode("taken") ?? false
    }
}

/// The CRC-32 of IEEE 802.3, bit by bit: a lock's name is short.
private func crc32(_ bytes: [UInt8]) -> UInt32 {
    var remainder: UInt32 = .max
    for byte in bytes {
        remainder ^= UInt32(byte)
        for _ in 0..<8 {
            remainder = remainder & 1 == 1 ? (remainder >> 1) ^ 0xEDB8_8320 : remainder >> 1
        }
    }
    return ~remainder
}
