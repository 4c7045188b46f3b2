import Postgres

/// The database takes no writes: it is a standby, or its primary was demoted.
struct ReadOnlyDatabase: Error, CustomStringConvertible {
    var description: String { "the database is read-only: it may be a standby" }
}

extension PostgresClient {
    /// Throws when the database is away, and when it is there but takes no writes (SQLSTATE 25006 to those who try).
    func requireWritable() async throws {
        let rows = try await query("SELECT current_setting('transaction_read_only')")
        guard try rows.first?.decode(String.self) == "off" else { throw ReadOnlyDatabase() }
    }
}
