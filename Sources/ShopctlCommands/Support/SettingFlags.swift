import ArgumentParser
import Hosting

/// One flag for each setting, named as the setting's errors name it, with the setting's own help.
struct SettingFlags: ParsableArguments {
    /// The values that were given, by setting key.
    let values: [String: String]

    init() { values = [:] }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        var values: [String: String] = [:]
        for setting in Setting.all {
            let option = try container.decode(Option<String?>.self, forKey: Key(setting))
            if let value = option.wrappedValue { values[setting.key] = value }
        }
        self.values = values
    }

    private static let options = Setting.all.map { (name: Key($0).stringValue, option: Option($0)) }
}

/// The parser finds the flags of a type as the properties of a new value: these are made from the list of settings.
extension SettingFlags: CustomReflectable {
    var customMirror: Mirror {
        Mirror(self, children: Self.options.map { (label: $0.name, value: $0.option) })
    }
}

extension SettingFlags {
    /// The name of a flag without its dashes: in a setting's own key the dots would be taken for steps of a path.
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ setting: Setting) { stringValue = setting.flagName }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension Option where Value == String? {
    fileprivate init(_ setting: Setting) {
        let fallback = setting.defaultValue.map { " (default: \($0))" } ?? ""
        self.init(
            name: .customLong(setting.flagName),
            help: ArgumentHelp("\(setting.help)\(fallback).", valueName: setting.placeholder))
    }
}
