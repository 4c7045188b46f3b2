/// The server's `statement_timeout` as statements and settings tell it: how long a silent server may still be at work.
enum ServerTimeout: Equatable, Sendable {
    /// As the connection was made with.
    case configured
    case limited(Duration)
    /// None, or one that cannot be told.
    case unlimited

    private static let name = "statement_timeout"

    /// The value to which the `options` of a connection set it; nil if they do not mention it.
    init?(options: String) {
        var words = options.split(whereSeparator: { $0 == " " || $0 == "\t" })[...]
        var value: Substring?
        while let word = words.popFirst() {
            var setting = word
            if word == "-c" || word == "--" {
                setting = words.popFirst() ?? ""
            } else if word.hasPrefix("-c") || word.hasPrefix("--") {
                setting = word.dropFirst(2)
            } else {
                continue
            }
            let parts = setting.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let key = String(parts[0].map { $0 == "-" ? "_" : $0 }).lowercased()
            if key == Self.name { value = parts[1] }
        }
        guard let value else { return nil }
        self.init(value: value)
    }

    /// The value to which a statement or script sets it; nil if it does not mention it.
    init?(changedBy sql: String) {
        guard sql.utf8.count >= Self.name.utf8.count, SQLWords.contains(Self.name, in: sql) else { return nil }
        var words = sql.split(whereSeparator: { " \t\n=;".contains($0) })[...]
        let first = words.popFirst()?.uppercased()
        if let scope = words.first?.uppercased(), scope == "LOCAL" || scope == "SESSION" { words.removeFirst() }
        guard words.popFirst()?.lowercased() == Self.name else {
            self = .unlimited
            return
        }
        if first == "RESET", words.isEmpty {
            self = .configured
            return
        }
        if words.first?.uppercased() == "TO" { words.removeFirst() }
        // More than one setting in one text: the last cannot be told.
        guard first == "SET", let value = words.popFirst(), words.isEmpty || words.count == 1 else {
            self = .unlimited
            return
        }
        let unit = words.first ?? ""
        if value.uppercased() == "DEFAULT" {
            self = .configured
        } else {
            self.init(value: "\(value)\(unit)"[...])
        }
    }

    /// A number with a unit; milliseconds without.
    private init(value: Substring) {
        let text = value.filter { $0 != "'" && $0 != " " && $0 != "\\" }
        let digits = text.prefix { $0.isNumber || $0 == "." }
        let scales: [Substring: Double] = [
            "": 0.001, "us": 0.000_001, "ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400,
        ]
        guard let number = Double(digits), let scale = scales[text.dropFirst(digits.count)], number > 0 else {
            self = .unlimited
            return
        }
        self = .limited(.seconds(number * scale))
    }
}
