public import Logging
import ServiceLifecycle
import Telemetry
import UnixSignals

/// Runs roles in one process: their servers, what they do by themselves, and the listener for operators.
///
/// It stops in this order: readiness fails; after the drain delay the servers stop, callers before those they call,
/// and open calls end; then consumers and relays; then connections to other roles and the admin listener; last, what
/// all of them stood on is closed.
public final class RoleHost: Sendable {
    /// The settings by which the process runs.
    public struct Options: Sendable {
        /// The addresses at which roles serve gRPC for other processes; a role that is not in here serves its own
        /// process only.
        public var listen: [Role: ListenAddress]
        /// The address at which the admin listener is.
        public var admin: ListenAddress
        /// Certificates for gRPC; without them connections are plain.
        public var tls: TLSFiles?
        /// Connections that each gRPC listener takes.
        public var rpcConnections = RPCConnections()
        /// Connections that the admin listener has at once.
        public var adminConnections = ConnectionBudget.most.admin
        /// The time requests are still taken after readiness has failed.
        public var drain: Duration
        /// The time stopping may take in all, the drain delay included.
        public var grace: Duration
        /// Whether SIGTERM and SIGINT stop it, a second one of them at once.
        public var stopsOnSignals: Bool
        /// The version of the program, for the admin listener to tell; nil for none.
        public var version: String?
        /// The handlers that the admin listener has beside health and metrics.
        public var adminRoutes: [AdminRoute] = []

        /// Describes how the process runs; by default as a test wants it: only what never stops is cut.
        public init(
            listen: [Role: ListenAddress] = [:], admin: ListenAddress = .off, tls: TLSFiles? = nil,
            drain: Duration = .zero, grace: Duration = .seconds(600), stopsOnSignals: Bool = false
        ) {
            self.listen = listen
            self.admin = admin
            self.tls = tls
            self.drain = drain
            self.grace = grace
            self.stopsOnSignals = stopsOnSignals
        }

        /// The options that follow from the process's settings and its limit on open files.
        ///
        /// - Parameter roles: All roles of the process.
        /// - Throws: ``ConfigurationError`` if certificates are set but not usable.
        public init(
            configuration: ShopConfiguration, roles: Set<Role>, stopsOnSignals: Bool = true
        ) throws(ConfigurationError) {
            let tls = try configuration.tls()
            try tls?.check()
            self.init(
                listen: Dictionary(
                    uniqueKeysWithValues: Role.servers.map { ($0, configuration.listenAddress(of: $0)) }),
                admin: configuration.adminListenAddress, tls: tls, drain: configuration.shutdownDrain,
                grace: configuration.shutdownGrace, stopsOnSignals: stopsOnSignals)
            let budget = ConnectionBudget(configuration: configuration, roles: roles)
            rpcConnections.total = budget.rpc
            rpcConnections.perClient = budget.rpcClient
            adminConnections = budget.admin
        }
    }

    /// The monitor that knows whether the roles are ready.
    public let health: HealthMonitor

    let listeners: [Role: any ListeningService]
    private let admin: AdminServer?
    private let group: ServiceGroup
    /// The names of its parts, in the order in which they are told to stop.
    private let stopOrder: [String]
    private let closing: [@Sendable () async -> Void]
    private let record: ShutdownRecord
    private let options: Options
    private let logger: Logger

