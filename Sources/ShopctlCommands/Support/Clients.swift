import Hosting
import Logging
import Postgres
import RabbitMQ

/// Clients of the backends for a command: few connections, short patience, quiet.
extension ShopConfiguration {
    /// A role's database.
    ///
    /// - Parameter roles: All roles whose databases the command needs, so that no two share one by mistake.
    func database(
        of role: Role, among roles: Set<Role>, connectTimeout: Duration = .seconds(5)
    ) throws -> PostgresConfiguration {
        var configuration = try postgres(for: role, among: roles)
        configuration.applicationName = "shopctl-command"
        configuration.maximumConnections = 2
        configuration.connectTimeout = connectTimeout
        return configuration
    }

    /// The broker.
    func broker(name: String, connectTimeout: Duration = .seconds(5)) throws -> RabbitMQConfiguration {
        var configuration = try RabbitMQConfiguration(url: amqpURL()).named(name)
        configuration.connectTimeout = connectTimeout
        return configuration
    }
}

extension Logger {
    /// The logger of a command.
    static func command(_ name: String) -> Logger { Logger(label: "shopctl.\(name)") }
}
