import DevStack
import FoundationEssentials
import Glibc
import Hosting
import Migrator

/// The shop on a private stack: its settings, keys, schema and addresses.
struct DevShop: Sendable {
    let stack: DevStack
    let settings: ConfigurationOptions
    let context: CommandContext

    /// The signing keys' file in a stack's directory.
    static func keysFile(_ directory: String) -> String { directory + "/signing-keys.json" }

    /// Makes keys, databases, schema and topology.
    ///
    /// - Returns: The settings with which the shop runs.
    func prepare() async throws -> ShopConfiguration {
        try makeKeys()
        let configuration = try makeConfiguration()
        let plan = MigrationPlan(roles: Role.allCases, configuration: configuration, createDatabases: true)
        try await plan.up().failures.finish(context)
        context.note("databases are migrated, queues declared")
        return configuration
    }

    /// Makes what commands need that are pointed at bare servers: keys, and databases without a schema.
    ///
    /// - Returns: The settings that they go by.
    func prepareServers() async throws -> ShopConfiguration {
        try makeKeys()
        let configuration = try makeConfiguration()
        for role in Role.allCases {
            let plan = MigrationPlan(roles: Role.allCases, configuration: configuration)
            try await plan.runner(role).makeDatabase()
        }
        return configuration
    }

    private func makeKeys() throws {
        let file = Self.keysFile(stack.directory)
        if access(file, F_OK) != 0 { try SigningKeys.generate().write(to: file) }
    }

    /// The settings that the stack's own servers and files decide; the environment of an earlier shop must not.
    private var stackVariables: [String: String] {
        let state = stack.state
        var variables = [
            "AMQP_URL": state.amqpURL(), "REDIS_URL": state.redisURL(),
            "SHOPCTL_AUTH_KEYS_FILE": Self.keysFile(state.directory),
        ]
        variables["SHOPCTL_AMQP_MANAGEMENT_URL"] = state.managementURL
        for role in Role.allCases {
            variables[Self.variable(role, "DATABASE_URL")] = state.postgresURL(database: "shop_\(role.rawValue)")
        }
        return variables
    }

    /// Settings that say where something is.
    private static let placeSettings: [Setting] = Setting.all.filter { setting in
        setting.key.hasSuffix("url") || setting.key.hasSuffix(".address") || setting.key.hasPrefix("auth.")
    }

    /// The settings that somebody has given to the shop: commands that are pointed at it judge by the same. Those about
    /// a process itself are each process's own.
    private static func givenVariables(_ configuration: ShopConfiguration) -> [String: String] {
        let given = Setting.all.filter { setting in
            let source = configuration.source(of: setting)
            return source == .flag || source == .configurationFile
        }
        var variables: [String: String] = [:]
        for setting in given where !placeSettings.contains(setting) && !setting.isSecret {
            guard !["log.", "admin."].contains(where: setting.key.hasPrefix), !setting.key.hasSuffix(".listen") else {
                continue
            }
            variables[setting.variable] = configuration[setting]
        }
        return variables
    }

    private func makeConfiguration() throws -> ShopConfiguration {
        var environment = context.environment
        for setting in Self.placeSettings {
            environment[setting.variable] = nil
            environment[setting.fileVariable] = nil
            if let standard = setting.standardVariable { environment[standard] = nil }
        }
        environment.merge(stackVariables) { _, own in own }
        // What nobody has set gets values that suit a private shop.
        let asked = try settings.source.load(flags: settings.flags.values, context.with(environment))
        var suited: [String: String] = ["shutdown.drain": "0"]
        for name in Role.allCases.map(\.rawValue) + ["admin"] {
            guard let setting = Setting.named("\(name).listen"), asked.source(of: setting) == .builtIn else { continue }
            suited[setting.key] = try address(of: name, setting)
        }
        for (key, value) in suited {
            guard let setting = Setting.named(key), asked.source(of: setting) == .builtIn else { continue }
            environment[setting.variable] = value
        }
        return try settings.source.load(flags: settings.flags.values, context.with(environment))
    }

    /// The address of the last start if its port is free, else the default one, else any free port. An ephemeral shop
    /// has no last start, and leaves the default ports to others.
    private func address(of name: String, _ setting: Setting) throws -> String {
        guard !stack.state.ephemeral, case .on(let usual)? = setting.defaultValue.flatMap(ListenAddress.init) else {
            return "127.0.0.1:0"
        }
        return "127.0.0.1:\(try stack.choosePort(for: name, usual: usual.port))"
    }

    // MARK: - Telling others

    /// The addresses at which the roles serve, by role; `admin` for health and metrics.
    static func addresses(of host: RoleHost) async throws -> [String: String] {
        var addresses: [String: String] = [:]
        for role in Role.allCases {
            addresses[role.rawValue] = try await host.listeningAddress(of: role).map { "\($0)" }
        }
        addresses["admin"] = try await host.adminAddress().map { "\($0)" }
        let end = ContinuousClock.now + .seconds(60)
        while await !host.health.report(maximumAge: .zero).isReady {
            guard ContinuousClock.now < end else {
                let failing = await host.health.report().entries.filter { !$0.isPassing && $0.isRequired }
                let names = failing.map { "\($0.name): \($0.failure ?? "")" }.joined(separator: "; ")
                throw CommandFailure(.tryAgain, "the shop has not become ready: \(names)")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        return addresses
    }

    /// Writes into the stack's state where everything is, for `dev env` and `dev status`.
    ///
    /// - Parameter configuration: That of the servers.
    func publish(_ addresses: [String: String], _ configuration: ShopConfiguration) throws {
        var variables = Self.givenVariables(configuration).merging(stackVariables) { _, own in own }
        variables[StackOption.variable] = stack.directory
        var services: [String: String] = [:]
        for (name, address) in addresses {
            switch name {
            case "gateway", "admin":
                services[name] = "http://\(address)"
                variables["SHOPCTL_\(name.uppercased())_URL"] = "http://\(address)"
            default:
                services[name] = "grpc://\(address)"
                if let role = Role(rawValue: name) { variables[Self.variable(role, "ADDRESS")] = address }
            }
        }
        let (published, environment) = (services, variables)
        try stack.update { state in
            state.services = published
            state.variables = environment
        }
    }

    private static func variable(_ role: Role, _ name: String) -> String {
        "SHOPCTL_\(role.rawValue.uppercased())_\(name)"
    }
}

extension CommandContext {
    fileprivate func with(_ environment: [String: String]) -> CommandContext {
        var copy = self
        copy.environment = environment
        // A private shop is nobody else's.
        copy.shop = nil
        return copy
    }
}
