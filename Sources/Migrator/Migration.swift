/// One step of a database's schema, with its way back.
public struct Migration: Sendable, Equatable {
    /// Its place in the order, from 1.
    public let version: Int64
    /// What it is about, from the file's name.
    public let title: String
    /// The SQL that applies it.
    public let up: String
    /// The SQL that takes it back.
    public let down: String

    /// Version and title as one word, as in `2_refresh_tokens`.
    public var name: String { "\(version)_\(title)" }
}

/// The way a migration is run.
public enum MigrationDirection: String, Sendable {
    case up
    case down
}
