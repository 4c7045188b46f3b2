public import FoundationEssentials
import Postgres

/// A line of a database's history: something that was done to its schema.
public struct MigrationDeed: Sendable, Equatable {
    /// The kinds of deeds.
    public enum Kind: String, Sendable, CaseIterable {
        /// Applied.
        case up
        /// Taken back.
        case down
        /// A migration outside of transactions was begun, either way; its end is a line of its own.
        case begun
        /// Taken over from golang-migrate.
        case baseline
        /// Mended by hand, or accepted as it is.
        case repair
        /// Run in vain, either way; the reason has the error.
        case failed
    }

    /// Its number within the database.
    public let id: Int64
    /// The time of its end.
    public let at: Date
    /// Nil for a kind that a newer program has added.
    public let kind: Kind?
    /// The migration's version.
    public let version: Int64
    /// The migration's title.
    public let title: String
    /// The SHA-256 of the SQL that was applied, in hex.
    public let checksum: String?
    /// The program and its version.
    public let program: String
    /// The user and machine that the program ran as.
    public let who: String
    /// The database's user.
    public let databaseUser: String
    /// The time it took.
    public let milliseconds: Int64?
    /// The reason, where somebody had to say so.
    public let reason: String?
}

/// The table beside `schema_migrations` that tells what was done to a schema, by whom, and from which files.
///
/// golang-migrate does not know it, and leaves it alone.
enum MigrationHistory {
    static let name = VersionTable.name + "_history"
    /// The beginnings of the reasons of repairs that have set the version.
    static let clearedDirty = "cleared dirty at "
    static let versionSet = "set to version "

    static let creation: PostgresQuery = """
        CREATE TABLE IF NOT EXISTS schema_migrations_history (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            at timestamptz NOT NULL DEFAULT clock_timestamp(),
            deed text NOT NULL,
            version bigint NOT NULL,
            title text NOT NULL,
            checksum text,
            program text NOT NULL,
            who text NOT NULL,
            database_user text NOT NULL DEFAULT session_user,
            milliseconds bigint,
            reason text
        )
        """

    /// The time since the transaction began.
    static let age = "(extract(epoch FROM clock_timestamp() - now()) * 1000)::bigint"

    /// The statement that writes a line, as part of the transaction whose age is its duration unless one is given.
    ///
    /// - Parameter isOfItsSQL: Whether it says from which SQL the version was made.
    static func record(
        _ kind: MigrationDeed.Kind, _ migration: Migration, by author: MigrationAuthor, milliseconds: Int64? = nil,
        reason: String? = nil, isOfItsSQL: Bool = true
    ) -> PostgresQuery {
        let checksum = kind == .down || !isOfItsSQL ? nil : migration.checksum
        return """
            INSERT INTO schema_migrations_history
                (deed, version, title, checksum, program, who, milliseconds, reason)
            VALUES (\(kind.rawValue), \(migration.version), \(migration.title), \(checksum), \(author.program),
                \(author.who), coalesce(\(milliseconds)::bigint, \(unescaped: age)), \(reason))
            """
    }

    /// The whole history, the latest deed first; none where there is no table yet.
    static func read(on session: PostgresSession) async throws -> [MigrationDeed] {
        let found = try await session.query(
            """
            SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = current_schema() AND c.relname = \(name)
            """)
        guard !found.isEmpty else { return [] }
        return try await session.query(
            """
            SELECT id, at, deed, version, title, checksum, program, who, database_user, milliseconds, reason
            FROM schema_migrations_history ORDER BY id DESC
            """
        ).map { row in
            MigrationDeed(
                id: try row.decode("id"), at: try row.decode("at"),
                kind: MigrationDeed.Kind(rawValue: try row.decode("deed")), version: try row.decode("version"),
                title: try row.decode("title"), checksum: try row.decode("checksum"),
                program: try row.decode("program"), who: try row.decode("who"),
                databaseUser: try row.decode("database_user"), milliseconds: try row.decode("milliseconds"),
                reason: try row.decode("reason"))
        }
    }
}

extension [MigrationDeed] {
    /// The latest deed that says from which SQL a version was made, or was accepted; nil if none does.
    func checksum(of version: Int64) -> String? {
        first { $0.version == version && $0.kind != .begun && $0.kind != .down && $0.checksum != nil }?.checksum
    }

    /// Whether a lower version was already applied with a history, so that this one would be in it if it had been applied.
    func wentPast(_ version: Int64) -> Bool {
        contains { $0.version < version && ($0.kind == .up || $0.kind == .baseline) }
    }

    /// The version that the last deed has left, whatever `schema_migrations` says; nil if that is not known.
    func version(_ migrations: MigrationSet) -> Int64? {
        let last = first { deed in
            switch deed.kind {
            case .up, .down, .begun, .baseline: true
            case .repair:
                [MigrationHistory.clearedDirty, MigrationHistory.versionSet].contains { start in
                    deed.reason?.hasPrefix(start) ?? false
                }
            case .failed, nil: false
            }
        }
        switch last?.kind {
        case .up, .baseline, .repair: return last?.version
        case .down: return last.map { migrations.version(before: $0.version) }
        case .begun, .failed, nil: return nil
        }
    }

    /// Whether the last thing that is known of a version, but for failures, is that its way was begun, from the same SQL.
    func isBegun(_ migration: Migration) -> Bool {
        first { $0.version == migration.version && $0.kind != .failed }.map {
            $0.kind == .begun && $0.checksum == migration.checksum
        }
            ?? false
    }
}
