import Logging

extension Setting {
    /// Everything that can be set, in the order of the manual.
    public static let all: [Setting] =
        [databaseURL, databasePoolSize, databaseSchema]
        + Role.allCases.map(databaseURL(of:))
        + [amqpURL, amqpManagementURL, redisURL, redisKeyPrefix]
        + Role.allCases.map(listen(of:))
        + Role.servers.map(address(of:))
        + [
            gatewayRateLimit, gatewayAuthRateLimit, gatewaySessionRetention, gatewayTrustedProxies, gatewayCORSOrigins,
        ]
        + connections
        + [
            adminListen, rpcDeadline, authKeysFile, authJWKSFile, authIssuer, authAudience,
            tlsCertificate, tlsKey, tlsCA, logFormat, logLevel, shutdownDrain, shutdownGrace, currency,
            sagaDeadline, sagaResend, sagaSweep, sagaStuckAfter, deadLetterLimit, ordersBacklog, ordersLongestWait,
            retentionSagas, retentionAudit,
        ]

    static let databaseURL = Setting(
        "database.url", .url(schemes: ["postgres", "postgresql"]), placeholder: "url", isSecret: true,
        standardVariable: "DATABASE_URL",
        help: """
            PostgreSQL database of every role that has none of its own; {role} in it stands for the role's name; several \
            hosts, one of them the primary, by commas
            """)

    static let databasePoolSize = Setting(
        "database.pool-size", .count, placeholder: "count", default: "8",
        help: "Connections to its database that a role opens at most")

    static let databaseSchema = Setting(
        "database.schema", .schema, placeholder: "name", default: "public",
        help: "Schema of each database that has the shop's tables, whatever search_path the server sets")

    static func databaseURL(of role: Role) -> Setting {
        Setting(
            "\(role.rawValue).database.url", .url(schemes: ["postgres", "postgresql"]), placeholder: "url",
            isSecret: true,
            help: "PostgreSQL database of the role \(role.rawValue); several hosts, one of them the primary, by commas")
    }

    static let amqpURL = Setting(
        "amqp.url", .url(schemes: ["amqp", "amqps"]), placeholder: "url", isSecret: true, standardVariable: "AMQP_URL",
        help: "RabbitMQ, with the virtual host as path; several hosts are separated by commas")

    static let amqpManagementURL = Setting(
        "amqp.management-url", .url(schemes: ["http", "https"]), placeholder: "url", isSecret: true,
        help:
            "RabbitMQ's management interface, with user and password, as in http://user:password@host:15672; optional:"
            + " with it bindings, policies and unacknowledged messages are checked")

    static let redisURL = Setting(
        "redis.url", .url(schemes: ["redis"]), placeholder: "url", isSecret: true, standardVariable: "REDIS_URL",
        help: "Redis, with the database number as path; several hosts, one of them the master, by commas")

    static let redisKeyPrefix = Setting(
        "redis.key-prefix", .text, placeholder: "text", default: "shop:",
        help: "What every key in Redis begins with, so that several shops can share a server")

    /// The address of a role's server.
    public static func listen(of role: Role) -> Setting {
        let served = role == .gateway ? "HTTP" : "gRPC"
        return Setting(
            "\(role.rawValue).listen", .listenAddress, placeholder: "host:port", default: "127.0.0.1:\(role.port)",
            help: "Address on which the role \(role.rawValue) serves \(served); 'off' for none")
    }

    static func address(of role: Role) -> Setting {
        Setting(
            "\(role.rawValue).address", .addresses, placeholder: "host:port,...", default: "127.0.0.1:\(role.port)",
            help: "Where other processes find the role \(role.rawValue); not used for a role of the same process")
    }

    static let gatewayRateLimit = Setting(
        "gateway.rate-limit", .limit, placeholder: "count", default: "600",
        help: "Requests a minute that one client may make; 0 for no limit; counted in Redis, without it by each process"
    )

    static let gatewayAuthRateLimit = Setting(
        "gateway.auth-rate-limit", .limit, placeholder: "count", default: "30",
        help:
            "Sign-ins, and refreshes, a minute that one address may make; 0 for no limit; counted in Redis, without it by"
            + " each process")

    static let gatewaySessionRetention = Setting(
        "gateway.session-retention", .count, placeholder: "days", default: "30",
        help: "Days that ended sessions are kept before they are deleted")

    static let gatewayTrustedProxies = Setting(
        "gateway.trusted-proxies", .addressRanges, placeholder: "address,...",
        help: "Proxies, as addresses or ranges such as 10.0.0.0/8, whose X-Forwarded-For and -Proto are believed")

