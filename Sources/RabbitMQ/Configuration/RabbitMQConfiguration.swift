import DriverSupport

/// The way to reach a broker, and the patience to have with it.
public struct RabbitMQConfiguration: Sendable {
    /// The broker's hosts, at least one: nodes of a cluster, any of which will do.
    let endpoints: [Endpoint]
    /// The user's name.
    public let user: String
    let password: String
    /// The virtual host.
    public var virtualHost: String
    /// TLS, if the URL's scheme is `amqps`.
    public var tls: RabbitMQTLS?

    /// The connection's name: in the broker's list of connections and as a label of metrics.
    public var name: String
    /// The interval at which a sign of life is sent, in whole seconds; the peer counts as dead after two without one.
    /// Zero switches heartbeats off. Default 10 s.
    public var heartbeat: Duration
    /// The most that one attempt to connect may take, login included: all addresses of all hosts share it. Default 5 s.
    public var connectTimeout: Duration
    /// The most a call waits for the broker's answer (declare, bind, get…). Default 10 s.
    public var requestTimeout: Duration
    /// The most a publish waits for its confirms, connecting included. Default 10 s.
    public var publishTimeout: Duration
    /// The most that sent bytes may wait for the peer to take them; then the connection counts as lost. Default 10 s.
    public var socketTimeout: Duration
    /// The number of messages that may be under way to the broker, unconfirmed, on one publisher. Default 4096.
    public var maximumUnconfirmed: Int
    /// The shortest and the longest wait between attempts to connect; jittered, doubling. Default 50 ms to 5 s.
    public var reconnectDelay: ClosedRange<Duration>

    /// Reads `amqp://user:password@host:port/vhost` or `amqps://…`; parts left out have AMQP's usual defaults.
    ///
    /// Several hosts are separated by commas, each with a port of its own or the usual one: `host1:5673,host2`. They
    /// take turns at being tried first.
    ///
    /// The query may hold `heartbeat` (seconds), `connection_timeout` (milliseconds), `cacertfile`, `certfile`,
    /// `keyfile`, `verify` (`verify_peer` or `verify_none`) and `auth_mechanism` (`plain` or `external`).
    /// - Parameter connectTimeout: Unless the URL says otherwise.
    /// - Throws: ``RabbitMQError`` of kind `configuration`, which names the bad part and never shows the URL.
    public init(url: String, connectTimeout: Duration = .seconds(5)) throws(RabbitMQError) {
        let parts = try ConnectionURL(parsing: url)
        endpoints = parts.endpoints
        user = parts.user
        password = parts.password
        virtualHost = parts.virtualHost
        tls = parts.tls
        name = "shopctl"
        heartbeat = parts.heartbeat ?? .seconds(10)
        self.connectTimeout = parts.connectTimeout ?? connectTimeout
        requestTimeout = .seconds(10)
        publishTimeout = .seconds(10)
        socketTimeout = .seconds(10)
        maximumUnconfirmed = 4096
        reconnectDelay = .milliseconds(50) ... .seconds(5)
    }

    /// The first host's name or address.
    public var host: String { endpoints[0].host }

    /// The first host's port; 5672, or 5671 with TLS, unless the URL says otherwise.
    public var port: Int { Int(endpoints[0].port) }

    /// The same broker, another virtual host.
    public func withVirtualHost(_ virtualHost: String) -> RabbitMQConfiguration {
        var copy = self
        copy.virtualHost = virtualHost
        return copy
    }

    /// The same broker, the connection called otherwise.
    public func named(_ name: String) -> RabbitMQConfiguration {
        var copy = self
        copy.name = name
        return copy
    }

    /// `host:port` of every host.
    public var place: String { endpoints.map(\.description).joined(separator: ",") }

    /// The URL without its password and query, for logs and errors.
    public var redacted: String {
        let scheme = tls == nil ? "amqp" : "amqps"
        let shownVirtualHost = virtualHost == "/" ? "%2F" : virtualHost
        return "\(scheme)://\(user)@\(place)/\(shownVirtualHost)"
    }
}

extension RabbitMQConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { redacted }
    public var debugDescription: String { redacted }
    /// Only what may be shown: a dump must not reveal the password.
    public var customMirror: Mirror { Mirror(self, children: ["url": redacted]) }
}

/// The way a connection is encrypted and whom it trusts.
public struct RabbitMQTLS: Sendable, Equatable {
    /// A PEM file of trusted authorities; `nil` means the system's.
    public var certificateAuthorityFile: String?
    /// This client's certificate chain, a PEM file.
    public var certificateFile: String?
    /// The key of ``certificateFile``, a PEM file without a passphrase.
    public var keyFile: String?
    /// Whether the broker's certificate and host name are checked. Default true.
    public var verifiesPeer: Bool
    /// Whether the certificate also is the login (SASL EXTERNAL).
    public var authenticatesByCertificate: Bool

    /// Creates TLS settings.
    public init(
        certificateAuthorityFile: String? = nil,
        certificateFile: String? = nil,
        keyFile: String? = nil,
        verifiesPeer: Bool = true,
        authenticatesByCertificate: Bool = false
    ) {
        self.certificateAuthorityFile = certificateAuthorityFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.verifiesPeer = verifiesPeer
        self.authenticatesByCertificate = authenticatesByCertificate
    }
}
