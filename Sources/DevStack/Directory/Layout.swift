/// The paths in a stack's directory; one home for every path.
struct Layout: Sendable {
    let root: String

    var stateFile: String { root + "/state.json" }
    var lockFile: String { root + "/lock" }
    var logs: String { root + "/logs" }
    var postgres: String { root + "/postgres" }
    var postgresData: String { postgres + "/data" }
    var rabbitmq: String { root + "/rabbitmq" }
    var rabbitmqHome: String { rabbitmq + "/home" }
    var rabbitmqConfiguration: String { rabbitmq + "/rabbitmq.conf" }
    var rabbitmqPlugins: String { rabbitmq + "/enabled_plugins" }
    var rabbitmqAdvanced: String { rabbitmq + "/advanced.config" }
    var rabbitmqData: String { rabbitmq + "/mnesia" }
    var redis: String { root + "/redis" }
    var redisConfiguration: String { redis + "/redis.conf" }
    var redisData: String { redis + "/data" }
    var epmdLog: String { logs + "/epmd.log" }

    func log(_ kind: ServerKind) -> String { "\(logs)/\(kind.rawValue).log" }

    /// The entries that `reset` deletes: all but the lock.
    var data: [String] { [postgres, rabbitmq, redis, logs, stateFile] }
}
