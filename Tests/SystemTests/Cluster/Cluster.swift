import DevStack
import TestSupport
import Testing

/// Servers on three hosts, which all are this machine: a node of RabbitMQ on each, PostgreSQL's primary with a
/// synchronous standby and Redis' master with a replica on the first two.
struct Cluster: Sendable {
    let hosts: [DevStack]
    let links: BrokerLinks
    let brokers: [BrokerControl]
    let databases: [PostgresControl]
    let caches: [RedisControl]
    /// Databases and virtual hosts, on the servers that lead at first.
    let fixture: Fixture
    private let lists: [ServerList]

    private init(_ hosts: [DevStack]) throws {
        let states = hosts.map(\.state)
        self.hosts = hosts
        links = try BrokerLinks(between: states)
        brokers = try states.map { try BrokerControl($0) }
        databases = try states.prefix(2).map { try PostgresControl($0) }
        caches = try states.prefix(2).map { try RedisControl($0) }
        fixture = Fixture(stack: try TestStack.Handle(state: states[0]))
        lists = [
            ServerList(ports: states.map(\.rabbitmq.port)), ServerList(ports: states.prefix(2).map(\.postgres.port)),
            ServerList(ports: states.prefix(2).map(\.redis.port)),
        ]
    }

    /// A URL that names all servers of its kind.
    func spread(_ url: String) -> String { lists.reduce(url) { $1.spread($0) } }

    /// Settings in whose URLs another server comes first.
    func rotate(_ settings: [String: String], by steps: Int) -> [String: String] {
        settings.mapValues { value in lists.reduce(value) { $1.rotate($0, by: steps) } }
    }

    /// Returns when so many nodes of the broker form one cluster, as one of them sees it.
    func awaitNodes(_ count: Int, seenBy node: Int = 0) async throws {
        try await eventually("\(count) nodes of the broker serve", timeout: .seconds(120), interval: .milliseconds(200))
        {
            try await brokers[node].runningNodes() == count
        }
    }

    /// Returns when each of the nodes serves.
    func awaitAllNodes() async throws {
        for node in brokers.indices {
            try await eventually("node \(node + 1) serves", timeout: .seconds(120), interval: .milliseconds(200)) {
                try await brokers[node].isServing()
            }
            try await awaitNodes(brokers.count, seenBy: node)
        }
    }

    /// Makes one cluster of servers that stand side by side.
    private func assemble() async throws {
        for node in brokers.indices.dropFirst() { try await brokers[node].join(hosts[0].state) }
        try await awaitAllNodes()
        // Only now: no commit ends without a standby.
        try await databases[0].execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        try await databases[0].execute("SELECT pg_reload_conf()")
        try await eventually("the standby is synchronous", timeout: .seconds(60)) {
            try await databases[0].execute("SELECT sync_state FROM pg_stat_replication") == ["sync"]
        }
        try await eventually("Redis' replica follows", timeout: .seconds(60)) {
            try await caches[1].execute("INFO", "replication").contains { $0.hasPrefix("master_link_status:up") }
        }
    }

    private func stop() async {
        links.heal()
        try? await fixture.cleanUp()
        links.close()
        await Self.stop(hosts)
    }

    private static func stop(_ hosts: [DevStack]) async {
        await withTaskGroup(of: Void.self) { group in
            for host in hosts { group.addTask { await host.stop() } }
        }
    }

    /// Runs a test on a cluster, and ends that afterwards.
    static func run(_ body: (Cluster) async throws -> Void) async throws {
        let hosts = try await start()
        let cluster: Cluster
        do {
            cluster = try Cluster(hosts)
        } catch {
            await Task.detached { await stop(hosts) }.value
            throw error
        }
        do {
            try await cluster.assemble()
            try await body(cluster)
        } catch {
            // In a task of its own: a cancelled test is cleaned up too.
            await Task.detached { await cluster.stop() }.value
            throw error
        }
        await Task.detached { await cluster.stop() }.value
    }

    private static func start() async throws -> [DevStack] {
        @Sendable func host(_ number: Int, following leader: DevStackState? = nil) async throws -> DevStack {
            try await DevStack.start(
                DevStackOptions(
                    ephemeral: true, durable: true, member: ClusterMember(number: number, following: leader),
                    servers: number < 3 ? [.postgres, .rabbitmq, .redis] : [.rabbitmq]), logger: testLogger)
        }
        let first = try await host(1)
        async let second = host(2, following: first.state)
        async let third = host(3, following: first.state)
        do {
            return [first, try await second, try await third]
        } catch {
            let started = [first, try? await second, try? await third].compactMap { $0 }
            await Task.detached { await stop(started) }.value
            throw error
        }
    }
}
