extension DevStack {
    /// A free loopback port for something that the owner serves: the one of the last start, else the usual one, else
    /// any. It is noted in the state, so that the next start prefers it.
    ///
    /// - Parameters:
    ///   - name: What is served there, such as `gateway`.
    ///   - usual: The port to try at the first start.
    /// - Throws: ``DevStackError/system(operation:reason:)`` if no port is free.
    public nonisolated func choosePort(for name: String, usual: Int) throws -> Int {
        let state = state
        var taken = Set((state.ownPorts ?? [:]).filter { $0.key != name }.values)
        taken.formUnion(state.serverPorts)
        let last = state.ownPorts?[name] ?? 0
        let port =
            FreePort.isFree(last, avoiding: taken)
            ? last : try FreePort.choose(preferring: usual, avoiding: taken)
        try update { $0.ownPorts = ($0.ownPorts ?? [:]).merging([name: port]) { _, new in new } }
        return port
    }
}

extension DevStackState {
    /// The ports of the servers.
    var serverPorts: Set<Int> {
        Set(
            [
                postgres.port, rabbitmq.port, rabbitmq.epmdPort, rabbitmq.distributionPort, rabbitmq.managementPort,
                redis.port,
            ].compactMap(\.self))
    }
}
