import DriverSupport

/// The parts of an `amqp` or `amqps` URL, percent-decoded. Its errors name the part and never show its value.
struct ConnectionURL {
    /// At least one.
    private(set) var endpoints: [Endpoint] = []
    var user = "guest"
    var password = "guest"
    var virtualHost = "/"
    var tls: RabbitMQTLS?
    var heartbeat: Duration?
    var connectTimeout: Duration?

    init(parsing url: String) throws(RabbitMQError) {
        var rest = Substring(url)
        var port: UInt16 = 5672
        if rest.hasPrefix("amqp://") {
            rest = rest.dropFirst("amqp://".count)
        } else if rest.hasPrefix("amqps://") {
            rest = rest.dropFirst("amqps://".count)
            tls = RabbitMQTLS()
            port = 5671
        } else {
            throw Self.error("the scheme is neither amqp:// nor amqps://")
        }
        var query: Substring?
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        if let slash = rest.firstIndex(of: "/") {
            let path = rest[rest.index(after: slash)...]
            // An empty virtual host is of no use to anyone: a trailing slash means the default one.
            if !path.isEmpty { virtualHost = try Self.decode(path, "virtual host") }
            // Else a part of the password would be taken for the virtual host, which is shown.
            if path.contains("@") { throw Self.error("an @ after the host: a / in the password must be written %2F") }
            rest = rest[..<slash]
        }
        if let at = rest.lastIndex(of: "@") {
            try parseUserInfo(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        for part in rest.split(separator: ",", omittingEmptySubsequences: false) {
            if part.isEmpty, !rest.isEmpty { throw Self.error("a host is missing before or after a comma") }
            endpoints.append(try Self.endpoint(part, port: port))
        }
        if let query { try parseQuery(query) }
    }

    private mutating func parseUserInfo(_ text: Substring) throws(RabbitMQError) {
        if let colon = text.firstIndex(of: ":") {
            user = try Self.decode(text[..<colon], "user")
            password = try Self.decode(text[text.index(after: colon)...], "password")
        } else {
            user = try Self.decode(text, "user")
            password = ""
        }
    }

    private static func endpoint(_ text: Substring, port: UInt16) throws(RabbitMQError) -> Endpoint {
        var endpoint = Endpoint(host: "localhost", port: port)
        var portText: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw error("the IPv6 address has no end") }
            endpoint.host = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw error("no port after the IPv6 address") }
            portText = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            if colon > text.startIndex { endpoint.host = try decode(text[..<colon], "host") }
            portText = text[text.index(after: colon)...]
        } else if !text.isEmpty {
            endpoint.host = try decode(text, "host")
        }
        guard let portText, !portText.isEmpty else { return endpoint }
        guard let number = UInt16(portText), number > 0 else {
            throw error("the port is not a number from 1 to 65535")
        }
        endpoint.port = number
        return endpoint
    }

    private mutating func parseQuery(_ query: Substring) throws(RabbitMQError) {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decode(parts[0], "query")
            let value = parts.count > 1 ? try Self.decode(parts[1], name) : ""
            switch name {
            case "heartbeat":
                heartbeat = .seconds(try Self.number(value, 0...65535, "heartbeat"))
            case "connection_timeout":
                connectTimeout = .milliseconds(try Self.number(value, 1...3_600_000, "connection_timeout"))
            case "cacertfile", "certfile", "keyfile", "verify", "auth_mechanism":
                try parseTLS(name, value)
            default:
                // Not by name: after a password with an unescaped question mark this would be a part of it.
                throw Self.error("the query has an unknown option; known are \(Self.options)")
            }
        }
    }

    private mutating func parseTLS(_ name: String, _ value: String) throws(RabbitMQError) {
        if name == "auth_mechanism", value == "plain" { return }
        guard var settings = tls else { throw Self.error("\(name) needs amqps://") }
        switch (name, value) {
        case ("cacertfile", _): settings.certificateAuthorityFile = value
        case ("certfile", _): settings.certificateFile = value
        case ("keyfile", _): settings.keyFile = value
        case ("verify", "verify_peer"): settings.verifiesPeer = true
        case ("verify", "verify_none"): settings.verifiesPeer = false
        case ("auth_mechanism", "external"): settings.authenticatesByCertificate = true
        default: throw Self.error("\(name) has an unknown value")
        }
        tls = settings
    }

    private static func number(
        _ text: String, _ range: ClosedRange<Int>, _ name: String
    ) throws(RabbitMQError) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw error("\(name) is not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func decode(_ text: Substring, _ part: String) throws(RabbitMQError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                    throw error("the \(part) has a bad percent escape")
                }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(byte)
            }
        }
        // The C library takes these as C strings.
        guard !bytes.contains(0), let decoded = String(validating: bytes, as: UTF8.self) else {
            throw error("the \(part) is not valid UTF-8 text")
        }
        return decoded
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static let options =
        "heartbeat, connection_timeout, cacertfile, certfile, keyfile, verify, auth_mechanism"

    private static func error(_ text: String) -> RabbitMQError {
        RabbitMQError(.configuration, "AMQP URL: \(text)")
    }
}
