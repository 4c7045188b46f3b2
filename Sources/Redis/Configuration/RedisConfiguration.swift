import DriverSupport

/// The address of a Redis server and the time to wait for it.
public struct RedisConfiguration: Sendable {
    /// The hosts, at least one, of which the one that can be written is used.
    let endpoints: [Endpoint]
    /// The number of the logical database, 0 unless the URL says otherwise.
    public let database: Int
    /// The ACL user; nil for the default one.
    public let user: String?
    let password: String?

    /// The time a command may take until its connection is given up. Default 250 ms.
    public var commandTimeout: Duration = .milliseconds(250)
    /// The time connecting, authentication included, may take; all addresses of all hosts share it. Default 1 s.
    public var connectTimeout: Duration = .seconds(1)
    /// The shortest and the longest wait between attempts to connect; random, and longer after each failure. Default
    /// 50 ms to 2 s.
    public var reconnectDelay: ClosedRange<Duration> = .milliseconds(50) ... .seconds(2)
    /// The beginning of every key of the cache face and of scripts; raw commands are sent as they are.
    public var keyPrefix = ""

    /// The configuration of `redis://[[user]:password@]host[:port][,host[:port]...][/database]`; user and password may be
    /// percent-encoded.
    ///
    /// - Throws: `RedisError` of kind `configuration`, which never repeats the URL.
    public init(url: String) throws(RedisError) {
        let parts = try RedisURL(url)
        endpoints = parts.endpoints
        database = parts.database
        user = parts.user
        password = parts.password
    }

    /// The first host's name or address.
    public var host: String { endpoints[0].host }

    /// The first host's TCP port, 6379 unless the URL says otherwise.
    public var port: UInt16 { endpoints[0].port }

    /// `host:port` of every host.
    public var place: String { endpoints.map(\.description).joined(separator: ",") }

    /// The server without its password, for logs: `user@host:port/database`.
    public var redacted: String { "\(user.map { "\($0)@" } ?? "")\(place)/\(database)" }

    /// `key` with the prefix, as the server knows it.
    public func prefixed(_ key: String) -> String { keyPrefix + key }
}

extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "redis://\(redacted)" }
    public var debugDescription: String { description }
    /// Without the password, which a dump would show.
    public var customMirror: Mirror { Mirror(self, children: ["server": redacted]) }
}
