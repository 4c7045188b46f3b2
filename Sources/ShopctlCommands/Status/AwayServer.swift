import Hosting

/// A server that does not answer, or lets nobody in: its place, and the setting that says so.
struct AwayServer: Sendable, Equatable {
    /// As in `PostgreSQL`.
    let product: String
    /// As in `127.0.0.1:5432`.
    let place: String
    /// As in `amqp.url`.
    let setting: String
    /// The roles whose databases it has; none of the broker and of Redis.
    let roles: [Role]
    let reason: String

    /// As in `PostgreSQL at 127.0.0.1:5432, with the databases of orders and reviews`.
    var name: String {
        let names = roles.map(\.rawValue)
        guard names.count > 1, let last = names.last else { return "\(product) at \(place)" }
        return "\(product) at \(place), with the databases of \(names.dropLast().joined(separator: ", ")) and \(last)"
    }

    init(product: String, place: String, setting: String, roles: [Role] = [], reason: String) {
        self.product = product
        self.place = place
        self.setting = setting
        self.roles = roles
        // The place is told by the name.
        self.reason = reason.hasPrefix("\(place): ") ? String(reason.dropFirst(place.count + 2)) : reason
    }

    /// The words for whoever is to see to it.
    static func advice(_ servers: [AwayServer]) -> String {
        let places = servers.map { "\($0.product) at \($0.place) (\($0.setting))" }
        return "see that it runs and lets shopctl in: \(places.joined(separator: ", ")); "
            + "a private shop's servers: shopctl dev status"
    }
}

extension ShopStatus {
    /// The servers that are away, each once.
    var awayServers: [AwayServer] {
        var servers = awayDatabaseServers
        if let reason = broker.reason, let brokerPlace {
            servers.append(
                AwayServer(product: "RabbitMQ", place: brokerPlace, setting: "amqp.url", reason: reason))
        }
        if let reason = redis.reason, let redisPlace {
            servers.append(AwayServer(product: "Redis", place: redisPlace, setting: "redis.url", reason: reason))
        }
        return servers
    }

    /// The servers of databases of which none answers, in the order of their roles.
    var awayDatabaseServers: [AwayServer] {
        var servers: [AwayServer] = []
        for database in databases {
            guard let place = database.place, let reason = database.answer.reason,
                !servers.contains(where: { $0.place == place })
            else { continue }
            let own = databases.filter { $0.place == place }
            guard own.allSatisfy({ $0.answer.reason != nil }) else { continue }
            servers.append(
                AwayServer(
                    product: "PostgreSQL", place: place, setting: database.setting, roles: own.map(\.role),
                    reason: own.count == 1 ? reason : MigrationFailures.unnamed(reason)))
        }
        return servers
    }

    /// The server that a role's database shares with others, of which none answers; nil if there is no such.
    func sharedServerAway(of role: Role) -> AwayServer? {
        awayDatabaseServers.first { $0.roles.count > 1 && $0.roles.contains(role) }
    }
}
