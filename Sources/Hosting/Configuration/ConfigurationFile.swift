import FoundationEssentials
import Glibc

/// A JSON configuration file: objects in objects, their names joined by dots.
enum ConfigurationFile {
    /// Reads a file into settings.
    ///
    /// - Throws: ``ConfigurationError`` if the file cannot be read, is not JSON or has a name that is no setting: a
    ///   misspelt name would otherwise be as good as none.
    static func read(_ path: String) throws(ConfigurationError) -> [String: String] {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw ConfigurationError(key: nil, "cannot read the configuration file \(path)")
        }
        return try parse(data, source: path)
    }

    static func parse(_ data: Data, source: String) throws(ConfigurationError) -> [String: String] {
        guard let node = try? JSONDecoder().decode(Node.self, from: data), case .object(let members) = node else {
            throw ConfigurationError(key: nil, "the configuration file \(source) is not a JSON object")
        }
        var settings: [String: String] = [:]
        try collect(members, below: "", into: &settings, source: source)
        return settings
    }

    private static func collect(
        _ members: [String: Node], below prefix: String, into settings: inout [String: String], source: String
    ) throws(ConfigurationError) {
        for (name, node) in members {
            let key = prefix + name
            switch node {
            case .object(let members):
                try collect(members, below: key + ".", into: &settings, source: source)
            case .value(let text):
                guard Setting.named(key) != nil else {
                    throw ConfigurationError(
                        key: key, "the configuration file \(source) has '\(key)', which is no setting")
                }
                settings[key] = text
            case .other:
                throw ConfigurationError(
                    key: key, "'\(key)' in the configuration file \(source) must be text, a number, true or false")
            }
        }
    }

    /// Of JSON, what a configuration file may hold.
    private enum Node: Decodable {
        case object([String: Node])
        case value(String)
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .value(text)
            } else if let flag = try? container.decode(Bool.self) {
                self = .value(String(flag))
            } else if let number = try? container.decode(Int64.self) {
                self = .value(String(number))
            } else if let number = try? container.decode(Double.self) {
                self = .value(String(number))
            } else if let members = try? container.decode([String: Node].self) {
                self = .object(members)
            } else {
                self = .other
            }
        }
    }
}
