import Hosting
import Logging
import Postgres
import RabbitMQ

/// Clients of the backends for a command: few connections, short patience (unless the URL asks for more), quiet.
extension ShopConfiguration {
    /// A role's database.
    ///
    /// - Parameters:
    ///   - roles: All roles whose databases the command needs, so that no two share one by mistake.
    ///   - connectTimeout: Unless the URL says otherwise.
    func database(
        of role: Role, among roles: Set<Role>, connectTimeout: Duration = .seconds(5)
    ) throws -> PostgresConfiguration {
        var configuration = try postgres(for: role, among: roles, connectTimeout: connectTimeout)
        configuration.applicationName = "shopctl-command"
        configuration.maximumConnections = 2
        return configuration
    }

    /// The broker.
    func broker(name: String, connectTimeout: Duration = .seconds(5)) throws -> RabbitMQConfiguration {
        try RabbitMQConfiguration(url: amqpURL(), connectTimeout: connectTimeout).named(name)
    }
}

extension Logger {
    /// The logger of a command.
    static func command(_ name: String) -> Logger { Logger(label: "shopctl.\(name)") }
}
