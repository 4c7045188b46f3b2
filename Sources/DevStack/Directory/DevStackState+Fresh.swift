import FoundationEssentials
import Glibc

extension DevStackState {
    /// The state a start begins with: a new marker, the passwords of the last time, and its ports if they are free.
    static func fresh(
        root: String, options: DevStackOptions, previous: DevStackState?
    ) throws(DevStackError) -> DevStackState {
        let layout = Layout(root: root)
        // What the others had is theirs: a server that lost its port does not take the one of the next.
        let earlier = (previous?.serverPorts ?? []).union((previous?.ownPorts ?? [:]).values)
        var taken: Set<Int> = []
        func port(_ last: Int?) throws(DevStackError) -> Int {
            let others = earlier.subtracting([last ?? 0]).union(taken)
            let chosen = try FreePort.choose(preferring: last ?? 0, avoiding: others)
            taken.insert(chosen)
            return chosen
        }
        let host = "127.0.0.1"
        let leader = options.member?.leader
        return DevStackState(
            version: 1, directory: root, ephemeral: options.ephemeral, phase: .starting, pid: getpid(),
            ownerStartTicks: ProcessTable.startTicks(getpid()) ?? 0, startedAt: Date(),
            marker: randomHex(bytes: 16),
            servers: ServerKind.allCases.filter(options.servers.contains),
            postgres: Postgres(
                host: host, port: try port(previous?.postgres.port), user: "shopctl",
                password: previous?.postgres.password ?? leader?.postgres.password ?? randomHex(bytes: 16)),
            rabbitmq: RabbitMQ(
                host: host, port: try port(previous?.rabbitmq.port), user: "shopctl",
                password: previous?.rabbitmq.password ?? leader?.rabbitmq.password ?? randomHex(bytes: 16),
                nodeName: options.member?.nodeName ?? "rabbit@localhost",
                epmdPort: try port(previous?.rabbitmq.epmdPort),
                distributionPort: try port(previous?.rabbitmq.distributionPort), home: layout.rabbitmqHome,
                managementPort: options.management ? try port(previous?.rabbitmq.managementPort) : nil),
            redis: Redis(
                host: host, port: try port(previous?.redis.port),
                password: previous?.redis.password ?? leader?.redis.password ?? randomHex(bytes: 16)),
            services: [:], variables: [:], ownPorts: previous?.ownPorts)
    }

    /// Other ports for a server that lost one of its own to somebody else.
    mutating func move(_ kind: ServerKind) throws(DevStackError) {
        var taken = serverPorts
        func port() throws(DevStackError) -> Int {
            let chosen = try FreePort.choose(avoiding: taken)
            taken.insert(chosen)
            return chosen
        }
        switch kind {
        case .postgres: postgres.port = try port()
        case .rabbitmq:
            rabbitmq.port = try port()
            rabbitmq.epmdPort = try port()
            rabbitmq.distributionPort = try port()
            if rabbitmq.managementPort != nil { rabbitmq.managementPort = try port() }
        case .redis: redis.port = try port()
        }
    }
}
