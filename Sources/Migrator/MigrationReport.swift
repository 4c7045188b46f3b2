/// The deeds of a run of migrations.
public struct MigrationReport: Sendable, Equatable {
    /// The role whose migrations were run.
    public let role: String
    /// The database.
    public let database: String
    /// Its version before; 0 if none was applied.
    public let from: Int64
    /// Its version now.
    public let to: Int64
    /// The way they were run.
    public let direction: MigrationDirection
    /// Names of the migrations run, in the order they were; empty if there was nothing to do.
    public let migrations: [String]
    /// Whether the database itself was created.
    public let createdDatabase: Bool
    /// Whether nothing was run, and this is how it would be.
    public let isDryRun: Bool
    /// Names of indexes that an earlier run had left INVALID, and that were dropped and built again.
    public let rebuiltIndexes: [String]
    /// Names of migrations that were applied before, and from other SQL than what is at hand.
    public let changed: [String]
}