    static let gatewayCORSOrigins = Setting(
        "gateway.cors-origins", .origins, placeholder: "origin,...",
        help: "Origins, such as https://shop.example, whose pages may call the gateway from browsers; '*' for all")

    static let adminListen = Setting(
        "admin.listen", .listenAddress, placeholder: "host:port", default: "127.0.0.1:9000",
        help: "Address of the listener for health, metrics and the console; 'off' for none")

    static let rpcDeadline = Setting(
        "rpc.deadline", .seconds(atLeast: 0.1), placeholder: "seconds", default: "2",
        help: "How long a call to another role may take")

    static let authKeysFile = Setting(
        "auth.keys-file", .path, placeholder: "path", help: "Private keys that sign access tokens, as JSON")

    static let authJWKSFile = Setting(
        "auth.jwks-file", .path, placeholder: "path",
        help: "Public keys (JSON Web Key Set) that access tokens are verified with; by default those of auth.keys-file")

    static let authIssuer = Setting(
        "auth.issuer", .text, placeholder: "name", default: "shopctl", help: "Issuer that access tokens name")

    static let authAudience = Setting(
        "auth.audience", .text, placeholder: "name", default: "shop", help: "Audience that access tokens name")

    static let tlsCertificate = Setting(
        "tls.certificate", .path, placeholder: "path", help: "Certificate chain of this process for gRPC, as PEM")

    static let tlsKey = Setting("tls.key", .path, placeholder: "path", help: "Private key of tls.certificate, as PEM")

    static let tlsCA = Setting(
        "tls.ca", .path, placeholder: "path",
        help: "Certificates, as PEM, that other roles' certificates must come from; both sides then show one")

    static let logFormat = Setting(
        "log.format", .choice(["auto", "json", "text"]), placeholder: "format", default: "auto",
        help: "How log lines look; auto is text on a terminal and json otherwise")

    static let logLevel = Setting(
        "log.level", .choice(Logger.Level.allCases.map(\.rawValue)),
        placeholder: "level", default: "info", help: "Lowest level that is logged")

    static let shutdownDrain = Setting(
        "shutdown.drain", .seconds(atLeast: 0), placeholder: "seconds", default: "3",
        help: "How long a stopping server still takes requests after it has said that it is not ready")

    static let shutdownGrace = Setting(
        "shutdown.grace", .seconds(atLeast: 1), placeholder: "seconds", default: "25",
        help: "How long a stopping server may take in all before it is forced")

    static let currency = Setting(
        "currency", .currency, placeholder: "code", default: "RUB", help: "Currency of all amounts, as three letters")

    static let sagaDeadline = Setting(
        "saga.deadline", .seconds(atLeast: 1), placeholder: "seconds", default: "900",
        help: "How long a saga may stay undecided before it is cancelled")

    static let sagaResend = Setting(
        "saga.resend", .seconds(atLeast: 0.1), placeholder: "seconds", default: "5",
        help: "How long a saga waits for an answer before it asks again; the wait doubles each time")

    static let sagaSweep = Setting(
        "saga.sweep", .seconds(atLeast: 0.05), placeholder: "seconds", default: "1",
        help: "How often sagas are looked through for those that have waited long enough")

    static let sagaStuckAfter = Setting(
        "saga.stuck-after", .seconds(atLeast: 1), placeholder: "seconds", default: "60",
        help: "How long a saga may make no progress before operators' commands call it stuck")

    static let deadLetterLimit = Setting(
        "messages.dead-letter-limit", .count, placeholder: "count", default: "100",
        help: "Dead letters of a role that are an alarm: in the log, the metrics and the readiness report")

    static let ordersBacklog = Setting(
        "orders.backlog", .count, placeholder: "count", default: "2000",
        help: "Undecided orders past which new ones are refused, for a while, before anything of them is written")

    static let ordersLongestWait = Setting(
        "orders.longest-wait", .seconds(atLeast: 1), placeholder: "seconds", default: "60",
        help: "How long orders may wait to be decided before new ones are refused, until the wait is shorter again")

    static let retentionSagas = Setting(
        "retention.sagas", .days(atLeast: Retention.fewestSagaDays), placeholder: "days", default: "90",
        help: "How long sagas that are over, and their participants' records of them, are kept")

    static let retentionAudit = Setting(
        "retention.audit", .days(atLeast: 1), placeholder: "days", default: "730",
        help: "How long the audit trail is kept")
}

extension Role {
    /// The roles that serve gRPC.
    public static let servers: [Role] = allCases.filter { $0 != .gateway }

    /// The port the role listens on by default.
    var port: Int {
        switch self {
        case .gateway: 8080
        case .products: 9001
        case .orders: 9002
        case .customers: 9003
        case .reviews: 9004
        }
    }
}
