public import FoundationEssentials
import Postgres

/// The server process that holds the migration lock.
public struct LockHolder: Sendable, Equatable, CustomStringConvertible {
    /// PostgreSQL's process, as `pg_terminate_backend` takes it.
    public let pid: Int32
    /// Its name for itself.
    public let applicationName: String
    /// Its address; `local` on a Unix socket.
    public let address: String
    /// The time when it connected.
    public let since: Date

    public var description: String {
        let name = applicationName.isEmpty ? "an unnamed application" : applicationName
        return "\(name) (PostgreSQL pid \(pid), \(address), connected since \(since.formatted(.iso8601)))"
    }
}

extension LockHolder {
    /// A row with `pid`, `name`, `address` and `backend_start`.
    init(_ row: PostgresRow) throws {
        self.init(
            pid: try row.decode("pid"), applicationName: try row.decode("name"),
            address: try row.decode("address"), since: try row.decode("backend_start"))
    }
}
