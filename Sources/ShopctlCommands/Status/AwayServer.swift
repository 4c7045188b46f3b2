import Hosting

/// A server that does not answer or lets nobody in, for one reason: its place, and the settings that say so.
struct AwayServer: Sendable, Equatable {
    /// As in `PostgreSQL`.
    let product: String
    /// As in `127.0.0.1:5432`.
    let place: String
    /// As in `amqp.url`.
    let settings: [String]
    /// The roles whose databases it has; none of the broker and of Redis.
    let roles: [Role]
    let reason: String

    /// As in `PostgreSQL at 127.0.0.1:5432, with the databases of orders and reviews`.
    var name: String {
        let names = roles.map(\.rawValue)
        guard let last = names.last else { return "\(product) at \(place)" }
        guard names.count > 1 else { return "\(product) at \(place), with the database of \(last)" }
        return "\(product) at \(place), with the databases of \(names.dropLast().joined(separator: ", ")) and \(last)"
    }

    init(product: String, place: String, settings: [String], roles: [Role] = [], reason: String) {
        self.product = product
        self.place = place
        self.settings = settings
        self.roles = roles
        // The place is told by the name.
        self.reason = reason.hasPrefix("\(place): ") ? String(reason.dropFirst(place.count + 2)) : reason
    }

    /// The words for whoever is to see to it.
    static func advice(_ servers: [AwayServer]) -> String {
        let places = servers.map { "\($0.product) at \($0.place) (\($0.settings.joined(separator: ", ")))" }
        return "see that it runs and lets shopctl in: \(places.joined(separator: ", ")); "
            + "a private shop's servers: shopctl dev status"
    }
}

extension ShopStatus {
    /// The servers that are away, each once for every reason.
    var awayServers: [AwayServer] {
        var servers = awayDatabaseServers
        if let reason = broker.reason, let brokerPlace {
            servers.append(
                AwayServer(product: "RabbitMQ", place: brokerPlace, settings: ["amqp.url"], reason: reason))
        }
        if let reason = redis.reason, let redisPlace {
            servers.append(AwayServer(product: "Redis", place: redisPlace, settings: ["redis.url"], reason: reason))
        }
        return servers
    }

    /// The servers of databases that are away, in the order of their roles: once for all databases that are away for
    /// the same kind of reason.
    var awayDatabaseServers: [AwayServer] {
        var servers: [AwayServer] = []
        for database in databases {
            guard let place = database.place, let reason = database.answer.reason,
                !servers.contains(where: { $0.place == place && $0.roles.contains(database.role) })
            else { continue }
            let own = databases.filter { $0.place == place && $0.answer.code == database.answer.code }
            var settings: [String] = []
            for setting in own.map(\.setting) where !settings.contains(setting) { settings.append(setting) }
            servers.append(
                AwayServer(
                    product: "PostgreSQL", place: place, settings: settings, roles: own.map(\.role),
                    reason: own.count == 1 ? reason : MigrationFailures.unnamed(reason)))
        }
        return servers
    }

    /// The server that a role's database shares with others that are away for the same reason; nil if there is no such.
    func sharedServerAway(of role: Role) -> AwayServer? {
        awayDatabaseServers.first { $0.roles.count > 1 && $0.roles.contains(role) }
    }
}
