import Configuration
import FoundationEssentials
import Synchronization

/// All settings of a process, read once.
///
/// A value is taken from the first of: flags, `SHOPCTL_*` variables, files named by `SHOPCTL_*_FILE` variables, the
/// variables `DATABASE_URL`, `AMQP_URL` and `REDIS_URL`, the operator's context, the JSON file (`--config` or `SHOPCTL_CONFIG`), defaults.
/// Of a context that the command line names, ``ShopContext/leading(_:isServer:)`` has taken the variables away before it.
/// The settings themselves are in ``Setting/all``.
public struct ShopConfiguration: Sendable {
    private let values: [String: (value: String, source: SettingSource)]

    /// Reads all settings.
    ///
    /// - Parameters:
    ///   - flags: What was said on the command line, by setting key (`database.url`).
    ///   - file: The configuration file named on the command line; else that of `SHOPCTL_CONFIG`, else none.
    ///   - environment: The environment's variables; by default the process's own.
    ///   - context: The shop that an operator has named; nil for none.
    /// - Throws: ``ConfigurationError`` for a value of the wrong form, a file that cannot be read or a variable
    ///   `SHOPCTL_*` that is no setting. A value that is missing is an error only for whoever asks for it.
    public init(
        flags: [String: String] = [:],
        file: String? = nil,
        environment: [String: String]? = nil,
        context: ShopContext? = nil
    ) throws(ConfigurationError) {
        try Self.refuse(secretsIn: flags)
        // Variables set to nothing count as not set: that is how shells and compose files unset them.
        let environment = (environment ?? ProcessInfo.processInfo.environment).filter { !$0.value.isEmpty }
        try ShopVariables.check(environment)
        let path = file ?? environment["SHOPCTL_CONFIG"]
        let fileValues = try path.map { path throws(ConfigurationError) in try ConfigurationFile.read(path) } ?? [:]
        let contextValues = try context.map { context throws(ConfigurationError) in try context.settings() } ?? [:]
        let recorder = SourceRecorder()
        let reader = ConfigReader(
            providers: [
                Self.provider("flags", flags),
                EnvironmentVariablesProvider(
                    environmentVariables: environment, secretsSpecifier: .dynamic { _, _ in true }
                ).prefixKeys(with: "shopctl"),
                Self.provider("environment files", try Self.filesNamed(in: environment)),
                Self.provider("standard environment", Self.standardValues(in: environment)),
                Self.provider("context", contextValues),
                Self.provider("configuration file", fileValues),
                Self.provider("defaults", Self.defaults),
            ],
            accessReporter: recorder)
        var values: [String: (String, SettingSource)] = [:]
        for setting in Setting.all {
            guard let value = reader.string(forKey: ConfigKey(setting.key), isSecret: setting.isSecret) else {
                continue
            }
            let source = recorder.lastSource
            try setting.check(value, from: source)
            values[setting.key] = (value, source)
        }
        self.values = values
    }

    /// The values that hold where nothing is set.
    public static let standard = ShopConfiguration(values: defaults.mapValues { ($0, .builtIn) })

    private init(values: [String: (value: String, source: SettingSource)]) { self.values = values }

    /// The value of a setting; `nil` if it has none.
    public subscript(setting: Setting) -> String? { values[setting.key]?.value }

    /// The source of a setting's value; `nil` if it has none.
    public func source(of setting: Setting) -> SettingSource? { values[setting.key]?.source }

    /// The value of a setting as it may be shown: a URL without its password.
    public func shownValue(of setting: Setting) -> String? {
        guard let value = self[setting] else { return nil }
        return setting.isSecret ? SecretText.redacted(url: value) : value
    }

    // MARK: - Sources

    private static let defaults = Dictionary(
        uniqueKeysWithValues: Setting.all.compactMap { setting in setting.defaultValue.map { (setting.key, $0) } })

    private static func provider(_ name: String, _ values: [String: String]) -> InMemoryProvider {
        let pairs = values.map {
            (AbsoluteConfigKey(ConfigKey($0.key)), ConfigValue(.string($0.value), isSecret: true))
        }
        return InMemoryProvider(name: name, values: Dictionary(uniqueKeysWithValues: pairs))
    }

    private static func standardValues(in environment: [String: String]) -> [String: String] {
        let pairs = Setting.all.compactMap { setting in
            setting.standardVariable.flatMap { environment[$0] }.map { (setting.key, $0) }
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    private static func filesNamed(in environment: [String: String]) throws(ConfigurationError) -> [String: String] {
        var values: [String: String] = [:]
        for setting in Setting.all {
            guard let path = environment[setting.fileVariable] else { continue }
            guard environment[setting.variable] == nil else {
                throw ConfigurationError(
                    key: setting.key, "\(setting.variable) and \(setting.fileVariable) are both set: unset one of them")
            }
            do {
                values[setting.key] = try SettingFile.readLine(path)
            } catch {
                throw ConfigurationError(
                    key: setting.key,
                    "cannot read \(path), which \(setting.fileVariable) names for \(setting.key): \(error.reason)")
            }
        }
        return values
    }

    /// Every user of a host can read the command lines of all programs.
    private static func refuse(secretsIn flags: [String: String]) throws(ConfigurationError) {
        for setting in Setting.all where setting.isSecret {
            guard let value = flags[setting.key], SecretText.hasPassword(url: value) else { continue }
            throw ConfigurationError(
                key: setting.key,
                """
                \(setting.flag) must not hold a password, which every user of this host could read: \
                set \(setting.variable) or \(setting.fileVariable) instead
                """)
        }
    }

    /// Notes which provider the reader's last answer came from.
    private final class SourceRecorder: AccessReporter {
        private let source = Mutex(SettingSource.builtIn)

        var lastSource: SettingSource { source.withLock { $0 } }

        func report(_ event: AccessEvent) {
            // Providers are asked in order, up to the one that answers.
            let answering = event.providerResults.count - 1
            guard SettingSource.allCases.indices.contains(answering) else { return }
            source.withLock { $0 = SettingSource.allCases[answering] }
        }
    }
}
