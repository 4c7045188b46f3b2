import Glibc

/// The preparation and start of Redis.
struct RedisServer: Sendable {
    let context: ServerContext
    let endpoint: DevStackState.Redis

    func prepare() throws {
        let layout = context.layout
        try makeDirectory(layout.redis, mode: 0o700)
        try makeDirectory(layout.redisData, mode: 0o700)
        var lines = [
            "bind \(endpoint.host)", "port \(endpoint.port)", "requirepass \(endpoint.password)",
            // Its working directory: no quoting of a path is needed.
            "dir .", "daemonize no", "logfile \"\"", "supervised no",
            // A title would be written over the environment, and the marker in it is how a killed owner's servers
            // are found.
            "set-proc-title no",
        ]
        if let member = context.member {
            // A master that is demoted needs the password too.
            lines += ["masterauth \(endpoint.password)", "repl-diskless-sync-delay 0"]
            if let leader = member.leader?.redis { lines.append("replicaof \(leader.host) \(leader.port)") }
        }
        lines +=
            context.ephemeral
            ? ["save \"\"", "appendonly no"] : ["save 300 1", "appendonly yes", "appendfsync everysec"]
        // The password stands in the file, never in the arguments.
        try writeFileAtomically(
            layout.redisConfiguration, Array((lines.joined(separator: "\n") + "\n").utf8), mode: 0o600)
    }

    func launch() async throws -> ChildProcess {
        let command = Command(
            program: context.installation.redisServer, arguments: [context.layout.redisConfiguration],
            environment: context.baseEnvironment, directory: context.layout.redisData)
        return try await ChildProcess.start(command, log: context.layout.log(.redis))
    }
}
