import ArgumentParser
import Hosting
import Logging
import Telemetry

/// The sources of settings, beside the environment: for commands that are not about them.
struct ConfigurationOptions: ParsableArguments {
    @OptionGroup var source: ConfigurationSource
    @OptionGroup(visibility: .hidden) var flags: SettingFlags

    /// Reads all settings.
    func load(_ context: CommandContext) throws -> ShopConfiguration {
        try source.load(flags: flags.values, context)
    }

    /// Reads all settings and sets logging up for a command that says itself what it does: warnings and worse,
    /// unless a level is set.
    func begin(_ context: CommandContext) throws -> ShopConfiguration {
        let configuration = try load(context)
        configuration.startLogging(context, atLeast: .error)
        return configuration
    }
}

/// The configuration file and single settings.
struct ConfigurationSource: ParsableArguments {
    @Option(
        help: ArgumentHelp("A JSON file with settings (or SHOPCTL_CONFIG).", valueName: "file"), completion: .file())
    var config: String?

    /// Read by ``ContextChoice`` before the command runs: other variables than settings follow from it too.
    @Option(
        name: .customLong("context"),
        help: ArgumentHelp("The shop, by its name in 'context list' (or SHOPCTL_CONTEXT).", valueName: "name"),
        completion: LiveNames.contexts.completion)
    var shopContext: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting, as in rpc.deadline=5; may be repeated.", valueName: "key=value"))
    var assignments: [String] = []

    func validate() throws {
        for assignment in assignments { _ = try Self.parse(assignment) }
    }

    func load(flags: [String: String], _ context: CommandContext) throws -> ShopConfiguration {
        var values: [String: String] = [:]
        for assignment in assignments {
            let (key, value) = try Self.parse(assignment)
            values[key] = value
        }
        return try ShopConfiguration(
            flags: values.merging(flags) { _, named in named }, file: config, environment: context.environment,
            context: context.shop)
    }

    private static func parse(_ assignment: String) throws -> (key: String, value: String) {
        let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        // The value is not repeated: it may be a secret.
        guard parts.count == 2, !parts[0].isEmpty else { throw ValidationError("--set wants key=value") }
        let key = String(parts[0])
        guard Setting.named(key) != nil else {
            throw ValidationError(
                "--set: there is no setting '\(key)'\(Setting.suggestion(for: key)); 'shopctl serve --help' lists them")
        }
        return (key, String(parts[1]))
    }
}

extension ShopConfiguration {
    /// Sets logging up as the settings say.
    ///
    /// - Parameter level: The level unless one is set.
    func startLogging(
        _ context: CommandContext, atLeast level: Logger.Level = .info, registry: PrometheusRegistry? = nil
    ) {
        let format: LogFormat = logFormat == "text" ? .human : LogFormat(rawValue: logFormat) ?? .auto
        let isSet = Setting.named("log.level").flatMap { source(of: $0) } != .builtIn
        context.startLogging(format, isSet ? Logger.Level(rawValue: logLevel) ?? level : level, registry)
    }
}
