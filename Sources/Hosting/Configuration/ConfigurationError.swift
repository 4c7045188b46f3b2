/// A setting that is missing or wrong, with the ways to set it. Never shows a secret's value.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The setting's key; `nil` if it is about a whole file.
    public let key: String?
    /// The fault and what to do about it.
    public let description: String
    /// Whether it is about a setting that nobody has set.
    public let isMissing: Bool

    init(key: String?, _ description: String, isMissing: Bool = false) {
        self.key = key
        self.description = description
        self.isMissing = isMissing
    }

    /// The setting has no value, and something needs it.
    static func missing(_ settings: [Setting], reason: String) -> ConfigurationError {
        ConfigurationError(
            key: settings.first?.key,
            """
            \(settings.first?.key ?? "a setting") is not set, and \(reason): \
            set \(settings.map(\.waysToSet).joined(separator: "; or "))
            """, isMissing: true)
    }

    /// The setting has a value of the wrong form.
    static func invalid(_ setting: Setting, from source: SettingSource, wants: String) -> ConfigurationError {
        ConfigurationError(
            key: setting.key,
            """
            \(setting.key) (\(source.name(of: setting))) is wrong: it must be \(wants); it is set by \
            \(setting.waysToSet)
            """)
    }
}

/// Sources of a setting's value; from the strongest to the weakest.
public enum SettingSource: String, Sendable, CaseIterable {
    case flag
    case environment
    /// A file that an environment variable names.
    case environmentFile = "environment_file"
    /// A variable that other programs use too.
    case standardEnvironment = "standard_environment"
    /// The operator's context: a shop by its name.
    case context
    case configurationFile = "configuration_file"
    case builtIn = "default"

    func name(of setting: Setting) -> String {
        switch self {
        case .flag: "flag \(setting.flag) or --set"
        case .environment: "variable \(setting.variable)"
        case .environmentFile: "variable \(setting.fileVariable)"
        case .standardEnvironment: "variable \(setting.standardVariable ?? setting.variable)"
        case .context: "'\(setting.key)' of the context"
        case .configurationFile: "configuration file"
        case .builtIn: "default"
        }
    }
}
