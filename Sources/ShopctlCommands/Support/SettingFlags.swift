import ArgumentParser
import Hosting

/// One flag for each setting, named as the setting's errors name it.
struct SettingFlags: ParsableArguments {
    @Option(setting: "database.url") var databaseURL: String?
    @Option(setting: "database.pool-size") var databasePoolSize: String?
    @Option(setting: "database.schema") var databaseSchema: String?
    @Option(setting: "gateway.database.url") var gatewayDatabaseURL: String?
    @Option(setting: "products.database.url") var productsDatabaseURL: String?
    @Option(setting: "orders.database.url") var ordersDatabaseURL: String?
    @Option(setting: "customers.database.url") var customersDatabaseURL: String?
    @Option(setting: "reviews.database.url") var reviewsDatabaseURL: String?
    @Option(setting: "amqp.url") var amqpURL: String?
    @Option(setting: "amqp.management-url") var amqpManagementURL: String?
    @Option(setting: "redis.url") var redisURL: String?
    @Option(setting: "redis.key-prefix") var redisKeyPrefix: String?
    @Option(setting: "gateway.listen") var gatewayListen: String?
    @Option(setting: "products.listen") var productsListen: String?
    @Option(setting: "orders.listen") var ordersListen: String?
    @Option(setting: "customers.listen") var customersListen: String?
    @Option(setting: "reviews.listen") var reviewsListen: String?
    @Option(setting: "products.address") var productsAddress: String?
    @Option(setting: "orders.address") var ordersAddress: String?
    @Option(setting: "customers.address") var customersAddress: String?
    @Option(setting: "reviews.address") var reviewsAddress: String?
    @Option(setting: "gateway.rate-limit") var gatewayRateLimit: String?
    @Option(setting: "gateway.auth-rate-limit") var gatewayAuthRateLimit: String?
    @Option(setting: "gateway.session-retention") var gatewaySessionRetention: String?
    @Option(setting: "gateway.trusted-proxies") var gatewayTrustedProxies: String?
    @Option(setting: "gateway.cors-origins") var gatewayCORSOrigins: String?
    @Option(setting: "gateway.max-connections") var gatewayMaxConnections: String?
    @Option(setting: "gateway.max-connections-per-client") var gatewayMaxConnectionsPerClient: String?
    @Option(setting: "rpc.max-connections") var rpcMaxConnections: String?
    @Option(setting: "rpc.max-connections-per-client") var rpcMaxConnectionsPerClient: String?
    @Option(setting: "admin.max-connections") var adminMaxConnections: String?
    @Option(setting: "gateway.idle-timeout") var gatewayIdleTimeout: String?
    @Option(setting: "gateway.head-timeout") var gatewayHeadTimeout: String?
    @Option(setting: "gateway.body-timeout") var gatewayBodyTimeout: String?
    @Option(setting: "gateway.answer-timeout") var gatewayAnswerTimeout: String?
    @Option(setting: "gateway.lowest-rate") var gatewayLowestRate: String?
    @Option(setting: "admin.listen") var adminListen: String?
    @Option(setting: "rpc.deadline") var rpcDeadline: String?
    @Option(setting: "auth.keys-file") var authKeysFile: String?
    @Option(setting: "auth.jwks-file") var authJWKSFile: String?
    @Option(setting: "auth.issuer") var authIssuer: String?
    @Option(setting: "auth.audience") var authAudience: String?
    @Option(setting: "tls.certificate") var tlsCertificate: String?
    @Option(setting: "tls.key") var tlsKey: String?
    @Option(setting: "tls.ca") var tlsCA: String?
    @Option(setting: "log.format") var logFormat: String?
    @Option(setting: "log.level") var logLevel: String?
    @Option(setting: "shutdown.drain") var shutdownDrain: String?
    @Option(setting: "shutdown.grace") var shutdownGrace: String?
    @Option(setting: "currency") var currency: String?
    @Option(setting: "saga.deadline") var sagaDeadline: String?
    @Option(setting: "saga.resend") var sagaResend: String?
    @Option(setting: "saga.sweep") var sagaSweep: String?
    @Option(setting: "saga.stuck-after") var sagaStuckAfter: String?
    @Option(setting: "messages.dead-letter-limit") var messagesDeadLetterLimit: String?
    @Option(setting: "orders.backlog") var ordersBacklog: String?
    @Option(setting: "orders.longest-wait") var ordersLongestWait: String?
    @Option(setting: "retention.sagas") var retentionSagas: String?
    @Option(setting: "retention.audit") var retentionAudit: String?

