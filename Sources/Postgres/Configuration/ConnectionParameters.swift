import CPostgres

/// libpq's connection parameters, as its own parser reads them from a URL.
struct ConnectionParameters: Sendable {
    private(set) var values: [String: String]

    /// - Throws: an error that quotes no part of the URL: libpq's own message may show the password.
    init(url: String) throws(PostgresConfigurationError) {
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
            throw PostgresConfigurationError("it must begin with postgres:// or postgresql://")
        }
        if url.utf8.contains(0) { throw PostgresConfigurationError("it contains a NUL character") }
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &message) else {
            PQfreemem(message)
            throw PostgresConfigurationError(
                "it cannot be parsed; check its parameters' names, and that special characters in the user name "
                    + "and password are percent-encoded")
        }
        defer { PQconninfoFree(options) }
        values = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        for port in (values["port"] ?? "").split(separator: ",", omittingEmptySubsequences: true) {
            guard let number = Int(port), (1...65535).contains(number) else {
                throw PostgresConfigurationError("a port must be a number from 1 to 65535")
            }
        }
        for (keyword, words) in Self.choices {
            if let value = values[keyword], !words.contains(value) {
                throw PostgresConfigurationError("\(keyword) must be one of \(words.joined(separator: ", "))")
            }
        }
    }

    /// Parameters of a few words, which libpq itself checks only when it connects: a wrong one would look like a server
    /// that is away.
    private static let choices = [
        ("sslmode", ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]),
        ("target_session_attrs", ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"]),
        ("channel_binding", ["disable", "prefer", "require"]),
        ("gssencmode", ["disable", "prefer", "require"]),
    ]

    subscript(keyword: String) -> String? {
        get { values[keyword] }
        set { values[keyword] = newValue }
    }

    /// Sets a parameter unless the URL has.
    mutating func setDefault(_ keyword: String, _ value: String) {
        if values[keyword] == nil { values[keyword] = value }
    }

    var hosts: [String] {
        (values["host"] ?? values["hostaddr"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
            .map(String.init)
    }

    /// `host:port` of every host.
    var place: String {
        let ports = (values["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let places = hosts.enumerated().map { index, host in
            let port = ports.count == 1 ? ports[0] : index < ports.count ? ports[index] : ""
            return port.isEmpty ? host : "\(host):\(port)"
        }
        return places.joined(separator: ",")
    }

    /// `user@host:port/database`, with every host, without password and options.
    var redacted: String {
        let user = values["user"].map { "\($0)@" } ?? ""
        let database = values["dbname"].map { "/\($0)" } ?? ""
        return user + place + database
    }
}
