/// Where a Redis server is and how long to wait for it.
public struct RedisConfiguration: Sendable {
    /// The server's host name or address.
    public let host: String
    /// The server's TCP port, 6379 unless the URL says otherwise.
    public let port: UInt16
    /// The number of the logical database, 0 unless the URL says otherwise.
    public let database: Int
    /// The ACL user; nil for the default one.
    public let user: String?
    let password: String?

    /// How long a command may take until its connection is given up. Default 250 ms.
    public var commandTimeout: Duration = .milliseconds(250)
    /// How long connecting, authentication included, may take. Default 1 s.
    public var connectTimeout: Duration = .seconds(1)
    /// What every key of the cache face and of scripts begins with; raw commands are sent as they are.
    public var keyPrefix = ""

    /// The configuration of `redis://[[user]:password@]host[:port][/database]`; user and password may be
    /// percent-encoded.
    ///
    /// - Throws: `RedisError` of kind `configuration`, which never repeats the URL.
    public init(url: String) throws(RedisError) {
        let parts = try RedisURL(url)
        host = parts.host
        port = parts.port
        database = parts.database
        user = parts.user
        password = parts.password
    }

    /// The server without its password, for logs: `user@host:port/database`.
    public var redacted: String {
        let shownHost = host.contains(":") ? "[\(host)]" : host
        return "\(user.map { "\($0)@" } ?? "")\(shownHost):\(port)/\(database)"
    }

    /// `key` with the prefix, as the server knows it.
    public func prefixed(_ key: String) -> String { keyPrefix + key }
}

extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "redis://\(redacted)" }
    public var debugDescription: String { description }
    /// Without the password, which a dump would show.
    public var customMirror: Mirror { Mirror(self, children: ["server": redacted]) }
}