    /// What was said, by setting key.
    var values: [String: String] {
        let all: [(String, String?)] = [
            ("database.url", databaseURL), ("database.pool-size", databasePoolSize),
            ("database.schema", databaseSchema),
            ("gateway.database.url", gatewayDatabaseURL), ("products.database.url", productsDatabaseURL),
            ("orders.database.url", ordersDatabaseURL), ("customers.database.url", customersDatabaseURL),
            ("reviews.database.url", reviewsDatabaseURL), ("amqp.url", amqpURL),
            ("amqp.management-url", amqpManagementURL), ("redis.url", redisURL),
            ("redis.key-prefix", redisKeyPrefix),
            ("gateway.listen", gatewayListen), ("products.listen", productsListen), ("orders.listen", ordersListen),
            ("customers.listen", customersListen), ("reviews.listen", reviewsListen),
            ("products.address", productsAddress), ("orders.address", ordersAddress),
            ("customers.address", customersAddress), ("reviews.address", reviewsAddress),
            ("gateway.rate-limit", gatewayRateLimit), ("gateway.auth-rate-limit", gatewayAuthRateLimit),
            ("gateway.session-retention", gatewaySessionRetention),
            ("gateway.trusted-proxies", gatewayTrustedProxies), ("gateway.cors-origins", gatewayCORSOrigins),
            ("gateway.max-connections", gatewayMaxConnections),
            ("gateway.max-connections-per-client", gatewayMaxConnectionsPerClient),
            ("rpc.max-connections", rpcMaxConnections),
            ("rpc.max-connections-per-client", rpcMaxConnectionsPerClient),
            ("admin.max-connections", adminMaxConnections),
            ("gateway.idle-timeout", gatewayIdleTimeout),
            ("gateway.head-timeout", gatewayHeadTimeout),
            ("gateway.body-timeout", gatewayBodyTimeout),
            ("gateway.answer-timeout", gatewayAnswerTimeout),
            ("gateway.lowest-rate", gatewayLowestRate),
            ("admin.listen", adminListen), ("rpc.deadline", rpcDeadline), ("auth.keys-file", authKeysFile),
            ("auth.jwks-file", authJWKSFile), ("auth.issuer", authIssuer), ("auth.audience", authAudience),
            ("tls.certificate", tlsCertificate), ("tls.key", tlsKey), ("tls.ca", tlsCA), ("log.format", logFormat),
            ("log.level", logLevel), ("shutdown.drain", shutdownDrain), ("shutdown.grace", shutdownGrace),
            ("currency", currency), ("saga.deadline", sagaDeadline), ("saga.resend", sagaResend),
            ("messages.dead-letter-limit", messagesDeadLetterLimit),
            ("saga.sweep", sagaSweep), ("saga.stuck-after", sagaStuckAfter), ("orders.backlog", ordersBacklog),
            ("orders.longest-wait", ordersLongestWait), ("retention.sagas", retentionSagas),
            ("retention.audit", retentionAudit),
        ]
        return Dictionary(uniqueKeysWithValues: all.compactMap { key, value in value.map { (key, $0) } })
    }
}

extension Option where Value == String? {
    /// The flag of a setting, with the setting's own help.
    fileprivate init(setting key: String) {
        let name = key.map { $0 == "." ? "-" : String($0) }.joined()
        guard let setting = Setting.named(key) else { preconditionFailure("there is no setting \(key)") }
        let fallback = setting.defaultValue.map { " (default: \($0))" } ?? ""
        self.init(
            name: .customLong(name),
            help: ArgumentHelp("\(setting.help)\(fallback).", valueName: setting.placeholder))
    }
}
