public import Logging
public import Postgres
public import RabbitMQ
public import Redis

/// Everything that a role is put together from: the settings, and what the process has made of them.
///
/// All roles are given the same kind of value, each with a database and a logger of its own.
public struct RoleContext: Sendable {
    public let role: Role
    /// All roles of the process: they share its descriptors.
    public let roles: Set<Role>
    public let configuration: ShopConfiguration
    /// The role's own; the role closes it.
    public let database: PostgresClient
    /// Shared by the process's roles, which do not close it; nil for none: nothing is cached or counted in Redis then.
    public let redis: RedisClient?
    /// The other roles.
    public let peers: Peers
    /// Tells whose access tokens are.
    public let verifier: TokenVerifier
    /// Its label and metadata are kept.
    public let logger: Logger

    private let givenBroker: RabbitMQConfiguration?

    /// Creates a context. Nothing is connected to for it.
    ///
    /// - Parameter broker: Instead of the one that the settings name.
    public init(
        _ role: Role, roles: Set<Role>, configuration: ShopConfiguration, database: PostgresClient,
        broker: RabbitMQConfiguration? = nil, redis: RedisClient?, peers: Peers, verifier: TokenVerifier, logger: Logger
    ) {
        self.role = role
        self.roles = roles
        self.configuration = configuration
        self.database = database
        self.givenBroker = broker
        self.redis = redis
        self.peers = peers
        self.verifier = verifier
        self.logger = logger
    }

    /// The way to the broker, which not every role has.
    ///
    /// - Throws: ``ConfigurationError`` if it is not set; `RabbitMQError` for a URL that cannot be used.
    public func broker() throws -> RabbitMQConfiguration {
        try givenBroker ?? RabbitMQConfiguration(url: configuration.amqpURL()).named("shopctl-\(role.rawValue)")
    }
}
