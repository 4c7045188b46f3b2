import ArgumentParser
import Hosting
import Logging
import Telemetry

/// `shopctl serve`
struct ServeCommand: ShopctlCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run servers of the shop.",
        discussion: """
            Runs any set of roles in one process. Roles of the same process call each other without a network; any \
            other is found at its address. What a role needs is its database and, but for the gateway, the broker; \
            the gateway also needs the private keys that sign access tokens.

            A database or broker that is away is waited for: orders are taken while the broker is down. A schema or \
            queues that are not there yet end the start with exit status 65: 'shopctl migrate up' first.

            On the admin listener (admin.listen) a browser finds /console: the shop as 'status', 'saga inspect', 'order \
            story' and 'queue list' tell it, live. Where that listener is not on a loopback address, looking needs an \
            admin's access token, as deeds do everywhere.

            SIGTERM and SIGINT stop it gracefully: readiness fails, the drain delay passes, open calls end, \
            consumers stop, the outbox is flushed, exit status 0. A second signal ends it at once.

            EXAMPLES:
              shopctl serve all
              shopctl serve gateway --gateway-listen 0.0.0.0:80 --orders-address o:9002
              shopctl serve orders customers --config /etc/shopctl.json
              shopctl serve products --set saga.deadline=60 --log-level debug
            """)

    @Argument(help: ArgumentHelp("Roles to run.", valueName: "role"))
    var roles: [RoleArgument]

    @OptionGroup var source: ConfigurationSource
    @OptionGroup(title: "Settings") var flags: SettingFlags

    func run(_ context: CommandContext) async throws {
        let configuration = try source.load(flags: flags.values, context)
        let registry = PrometheusRegistry()
        configuration.startLogging(context, registry: registry)
        if context.obeysSignals { StandardError.queue() }
        let logger = Logger(label: "shopctl")
        OpenFiles.raiseLimit()
        let composition = Composition(
            configuration: configuration, roles: Set(roles.flatMap(\.roles)), registry: registry, logger: logger)
        if ConnectionBudget(configuration: configuration, roles: composition.roles).isTight {
            logger.warning(
                "the limit on open files (ulimit -n) leaves few connections for clients",
                [.count: .stringConvertible(OpenFiles.limit)])
        }
        let host = try composition.makeHost(stopsOnSignals: context.obeysSignals)
        try await Preflight(configuration: configuration, roles: composition.roles, logger: logger).run()
        try await ListenFailure.naming { try await host.run() }
    }
}
