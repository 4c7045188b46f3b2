import Glibc
import Logging

extension DevStack {
    private enum Readiness { case ready, ended, late }

    /// Prepares and starts a server and waits until it answers.
    ///
    /// - Parameter mayMove: whether another port may be taken if somebody else has this one.
    func bringUp(_ kind: ServerKind, mayMove: Bool) async throws {
        let begun = ContinuousClock.now
        for attempt in 1...5 {
            try Task.checkCancellation()
            let log = context.layout.log(kind)
            let offset = LogFile.size(log)
            let mapperOffset = LogFile.size(context.layout.epmdLog)
            let child: ChildProcess?
            switch kind {
            case .postgres: child = try await launchPostgres()
            case .rabbitmq: child = try await launchRabbitMQ()
            case .redis: child = try await launchRedis()
            }
            var reason = "could not start its port mapper"
            if let child {
                children[kind] = child
                switch try await readiness(of: child, kind) {
                case .ready:
                    let tenths = Int((ContinuousClock.now - begun) / .milliseconds(100))
                    progress(
                        "\(kind.displayName) is ready on 127.0.0.1:\(port(of: kind)) after "
                            + "\(tenths / 10).\(tenths % 10) s")
                    Task {
                        await child.ended()
                        self.reportExit(of: kind, child: child)
                    }
                    return
                case .late:
                    throw failure(kind, "did not answer within \(startTimeout)", from: offset)
                case .ended:
                    children[kind] = nil
                    reason = "ended with \(child.status.map { "\($0)" } ?? "an unknown status")"
                }
            }
            let said = LogFile.text(log, from: offset) + LogFile.text(context.layout.epmdLog, from: mapperOffset)
            guard attempt < 5, LogFile.tellsOfTakenPort(said) else { throw failure(kind, reason, from: offset) }
            if mayMove {
                if let mapper = portMapper, kind == .rabbitmq {
                    portMapper = nil
                    mapper.send(SIGKILL)
                    await mapper.ended()
                }
                var moved: DevStackState = state
                try moved.move(kind)
                let ports = moved
                try update { state in
                    switch kind {
                    case .postgres: state.postgres.port = ports.postgres.port
                    case .rabbitmq: state.rabbitmq = ports.rabbitmq
                    case .redis: state.redis.port = ports.redis.port
                    }
                }
            }
        }
    }

    /// Ends a server: told to, or killed if it is urgent; killed in any case if it takes too long.
    func takeDown(_ kind: ServerKind, urgent: Bool) async {
        guard let child = children.removeValue(forKey: kind) else { return }
        let family = await offPool { ProcessTable.withDescendants([child.pid]) }
        // A paused server cannot act on a signal.
        for pid in family { Glibc.kill(pid, SIGCONT) }
        let signal =
            switch kind {
            // An immediate shutdown writes nothing down, but releases shared memory, which a kill does not.
            case .postgres: urgent ? SIGQUIT : SIGINT
            case .rabbitmq, .redis: urgent ? SIGKILL : SIGTERM
            }
        // Every second: an Erlang machine that is just starting loses signals.
        for _ in 0..<(urgent ? 5 : 30) where child.status == nil {
            child.send(signal)
            if await child.ended(within: .seconds(1)) { break }
        }
        if child.status == nil {
            logger.warning("server did not stop in time and is killed", metadata: ["server": "\(kind.rawValue)"])
            child.send(SIGKILL)
            await child.ended()
        }
        await awaitEnd(of: family)
    }

    /// Waits for what a server leaves behind: PostgreSQL's backends see the end of their postmaster by themselves.
    func awaitEnd(of family: [pid_t]) async {
        await offPool {
            for _ in 0..<500 {
                if !family.contains(where: ProcessTable.isAlive) { return }
                usleep(10_000)
            }
        }
    }

    private func launchPostgres() async throws -> ChildProcess {
        let server = PostgresServer(context: context, endpoint: state.postgres)
        try await server.prepare()
        return try await server.launch()
    }

    private func launchRedis() async throws -> ChildProcess {
        let server = RedisServer(context: context, endpoint: state.redis)
        try server.prepare()
        return try await server.launch()
    }

    /// The port mapper first. `nil` if that ended at once.
    private func launchRabbitMQ() async throws -> ChildProcess? {
        let endpoint = state.rabbitmq
        let server = RabbitMQServer(context: context, endpoint: endpoint)
        try server.prepare()
        if portMapper == nil || portMapper?.status != nil {
            let mapper = try await server.launchPortMapper()
            portMapper = mapper
            let answered = try await wait(for: mapper) {
                ListeningSocket.isHeld(port: endpoint.epmdPort, by: [mapper.pid])
            }
            guard answered == .ready else { return nil }
        }
        return try await server.launch()
    }

    private func readiness(of child: ChildProcess, _ kind: ServerKind) async throws -> Readiness {
        let port = port(of: kind)
        let probe = Probe(port: port)
        let password = state.redis.password
        return try await wait(for: child) {
            let answers =
                switch kind {
                case .postgres: probe.postgres()
                case .rabbitmq: probe.rabbitmq()
                case .redis: probe.redis(password: password)
                }
            return answers && ListeningSocket.isHeld(port: port, by: [child.pid])
        }
    }

    /// Asks every 30 ms: a server tells nobody that it has begun to listen.
    private func wait(for child: ChildProcess, until ready: @escaping @Sendable () -> Bool) async throws -> Readiness {
        let deadline = ContinuousClock.now + startTimeout
        while ContinuousClock.now < deadline {
            if child.status != nil { return .ended }
            if await offPool(ready) { return .ready }
            if await child.ended(within: .milliseconds(30)) { return .ended }
            try Task.checkCancellation()
        }
        return .late
    }

    private func failure(_ kind: ServerKind, _ reason: String, from offset: Int) -> DevStackError {
        let log = context.layout.log(kind)
        return .serverFailed(kind, reason: reason, log: log, tail: LogFile.tail(LogFile.text(log, from: offset)))
    }

    func port(of kind: ServerKind) -> Int {
        switch kind {
        case .postgres: state.postgres.port
        case .rabbitmq: state.rabbitmq.port
        case .redis: state.redis.port
        }
    }
}
