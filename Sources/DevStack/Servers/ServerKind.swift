/// One of the three servers of a private stack.
public enum ServerKind: String, CaseIterable, Codable, Sendable, Hashable {
    /// PostgreSQL.
    case postgres
    /// RabbitMQ, with the port mapper (`epmd`) it needs.
    case rabbitmq
    /// Redis.
    case redis

    /// The product's name, as people write it.
    public var displayName: String {
        switch self {
        case .postgres: "PostgreSQL"
        case .rabbitmq: "RabbitMQ"
        case .redis: "Redis"
        }
    }

    /// The Debian package that installs the server.
    public var debianPackage: String {
        switch self {
        case .postgres: "postgresql"
        case .rabbitmq: "rabbitmq-server"
        case .redis: "redis-server"
        }
    }
}
