import Glibc

/// The servers to start, and their directory.
public struct DevStackOptions: Sendable {
    /// The directory that keeps the stack's data, state and logs between starts; created if it is missing.
    /// Ignored for an ephemeral stack; `nil` means ``defaultDirectory(environment:)``.
    public var dataDirectory: String?
    /// Data lives in the system's temporary directory, is written without regard for a crash unless ``durable``, and is
    /// deleted when the stack stops.
    public var ephemeral: Bool
    /// PostgreSQL answers a COMMIT when it is on disk, in an ephemeral stack too: for tests of crashes.
    public var durable: Bool
    /// RabbitMQ has its management interface, which costs it a second more to start and some memory.
    public var management: Bool
    /// The part the servers have in a cluster of several stacks; nil for servers that stand alone.
    public var member: ClusterMember?
    /// The servers to start.
    public var servers: Set<ServerKind>
    /// The time one server may take until it answers. A cold broker takes 5 s on an idle machine.
    public var startTimeout: Duration

    /// Creates options; by default all three servers on the default directory.
    public init(
        dataDirectory: String? = nil,
        ephemeral: Bool = false,
        durable: Bool = false,
        management: Bool = false,
        member: ClusterMember? = nil,
        servers: Set<ServerKind> = Set(ServerKind.allCases),
        startTimeout: Duration = .seconds(120)
    ) {
        self.dataDirectory = dataDirectory
        self.ephemeral = ephemeral
        self.durable = durable
        self.management = management
        self.member = member
        self.servers = servers
        self.startTimeout = startTimeout
    }

    /// The directory of a stack when no directory is named: `/var/lib/shopctl/dev` for root (whose home PostgreSQL's
    /// user may not enter), else `$XDG_STATE_HOME/shopctl/dev` or `~/.local/state/shopctl/dev`.
    public static func defaultDirectory(environment: [String: String]) -> String {
        if geteuid() == 0 { return "/var/lib/shopctl/dev" }
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/shopctl/dev" }
        let home = environment["HOME"] ?? "/tmp"
        return home + "/.local/state/shopctl/dev"
    }
}
