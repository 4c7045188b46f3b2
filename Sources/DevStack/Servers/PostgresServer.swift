import Glibc

/// The preparation and start of PostgreSQL.
struct PostgresServer: Sendable {
    let context: ServerContext
    let endpoint: DevStackState.Postgres

    private var layout: Layout { context.layout }

    /// The major version of an existing data directory; `nil` if there is none.
    static func dataVersion(_ layout: Layout) -> String? {
        readSmallFile(layout.postgresData + "/PG_VERSION").map {
            String(decoding: $0.prefix { $0 != 10 }, as: UTF8.self)
        }
    }

    /// Creates the data directory if it is not there: a new one, or a standby's copy of its primary.
    func prepare() async throws {
        try makeDirectory(layout.postgres, mode: 0o711)
        try context.account?.checkReach(layout.postgres)
        if Self.dataVersion(layout) != nil { return }
        // Whatever is there is the rest of an interrupted start.
        removeTree(layout.postgresData)
        try makeDirectory(layout.postgresData, mode: 0o700)
        try context.account?.own(layout.postgresData)
        if let primary = context.member?.leader?.postgres {
            try await copy(primary)
        } else {
            try await initialise()
        }
    }

    private func initialise() async throws {
        let passwordFile = layout.postgres + "/password"
        try writeFileAtomically(passwordFile, Array((endpoint.password + "\n").utf8), mode: 0o600)
        defer { unlink(passwordFile) }
        try context.account?.own(passwordFile)
        // Tests make thousands of connections, and to prove a password by SCRAM takes a client 10 ms.
        let method = context.ephemeral ? "md5" : "scram-sha-256"
        let arguments =
            [
                "--pgdata=\(layout.postgresData)", "--username=\(endpoint.user)", "--pwfile=\(passwordFile)",
                "--auth=\(method)", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions",
            ] + (context.ephemeral ? ["--no-sync"] : [])
        _ = try await asAccount(context.installation.initdb, arguments).output()
    }

    /// Copies a primary's data, with the settings that make the copy follow it.
    private func copy(_ primary: DevStackState.Postgres) async throws {
        let arguments =
            ["--pgdata=\(layout.postgresData)", "--write-recovery-conf", "--checkpoint=fast", "--no-password"]
            + (context.ephemeral ? ["--no-sync"] : [])
        var command = asAccount(context.installation.baseBackup, arguments)
        command.environment.merge([
            "PGHOST": primary.host, "PGPORT": "\(primary.port)", "PGUSER": primary.user,
            "PGPASSWORD": primary.password, "PGSSLMODE": "disable",
        ]) { _, own in own }
        _ = try await command.output()
    }

    /// Starts the postmaster as a direct child.
    func launch() async throws -> ChildProcess {
        // A pid file of a killed postmaster would stop the next if its id is in use again. Nobody else can be using
        // the directory: its owner holds the stack's lock, and has ended what the last one left.
        unlink(layout.postgresData + "/postmaster.pid")
        return try await ChildProcess.start(
            asAccount(context.installation.postgres, ["-D", layout.postgresData] + settings), log: layout.log(.postgres)
        )
    }

    private var settings: [String] {
        var values = [
            "listen_addresses=\(endpoint.host)", "port=\(endpoint.port)", "unix_socket_directories=",
            "max_connections=\(context.ephemeral ? 600 : 300)", "shared_buffers=128MB", "timezone=UTC",
            "log_timezone=UTC",
            "logging_collector=off", "log_lock_waits=on", "jit=off",
        ]
        if context.ephemeral { values += ["dynamic_shared_memory_type=mmap", "max_wal_size=1GB"] }
        if context.member != nil {
            values += ["wal_level=replica", "max_wal_senders=10", "wal_keep_size=256MB"]
        } else if context.ephemeral {
            values += ["wal_level=minimal", "max_wal_senders=0"]
        }
        if !context.isDurable { values += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"] }
        return values.flatMap { ["-c", $0] }
    }

    /// A chain of `exec`: the child's id is that of the program, not of a wrapper.
    private func asAccount(_ program: String, _ arguments: [String]) -> Command {
        var command = Command(
            program: program, arguments: arguments, environment: context.baseEnvironment, directory: "/")
        if let account = context.account, let setpriv = context.installation.setpriv {
            command.program = setpriv
            command.arguments =
                [
                    "--reuid=\(account.user)", "--regid=\(account.group)", "--clear-groups", "--inh-caps=-all", "--",
                    program,
                ] + arguments
        }
        return command
    }
}