    /// Puts the process together.
    ///
    /// - Parameters:
    ///   - assemblies: The roles.
    ///   - peers: The clients that the roles were put together with; its local roles must be among the roles.
    ///   - verifier: Tells whose access tokens are; without it gRPC callers stay unknown.
    ///   - metrics: Writes the metrics for the admin listener.
    ///   - logger: Its label and metadata are kept.
    public init(
        _ assemblies: [RoleAssembly], peers: Peers, verifier: TokenVerifier?, options: Options,
        metrics: @escaping @Sendable () -> String = { "" }, logger: Logger
    ) {
        let health = HealthMonitor(
            checks: Dictionary(assemblies.map { ($0.role, $0.readiness) }, uniquingKeysWith: +), phase: .starting,
            logger: logger, whenFirstReady: { Task.detached { ProgramPages.release() } })
        let record = ShutdownRecord()
        func part(_ name: String, _ service: any Service) -> Part { Part(name: name, service: service, record: record) }
        var listeners: [Role: any ListeningService] = [:]
        var servers: [Part] = []
        // Stopped from the last to the first, so the callers come last.
        for assembly in assemblies.sorted(by: { $0.role.stopRank > $1.role.stopRank }) {
            let role = assembly.role
            let listen = options.listen[role] ?? .off
            let local = peers.localTransport(of: role)
            if !assembly.rpcServices.isEmpty || local != nil {
                let server = RoleServer(
                    role: role, services: assembly.rpcServices, listen: listen, local: local, tls: options.tls,
                    verifier: verifier, health: health, connections: options.rpcConnections, grace: options.grace,
                    logger: logger)
                if listen != .off { listeners[role] = server }
                servers.append(part("\(role.rawValue) server", server))
            }
            if let server = assembly.httpServer {
                listeners[role] = server
                servers.append(part("\(role.rawValue) HTTP server", server))
            }
        }
        var parts = [part("health", health)]
        if case .on(let address) = options.admin {
            let server = AdminServer(
                address: address, health: health, metrics: metrics, version: options.version,
                routes: options.adminRoutes, connections: options.adminConnections, logger: logger)
            parts.append(part("admin listener", server))
            self.admin = server
        } else {
            self.admin = nil
        }
        parts.append(part("peers", peers))
        for assembly in assemblies {
            parts += assembly.background.map { part("\(assembly.role.rawValue) \(type(of: $0))", $0) }
        }
        parts += servers
        parts.append(part("drain", Drain(health: health, delay: options.drain, record: record, logger: logger)))

        var settings = ServiceGroupConfiguration(services: parts.map(\.configuration), logger: logger)
        settings.maximumGracefulShutdownDuration = options.grace
        self.group = ServiceGroup(configuration: settings)
        self.stopOrder = parts.reversed().map(\.name)
        self.health = health
        self.listeners = listeners
        self.closing = assemblies.flatMap(\.closing)
        self.record = record
        self.options = options
        self.logger = logger
    }

    /// Puts the process together by its settings.
    ///
    /// - Parameter adminRoutes: What the admin listener serves beside health and metrics.
    /// - Throws: ``ConfigurationError`` if certificates are set but not usable.
    public convenience init(
        _ assemblies: [RoleAssembly], peers: Peers, verifier: TokenVerifier?, configuration: ShopConfiguration,
        metrics: @escaping @Sendable () -> String = { "" }, version: String? = nil, adminRoutes: [AdminRoute] = [],
        stopOnSignals: Bool = true, logger: Logger
    ) throws(ConfigurationError) {
        var options = try Options(
            configuration: configuration, roles: Set(assemblies.map(\.role)), stopsOnSignals: stopOnSignals)
        options.version = version
        options.adminRoutes = adminRoutes
        self.init(assemblies, peers: peers, verifier: verifier, options: options, metrics: metrics, logger: logger)
    }

    /// Runs until it is stopped.
    ///
    /// - Throws: The first error of a part that failed, ``UnexpectedEnd``, or ``ShutdownTimeout``.
    public func run() async throws {
        let signals = options.stopsOnSignals ? Task { await obeySignals() } : nil
        let starting = Task { try await started() }
        defer {
            signals?.cancel()
            starting.cancel()
        }
        do {
            try await group.run()
        } catch {
            await close()
            throw error
        }
        await close()
        let cut = record.cut
        guard cut.isEmpty else {
            throw ShutdownTimeout(grace: options.grace, parts: stopOrder.filter(cut.contains))
        }
        logger.info("stopped")
    }

    /// Returns when every server listens; only then the process is ready.
    ///
    /// - Throws: Why one of them cannot.
    public func started() async throws {
        for listener in listeners.values { _ = try await listener.listeningAddress }
        _ = try await admin?.listeningAddress
        await health.markRunning()
    }

    /// Stops it gracefully, as a signal does; ``run()`` returns when it has stopped.
    public func stop() async { await group.triggerGracefulShutdown() }

    /// The address at which a role listens, as soon as it does; `nil` if it serves its own process only.
    ///
    /// - Throws: Why it cannot listen.
    public func listeningAddress(of role: Role) async throws -> HostPort? {
        try await listeners[role]?.listeningAddress
    }

    /// The address at which the admin listener is, as soon as it listens; `nil` if there is none.
    ///
    /// - Throws: Why it cannot listen.
    public func adminAddress() async throws -> HostPort? { try await admin?.listeningAddress }

    private func close() async {
        for action in closing { await action() }
    }

    // MARK: - Signals

    /// The first signal stops gracefully, the second one exits. All state is in the servers behind, which survive it.
    private func obeySignals() async {
        var isStopping = false
        for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
            guard !isStopping else {
                logger.critical("stopping at once", [.signal: "\(signal)"])
                ForcedExit.now()
            }
            isStopping = true
            logger.notice("stopping", [.signal: "\(signal)"])
            ForcedExit.after(options.grace + .seconds(5), logger: logger)
            await group.triggerGracefulShutdown()
        }
    }
}
