import FoundationEssentials
import Hosting
import Logging
import RabbitMQ
import Redis

/// Everything that `status` asks, all at once and each for itself.
struct StatusSources: Sendable {
    let configuration: ShopConfiguration
    /// The admin listeners to ask, and what says that they are there.
    let processes: [(place: HostPort, origin: String)]
    /// Roles that are not asked by the network, since one of those processes tells of them.
    let localRoles: Set<Role>

    /// - Parameters:
    ///   - process: The process that asks, by its own admin listener.
    ///   - roles: Those that it runs.
    init(_ configuration: ShopConfiguration, process: HostPort, roles: Set<Role>) {
        self.configuration = configuration
        processes = [(place: process, origin: Readiness.local)]
        localRoles = roles
    }

    /// - Parameter addresses: Admin listeners; empty for the one that variable or setting names.
    init(
        _ configuration: ShopConfiguration, _ addresses: [AddressArgument], _ context: CommandContext
    ) throws {
        self.configuration = configuration
        localRoles = []
        let isAnnounced = context.environment["SHOPCTL_ADMIN_URL"].map { !$0.isEmpty } ?? false
        if !addresses.isEmpty {
            processes = addresses.map { (place: $0.place, origin: "--address") }
        } else if isAnnounced || configuration.adminListenAddress != .off {
            processes = [try Readiness.whom(nil, configuration, context)]
        } else {
            processes = []
        }
    }

    /// Whether anything says where any of it is.
    var isConfigured: Bool {
        processes.contains { $0.origin != "admin.listen" }
            || (["database.url", "amqp.url", "redis.url"] + Role.allCases.map { "\($0.rawValue).database.url" })
                .contains(where: configuration.isSet)
    }

    /// - Parameter takingRetries: Whether messages that wait for their next try are taken and put back, so as to tell their
    ///   copies and reasons. Each time counts against a delivery limit, at which they are tried again before their time:
    ///   not for looks that are repeated, as those of a monitor are.
    func look(at now: Date, takingRetries: Bool = false) async -> ShopStatus {
        async let processes = askProcesses()
        async let roles = askRoles()
        async let databases = askDatabases()
        let isBrokerSet = configuration.isSet("amqp.url")
        let place = isBrokerSet ? try? configuration.broker(name: "shopctl-status").place : nil
        async let broker: StatusAnswer<BrokerStatus> = .asking(isSet: isBrokerSet, at: place) {
            try await BrokerStatus.ask(configuration, takingRetries: takingRetries)
        }
        async let redis = askRedis()
        var status = ShopStatus(at: now)
        status.limits = ShopStatus.Limits(
            stuckAfter: configuration.sagaStuckAfter, backlog: configuration.ordersBacklog)
        status.processes = await processes
        status.roles = await roles
        status.databases = await databases
        status.broker = await broker
        status.brokerPlace = place
        status.redis = await redis
        status.redisPlace = configuration.redisURL.flatMap { try? RedisConfiguration(url: $0).place }
        return status
    }

    /// The processes, as their admin listeners tell of them.
    func askProcesses() async -> [ProcessStatus] {
        await inOrder(processes) { place, origin in
            let isNamed = origin != "admin.listen" || configuration.isSet("admin.listen")
            let readiness = try? await Readiness.ask(place, origin)
            return ProcessStatus(address: place, origin: origin, isNamed: isNamed, readiness: readiness)
        }
    }

    private func askRoles() async -> [RoleStatus] {
        let places = Role.servers.filter { !localRoles.contains($0) }.flatMap { role in
            configuration.addresses(of: role).map { (role: role, place: $0) }
        }
        return await inOrder(places) { role, place in
            var state = RoleStatus.State.away
            var reason: String?
            do {
                let isServing = try await RoleHealth.isServing(role, at: place, tls: try configuration.tls())
                state = isServing ? .ready : .notReady
            } catch {
                reason = Diagnosis(error).message
            }
            return RoleStatus(
                role: role, address: place, isNamed: configuration.isSet("\(role.rawValue).address"), state: state,
                reason: reason)
        }
    }

    private func askDatabases() async -> [DatabaseStatus] {
        await inOrder(Role.allCases) { role in await DatabaseStatus.ask(role, configuration, local: localRoles) }
    }

    private func askRedis() async -> StatusAnswer<Void> {
        guard let url = configuration.redisURL else { return .notSet }
        return await .asking(isSet: true, at: try? RedisConfiguration(url: url).place) {
            let settings = try RedisConfiguration(url: url)
            let client = RedisClient(configuration: settings, logger: .command("status"))
            let result: Result<Void, any Error>
            do {
                try await client.ping()
                result = .success(())
            } catch {
                result = .failure(error)
            }
            await client.close()
            return try result.get()
        }
    }
}

extension ShopConfiguration {
    /// Whether somebody has set it: its default is nobody's word.
    func isSet(_ key: String) -> Bool {
        guard let setting = Setting.named(key), let origin = source(of: setting) else { return false }
        return origin != .builtIn
    }
}

/// Does something with all elements at once.
private func inOrder<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ body: @escaping @Sendable (Element) async -> Result
) async -> [Result] {
    await withTaskGroup(of: (Int, Result).self) { group in
        for (index, element) in elements.enumerated() {
            group.addTask { (index, await body(element)) }
        }
        var results: [(Int, Result)] = []
        for await result in group { results.append(result) }
        return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
