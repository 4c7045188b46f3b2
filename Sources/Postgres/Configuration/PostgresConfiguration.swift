import DriverSupport

/// The address of a database and the way to talk to it.
public struct PostgresConfiguration: Sendable {
    private var parameters: ConnectionParameters

    /// All connections of a client together, those for pipelined single statements included; two at least.
    public var maximumConnections = 8

    /// The number of connections that carry the pipelined single statements and batches of all callers; at most three
    /// eighths of all.
    ///
    /// A statement goes to the one with the least to do, so that a slow one holds up only what stands behind it already.
    /// Where slow ones hold up all of them, up to half of the other connections serve single statements too.
    public var sharedConnections = 3

    /// The number of statements that may wait for one shared connection; more are refused with `.poolTimeout`.
    public var maximumQueue = 1024

    /// The time connecting to one address of one host may take.
    public var connectTimeout: Duration

    /// The time a caller waits for a connection of its own before it fails with `.poolTimeout`.
    public var poolTimeout = Duration.seconds(5)

    /// The server's `statement_timeout`; zero for none. A setting in the URL's `options` wins.
    public var statementTimeout = Duration.seconds(30)

    /// The server's `lock_timeout`; zero for none. A setting in the URL's `options` wins.
    public var lockTimeout = Duration.seconds(10)

    /// The server's `idle_in_transaction_session_timeout`; zero for none. A setting in the URL's `options` wins.
    public var idleInTransactionTimeout = Duration.seconds(60)

    /// The server's `search_path`: one schema, by a name that needs no quotes; nil leaves it to the server. A setting in
    /// the URL's `options` wins.
    public var schema: String?

    /// Whether statements are planned for tables that grow: by their indexes, wherever there is one, and never compiled.
    ///
    /// The plan of a prepared statement is kept. One that was made while its tables were empty reads them from end to end
    /// until the server gathers statistics, a minute and thousands of rows later. Settings in the URL's `options` win.
    public var prefersIndexes = false

    /// Whether a statement is planned once for all its values: those of transactions, which find rows by their keys, where
    /// indexes are preferred. Planning them anew for each array of keys takes longer than running them.
    var plansOnce = false

    /// The name that `pg_stat_activity` shows.
    public var applicationName = "shopctl"

    /// Reads a `postgres://` or `postgresql://` URL with everything libpq knows: several hosts,
    /// `target_session_attrs`, `sslmode`, … .
    ///
    /// - Parameter connectTimeout: Unless the URL says otherwise.
    /// - Throws: an error that shows no part of the URL.
    public init(url: String, connectTimeout: Duration = .seconds(5)) throws(PostgresConfigurationError) {
        self.connectTimeout = connectTimeout
        parameters = try ConnectionParameters(url: url)
        if let name = parameters["application_name"] { applicationName = name }
        if let text = parameters["connect_timeout"] {
            guard let seconds = Int(text) else {
                throw PostgresConfigurationError("connect_timeout must be a whole number of seconds")
            }
            if seconds > 0 { self.connectTimeout = .seconds(seconds) }
        }
    }

    /// The database's name.
    public var database: String { parameters["dbname"] ?? parameters["user"] ?? "" }

    /// `host:port` of every host.
    public var place: String { parameters.place }

    /// `user@host:port/database`, without the password: for logs and errors.
    public var redacted: String { parameters.redacted }

    /// The same server and user with another database.
    public func withDatabase(_ name: String) -> PostgresConfiguration {
        var copy = self
        copy.parameters["dbname"] = name
        return copy
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { redacted }
    public var debugDescription: String { redacted }
    /// Keeps `dump` and the like from showing the password.
    public var customMirror: Mirror { Mirror(self, children: ["url": redacted]) }
}

extension PostgresConfiguration {
    /// The `statement_timeout` that the server was told; nil for none.
    var effectiveStatementTimeout: Duration? {
        switch parameters["options"].flatMap({ ServerTimeout(options: $0) }) {
        case .limited(let limit)?: limit
        case .unlimited?: nil
        case .configured?, nil: statementTimeout > .zero ? statementTimeout : nil
        }
    }

    /// Whether any server will do, so that the URL's order is a preference.
    var takesAnyServer: Bool { parameters["target_session_attrs"] == "any" }

    var password: String? { parameters["password"] }

    /// The parameters handed to libpq: the URL's parameters, with defaults for what it does not say.
    var libpqParameters: [String: String] {
        var all = parameters
        all["application_name"] = applicationName
        all["client_encoding"] = "UTF8"
        all["connect_timeout"] = nil
        all.setDefault("keepalives", "1")
        all.setDefault("keepalives_idle", "15")
        all.setDefault("keepalives_interval", "5")
        all.setDefault("keepalives_count", "3")
        // Of several servers one can usually write, and a client that is not told otherwise wants that.
        if parameters.hosts.count > 1 { all.setDefault("target_session_attrs", "read-write") }
        // Also bounds the handshake with a host that does not answer, so that the next one is tried.
        all.setDefault("tcp_user_timeout", String(max(connectTimeout.wholeMilliseconds, 1000)))
        var settings = [
            "-c statement_timeout=\(statementTimeout.wholeMilliseconds)",
            "-c lock_timeout=\(lockTimeout.wholeMilliseconds)",
            "-c idle_in_transaction_session_timeout=\(idleInTransactionTimeout.wholeMilliseconds)",
        ]
        if let schema { settings.append("-c search_path=\(schema)") }
        if prefersIndexes { settings += ["-c enable_seqscan=off", "-c jit=off"] }
        if plansOnce { settings.append("-c plan_cache_mode=force_generic_plan") }
        // The last setting of a name is the one that counts.
        all["options"] = (settings + [all["options"] ?? ""]).joined(separator: " ")
        return all.values
    }
}
