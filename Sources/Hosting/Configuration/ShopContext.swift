/// The places of one shop under a name: settings, and the variables of operators that are no settings.
public struct ShopContext: Sendable, Equatable {
    /// Variables of commands, and the keys under which a context has them.
    public static let variables = [
        "gateway.url": "SHOPCTL_GATEWAY_URL", "admin.url": "SHOPCTL_ADMIN_URL", "token-file": "SHOPCTL_TOKEN_FILE",
    ]
    /// Put behind a setting's key it stands for a file with the value.
    public static let fileSuffix = "-file"

    public let name: String
    /// Values as the file has them, by key: that of a setting, of a setting with ``fileSuffix`` behind it, or of one of
    /// ``variables``.
    public var values: [String: String]

    public init(name: String, values: [String: String] = [:]) {
        self.name = name
        self.values = values
    }

    /// Passes if a value may stand under a key.
    ///
    /// - Throws: ``ConfigurationError`` naming the key, and the nearest one if there is none of that name.
    public static func check(_ key: String, _ value: String) throws(ConfigurationError) {
        if variables[key] != nil {
            let isURL = key.hasSuffix(".url")
            guard !value.isEmpty, !isURL || value.hasPrefix("http://") || value.hasPrefix("https://") else {
                throw ConfigurationError(
                    key: key, "'\(key)' of a context must be \(isURL ? "a URL with http:// or https://" : "a path")")
            }
            guard !isURL || !SecretText.hasPassword(url: value) else {
                throw ConfigurationError(key: key, "'\(key)' of a context must be a URL without a password")
            }
            return
        }
        if let setting = Setting.named(key) { return try setting.check(value, from: .context) }
        guard reference(key) != nil else {
            let names = Setting.all.map(\.key) + variables.keys.sorted()
            let near = Spelling.nearest(to: key, among: names).map { ": is it '\($0)'?" } ?? ""
            throw ConfigurationError(key: nil, "'\(key)' is neither a setting nor another place of a shop\(near)")
        }
        guard !value.isEmpty else { throw ConfigurationError(key: key, "'\(key)' of a context must be a path") }
    }

    /// The setting whose value stands in a file; nil for a key that names no such file.
    private static func reference(_ key: String) -> Setting? {
        guard key.hasSuffix(fileSuffix), Setting.named(key) == nil else { return nil }
        return Setting.named(String(key.dropLast(fileSuffix.count)))
    }

    /// Whether a value has a password in it.
    public static func isSecret(_ key: String, _ value: String) -> Bool {
        Setting.named(key)?.isSecret == true && SecretText.hasPassword(url: value)
    }

    /// The keys whose passwords stand in the file itself.
    public var secrets: [String] { values.filter { Self.isSecret($0.key, $0.value) }.map(\.key).sorted() }

    /// The values as they may be shown: URLs without passwords.
    public var shown: [(key: String, value: String)] {
        values.sorted { $0.key < $1.key }.map { key, value in
            let isURL = Setting.named(key)?.isSecret == true || Self.variables[key] != nil && key.hasSuffix(".url")
            return (key, isURL ? SecretText.redacted(url: value) : value)
        }
    }

    /// The settings, those that stand in files read from there.
    ///
    /// - Throws: ``ConfigurationError`` for a file that cannot be read.
    func settings() throws(ConfigurationError) -> [String: String] {
        var settings: [String: String] = [:]
        for (key, value) in values {
            if Setting.named(key) != nil {
                settings[key] = value
            } else if let setting = Self.reference(key) {
                do {
                    settings[setting.key] = try SettingFile.readLine(value)
                } catch {
                    throw ConfigurationError(
                        key: setting.key,
                        "cannot read \(value), which '\(key)' of context '\(name)' names: \(error.reason)")
                }
            }
        }
        return settings
    }

    /// The variables that a context has and an environment lacks.
    public func variables(besides environment: [String: String]) -> [String: String] {
        var added: [String: String] = [:]
        for (key, name) in Self.variables where environment[name, default: ""].isEmpty {
            // Two tokens would be one too many.
            if key == "token-file", !environment["SHOPCTL_TOKEN", default: ""].isEmpty { continue }
            added[name] = values[key]
        }
        return added
    }

    /// An environment without what would lead a command to another shop than this one, which was named for it: the
    /// variables of all that the context says, and of places that it does not say.
    ///
    /// - Parameter isServer: Whether the command serves: its listeners and its configuration file are its own, whatever
    ///   shop it is of.
    public func leading(_ environment: [String: String], isServer: Bool) -> [String: String] {
        let said = Set(values.keys.compactMap { (Setting.named($0) ?? Self.reference($0))?.key })
        var dropped = Set(["SHOPCTL_GATEWAY_URL", "SHOPCTL_ADMIN_URL"])
        // Whose token it is says nothing of the shop; two would be one too many.
        if values["token-file"] != nil { dropped.formUnion(["SHOPCTL_TOKEN", "SHOPCTL_TOKEN_FILE"]) }
        if !isServer { dropped.insert("SHOPCTL_CONFIG") }
        for setting in Setting.all where said.contains(setting.key) || setting.isPlace(ofServer: isServer) {
            dropped.formUnion([setting.variable, setting.fileVariable, setting.standardVariable].compactMap(\.self))
        }
        return environment.filter { !dropped.contains($0.key) }
    }

    /// The context that an environment describes: all settings and places that it has.
    ///
    /// - Throws: ``ConfigurationError`` for a value that cannot be.
    public init(name: String, environment: [String: String]) throws(ConfigurationError) {
        var values: [String: String] = [:]
        func value(_ name: String?) -> String? { name.flatMap { environment[$0] }.flatMap { $0.isEmpty ? nil : $0 } }
        for setting in Setting.all {
            if let direct = value(setting.variable) {
                values[setting.key] = direct
            } else if let file = value(setting.fileVariable) {
                values[setting.key + Self.fileSuffix] = file
            } else if let standard = value(setting.standardVariable) {
                values[setting.key] = standard
            }
        }
        for (key, variable) in Self.variables {
            if let direct = value(variable) { values[key] = direct }
        }
        for (key, value) in values { try Self.check(key, value) }
        self.init(name: name, values: values)
    }
}
