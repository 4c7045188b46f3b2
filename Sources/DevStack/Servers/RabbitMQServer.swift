import Glibc

/// The preparation and start of RabbitMQ and its port mapper.
struct RabbitMQServer: Sendable {
    let context: ServerContext
    let endpoint: DevStackState.RabbitMQ

    private var layout: Layout { context.layout }

    func prepare() throws {
        try makeDirectory(layout.rabbitmq, mode: 0o700)
        for directory in [layout.rabbitmqHome, layout.rabbitmqData] { try makeDirectory(directory, mode: 0o700) }
        let cookie = layout.rabbitmqHome + "/.erlang.cookie"
        if access(cookie, F_OK) != 0 {
            let shared = context.member?.leader.flatMap { readSmallFile($0.rabbitmq.home + "/.erlang.cookie") }
            try writeFileAtomically(cookie, shared ?? Array(randomHex(bytes: 20).utf8), mode: 0o400)
        }
        var lines = [
            "listeners.tcp.1 = \(endpoint.host):\(endpoint.port)",
            "default_user = \(endpoint.user)",
            "default_pass = \(endpoint.password)",
            "log.console = true",
            "log.console.level = info",
            "log.console.use_colors = off",
            "log.file = false",
            "raft.wal_max_size_bytes = 67108864",
            "disk_free_limit.absolute = 64MB",
            "vm_memory_high_watermark.absolute = 2GB",
            "collect_statistics = none",
        ]
        if let port = endpoint.managementPort {
            lines += [
                "management.tcp.ip = \(endpoint.host)", "management.tcp.port = \(port)",
                "collect_statistics_interval = 1000",
            ]
        }
        // A node that sees fewer than half of the others stops serving, lest there be two clusters.
        if context.member != nil { lines.append("cluster_partition_handling = pause_minority") }
        // The password stands in the file, never in the arguments.
        try writeFileAtomically(
            layout.rabbitmqConfiguration, Array((lines.joined(separator: "\n") + "\n").utf8), mode: 0o600)
        // Empty ones of our own, lest the node read those of the system's broker.
        let plugins = endpoint.managementPort == nil ? "[].\n" : "[rabbitmq_management].\n"
        for (file, text) in [(layout.rabbitmqPlugins, plugins), (layout.rabbitmqAdvanced, "[].\n")] {
            try writeFileAtomically(file, Array(text.utf8), mode: 0o600)
        }
    }

    /// Starts the port mapper in the foreground, as our child. If it is not there when the node starts, the node
    /// starts one of its own, as a daemon that outlives everything.
    func launchPortMapper() async throws -> ChildProcess {
        let command = Command(
            program: context.installation.epmd,
            arguments: ["-port", "\(endpoint.epmdPort)", "-address", endpoint.host],
            environment: nodeEnvironment, directory: layout.root)
        return try await ChildProcess.start(command, log: layout.epmdLog)
    }

    /// Starts the broker. Told that it runs under systemd, its script becomes the node by `exec` instead of forking
    /// it, so the child's id is that of `beam.smp`.
    func launch() async throws -> ChildProcess {
        let command = Command(
            program: context.installation.rabbitmqServer, environment: nodeEnvironment,
            directory: layout.root)
        return try await ChildProcess.start(command, log: layout.log(.rabbitmq))
    }

    /// A path below the stack's directory as the node sees it, which runs in there. The node hands its paths to shells
    /// (`df`, for one) in quotes that a quote in a path would end.
    private func seenByNode(_ path: String) -> String {
        path.hasPrefix(layout.root) ? "/proc/self/cwd" + path.dropFirst(layout.root.count) : path
    }

    private var nodeEnvironment: [String: String] {
        var arguments = "-kernel inet_dist_use_interface {127,0,0,1}"
        // Members of a cluster notice a node that is silent, by default only after a minute. A lone node is called by
        // `erl_call` only, and gives it longer than seven seconds on a machine with much to do.
        arguments += context.member == nil ? " -kernel net_setuptime 120" : " -kernel net_ticktime 8"
        if context.ephemeral { arguments = "+S 2:2 +SDcpu 1:1 " + arguments }
        return context.baseEnvironment.merging([
            "HOME": seenByNode(endpoint.home),
            "RUNNING_UNDER_SYSTEMD": "true",
            "RABBITMQ_NODENAME": endpoint.nodeName,
            "RABBITMQ_DIST_PORT": "\(endpoint.distributionPort)",
            "RABBITMQ_CONFIG_FILE": seenByNode(layout.rabbitmqConfiguration),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ADVANCED_CONFIG_FILE": seenByNode(layout.rabbitmqAdvanced),
            "RABBITMQ_ENABLED_PLUGINS_FILE": seenByNode(layout.rabbitmqPlugins),
            "RABBITMQ_MNESIA_BASE": seenByNode(layout.rabbitmqData),
            "RABBITMQ_LOG_BASE": seenByNode(layout.logs),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": arguments,
            "ERL_EPMD_PORT": "\(endpoint.epmdPort)",
            "ERL_EPMD_ADDRESS": endpoint.host,
            "ERL_CRASH_DUMP_SECONDS": "0",
            // A log file is read by people and programs, not by a terminal.
            "RABBITMQ_LOG": "info,-color",
        ]) { _, chosen in chosen }
    }
}
