/// The standing of a database in its migrations. Taking it changes nothing and waits for nobody.
public struct MigrationStatus: Sendable {
    /// One migration that the binary knows.
    public struct Entry: Sendable, Equatable {
        /// Its place in the order.
        public let version: Int64
        /// Its subject.
        public let title: String
        /// Whether the database has it.
        public let isApplied: Bool
    }

    /// Something that keeps migrations from running, or soon may.
    public enum Anomaly: Sendable, Equatable, CustomStringConvertible {
        /// A migrator stopped half way through this version.
        case dirty(version: Int64)
        /// The database's version is none of this binary's.
        case unknownVersion(Int64)
        /// There is a `schema_migrations`, but not golang-migrate's.
        case foreignVersionTable(reason: String)
        /// A migrator is at work, or hangs.
        case locked(DatabaseSession)
        /// A concurrent build has left an index that cannot be used.
        case invalidIndex(String)
        /// The database takes no writes.
        case readOnly(reason: String)
        /// The database's version is lower than the one that was applied.
        case understated(version: Int64, applied: Int64)
        /// The database went past migrations that are at hand, without them.
        case passedOver([String])

        public var description: String {
            switch self {
            case .dirty(let version): "dirty: a migrator stopped half way through version \(version)"
            case .unknownVersion(let version): "version \(version) is not known to this binary"
            case .foreignVersionTable(let reason): "schema_migrations is not golang-migrate's: \(reason)"
            case .locked(let holder): "the migration lock is held by \(holder)"
            case .understated(let version, let applied):
                "schema_migrations says version \(version), and version \(applied) was applied"
            case .passedOver(let names):
                "\(names.joined(separator: ", ")) never applied: the database is past that version"
            case .invalidIndex(let name): "index \(name) is INVALID: a concurrent build has failed"
            case .readOnly(let reason): "read only: \(reason)"
            }
        }
    }

    /// The role whose migrations these are.
    public let role: String
    /// The database.
    public let database: String
    /// The database's version; 0 if none was applied, nil if it cannot be told.
    public let version: Int64?
    /// Every migration the binary knows, in order.
    public let entries: [Entry]
    /// The faults; empty is well.
    public let anomalies: [Anomaly]
    /// The sessions that keep others from a table; no fault of the migrations'.
    public let blockers: [BlockingSession]
    /// Names of migrations that were applied from other SQL than what is at hand.
    public let changed: [String]

    /// The number of those that 'up' will apply.
    public var pending: Int { entries.count { !$0.isApplied && $0.version > version ?? 0 } }
}
