public import FoundationEssentials
import Postgres

/// A session of a database, as the server tells of it.
public struct DatabaseSession: Sendable, Equatable, CustomStringConvertible {
    /// PostgreSQL's process, as `pg_terminate_backend` takes it.
    public let pid: Int32
    /// The name that it gives itself.
    public let applicationName: String
    /// The database's user.
    public let user: String
    /// Its address; `local` on a Unix socket, empty where the server does not tell this user.
    public let address: String
    /// The time it connected; nil where the server does not tell this user.
    public let since: Date?
    /// The time its transaction began; nil outside of one, and where the server does not tell this user.
    public let transactionSince: Date?
    /// As `pg_stat_activity` tells: active, idle in transaction, …; empty where the server does not tell this user.
    public let state: String

    /// Its name for people.
    var name: String { applicationName.isEmpty ? "an unnamed application" : applicationName }

    public var description: String {
        let connected = since.map { "connected since \($0.formatted(.iso8601))" }
        let details = ["PostgreSQL pid \(pid)", address.isEmpty ? nil : address, connected].compactMap(\.self)
        return "\(name) (\(details.joined(separator: ", ")))"
    }
}

extension DatabaseSession {
    /// The SQL of a session's columns, of a row `a` of `pg_stat_activity`.
    static let columns = """
        a.pid, coalesce(a.application_name, '') AS name, coalesce(a.usename, '')::text AS user_name,
        CASE WHEN a.backend_start IS NULL THEN '' ELSE coalesce(host(a.client_addr), 'local') END AS address,
        a.backend_start, a.xact_start, coalesce(a.state, '') AS state
        """

    /// - Parameter row: One with ``columns``.
    init(_ row: PostgresRow) throws {
        self.init(
            pid: try row.decode("pid"), applicationName: try row.decode("name"), user: try row.decode("user_name"),
            address: try row.decode("address"), since: try row.decode("backend_start"),
            transactionSince: try row.decode("xact_start"), state: try row.decode("state"))
    }
}
