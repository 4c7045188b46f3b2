/// A JSON configuration file: objects in objects, their names joined by dots.
enum ConfigurationFile {
    /// Reads a file into settings.
    ///
    /// - Throws: ``ConfigurationError`` if the file cannot be read, is not JSON, sets something twice or has a name that
    ///   is no setting: a misspelt name would otherwise be as good as none.
    static func read(_ path: String) throws(ConfigurationError) -> [String: String] {
        let text: String
        do {
            text = try SettingFile.read(path)
        } catch {
            throw ConfigurationError(key: nil, "cannot read the configuration file \(path): \(error.reason)")
        }
        return try parse(text, source: path)
    }

    static func parse(_ text: String, source: String) throws(ConfigurationError) -> [String: String] {
        let file = "the configuration file \(source)"
        let members: [ConfigurationJSON.Member]
        do {
            members = try ConfigurationJSON(text).members
        } catch {
            throw ConfigurationError(key: nil, "\(file) is not a JSON object: line \(error.line): \(error.reason)")
        }
        var found: [String: (value: String, member: ConfigurationJSON.Member)] = [:]
        for member in members {
            let key = member.key
            guard let value = member.value else {
                throw ConfigurationError(
                    key: key, "'\(key)' in \(file), line \(member.line), must be text, a number, true or false")
            }
            guard Setting.named(key) != nil else {
                throw ConfigurationError(
                    key: key,
                    "\(file), line \(member.line), has '\(key)', which is no setting\(Setting.suggestion(for: key))")
            }
            if let other = found[key]?.member {
                throw ConfigurationError(
                    key: key,
                    """
                    \(file) sets '\(key)' twice: by \(other.spelling) in line \(other.line) and by \
                    \(member.spelling) in line \(member.line): leave one of them out
                    """)
            }
            found[key] = (value, member)
        }
        return found.mapValues(\.value)
    }
}
