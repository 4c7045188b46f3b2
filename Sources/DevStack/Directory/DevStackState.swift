public import FoundationEssentials

/// Everything another process needs to know of a stack; the state file's content (JSON, snake_case, version 1).
///
/// Holds passwords: the file is 0600, and a printed state shows none of them.
public struct DevStackState: Codable, Sendable, Equatable {
    /// The stage of the stack's life.
    public enum Phase: String, Codable, Sendable {
        /// Servers are being started; URLs may still change.
        case starting
        /// All servers have answered.
        case running
        /// Stopped in an orderly way; the data is there.
        case stopped
    }

    /// The address at which PostgreSQL listens, and its superuser.
    public struct Postgres: Codable, Sendable, Equatable {
        public var host: String
        public var port: Int
        public var user: String
        public var password: String
    }

    /// The address at which RabbitMQ listens, its administrator, and how to reach its node.
    public struct RabbitMQ: Codable, Sendable, Equatable {
        public var host: String
        public var port: Int
        public var user: String
        public var password: String
        /// The Erlang node's name, `rabbit@localhost`; unique by its private port mapper.
        public var nodeName: String
        /// The private port mapper's port.
        public var epmdPort: Int
        /// The port of Erlang's distribution.
        public var distributionPort: Int
        /// The home directory that holds the node's cookie.
        public var home: String
        /// The port of the management interface; nil if it does not run.
        public var managementPort: Int?
    }

    /// The address at which Redis listens, and its password.
    public struct Redis: Codable, Sendable, Equatable {
        public var host: String
        public var port: Int
        public var password: String
    }

    /// The format's version: 1.
    public var version: Int
    /// The stack's directory, absolute.
    public var directory: String
    /// Whether the directory is deleted when the stack stops.
    public var ephemeral: Bool
    /// The stage of the stack's life.
    public var phase: Phase
    /// The process that owns the stack.
    public var pid: Int32
    /// The time when that process started, in clock ticks since boot: tells it from a later one with the same id.
    public var ownerStartTicks: UInt64
    /// The time when the stack was started.
    public var startedAt: Date
    /// The value of `SHOPCTL_DEV_MARKER` in every process of the stack.
    public var marker: String
    /// The servers that belong to the stack.
    public var servers: [ServerKind]
    /// PostgreSQL, whether or not it is among ``servers``.
    public var postgres: Postgres
    /// RabbitMQ, whether or not it is among ``servers``.
    public var rabbitmq: RabbitMQ
    /// Redis, whether or not it is among ``servers``.
    public var redis: Redis
    /// URLs of what the owner itself serves, by name; written by the owner.
    public var services: [String: String]
    /// Further environment variables for ``environment``; written by the owner.
    public var variables: [String: String]
    /// The ports of what the owner itself serves, by name; kept between starts. Nil in the state of older versions.
    var ownPorts: [String: Int]?

    /// The environment variable that marks every process of a stack.
    public static let markerVariable = "SHOPCTL_DEV_MARKER"
}

extension DevStackState: CustomStringConvertible, CustomReflectable {
    /// The directory and the phase: nothing that a log or a failed test must not show.
    public var description: String { "stack in \(directory) (\(phase))" }

    /// Nothing below the description.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension DevStackState {
    /// The URL of a database, with its password.
    public func postgresURL(database: String = "postgres") -> String {
        "postgres://\(postgres.user):\(postgres.password)@\(postgres.host):\(postgres.port)/\(percentEncoded(database))"
    }

    /// The URL of a virtual host, with its password.
    public func amqpURL(vhost: String = "/") -> String {
        "amqp://\(rabbitmq.user):\(rabbitmq.password)@\(rabbitmq.host):\(rabbitmq.port)/\(percentEncoded(vhost))"
    }

    /// The URL of RabbitMQ's management interface, with its password; nil if it does not run.
    public var managementURL: String? {
        rabbitmq.managementPort.map { port in
            "http://\(rabbitmq.user):\(rabbitmq.password)@\(rabbitmq.host):\(port)"
        }
    }

    /// The URL of a Redis database (0 … 15), with its password.
    public func redisURL(database: Int = 0) -> String {
        "redis://:\(redis.password)@\(redis.host):\(redis.port)/\(database)"
    }

    /// The variables that `eval "$(shopctl dev env)"` sets: the URLs of the servers that belong to the stack, and
    /// ``variables``.
    public var environment: [String: String] {
        var result: [String: String] = [:]
        if servers.contains(.postgres) { result["DATABASE_URL"] = postgresURL() }
        if servers.contains(.rabbitmq) {
            result["AMQP_URL"] = amqpURL()
            result["SHOPCTL_AMQP_MANAGEMENT_URL"] = managementURL
        }
        if servers.contains(.redis) { result["REDIS_URL"] = redisURL() }
        return result.merging(variables) { _, chosen in chosen }
    }

    private func percentEncoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                result += hex.count == 1 ? "%0\(hex)" : "%\(hex)"
            }
        }
        return result
    }
}
